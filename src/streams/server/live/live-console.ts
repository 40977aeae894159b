/** The console of a machine that runs, for any number of peers: what was printed last, what is, and what is typed. */
import { PassThrough, Writable } from "node:stream";

/** Of what was printed, for who comes later. */
export const MAX_SCROLLBACK_BYTES = 1 << 16;

export class LiveConsole {
  private printedLast = Buffer.alloc(0);
  private readonly readers = new Set<(bytes: Uint8Array) => void>();

  /** The machine's standard input: it is read while the guest has room. */
  readonly input = new PassThrough();

  /** Its standard output. It waits for nobody: a reader that has no room says so to itself. */
  readonly output = new Writable({
    write: (bytes: Buffer, _, done) => {
      const all = Buffer.concat([this.printedLast, bytes]);
      this.printedLast = Buffer.from(all.subarray(Math.max(0, all.length - MAX_SCROLLBACK_BYTES)));
      for (const read of this.readers) read(bytes);
      done();
    },
  });

  get scrollback(): Uint8Array {
    return this.printedLast;
  }

  /** From now on. Answers what ends it. */
  read(reader: (bytes: Uint8Array) => void): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  }

  /** Resolves when there is room for more. */
  async type(bytes: Uint8Array): Promise<void> {
    const { input } = this;
    if (input.destroyed || input.write(bytes)) return;
    await new Promise((resolve) => input.once("drain", resolve).once("close", resolve));
  }
}
