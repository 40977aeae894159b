// Builds src to dist: only what changed since the last build, and without leftovers of sources that are gone. Plain JavaScript,
// since `prepare` runs it right after an installation.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(root, "node_modules/typescript-native/bin/tsc");

/** Removes what dist holds of a source that is no more, so that nothing can import it by mistake. */
const sweep = () => {
  if (!existsSync(join(root, "dist"))) return;
  for (const entry of readdirSync(join(root, "dist"), { recursive: true, encoding: "utf8" })) {
    const source = /^(.*?)\.(?:d\.ts|js|js\.map)$/.exec(entry)?.[1];
    if (source !== undefined && !existsSync(join(root, "src", `${source}.ts`))) rmSync(join(root, "dist", entry));
  }
};

if (!existsSync(tsc)) {
  process.stderr.write(
    "The compiler is not installed: run  npm ci  (with development packages), then  npm run build\n",
  );
  // An installation without development packages runs `prepare` too, and must not fail for it.
  process.exit(process.env["npm_lifecycle_event"] === "prepare" ? 0 : 1);
}
sweep();
// The record of the last build lies in dist, so that removing dist forgets it too.
const result = spawnSync(process.execPath, [tsc, "--project", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
process.exitCode = result.status ?? 1;
