/** A folder for files that nobody asked for: it goes with the process that made it. */
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class TemporaryFolder {
  /** Nobody else's. */
  readonly path = join(tmpdir(), `foldvm-${randomUUID()}`);

  file(name: string): string {
    return join(this.path, name);
  }

  make(): void {
    mkdirSync(this.path, { mode: 0o700 });
  }

  /** With all that is in it. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
