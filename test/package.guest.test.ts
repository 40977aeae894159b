// The package as a user installs it: from the packed tarball, in plain ESM Node, without tsx and without this checkout.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packAndInstall, type InstalledPackage } from "../scripts/pack.js";
import { requires, skip } from "./support/requires.js";
import { snippetsOf } from "./support/snippets.js";

const run = promisify(execFile);
const tsc = join(process.cwd(), "node_modules/typescript-native/bin/tsc");
const packed = suite("the packed package");

/** What may be in it. */
const EXPECTED =
  /^(?:bin|dist|docs|guests|logs)\/|^(?:LICENSE|ARCHITECTURE\.md|CONTRIBUTING\.md|README\.md|package\.json)$/;

let folder: string | undefined;
let installing: Promise<InstalledPackage> | undefined;

/** Once for all tests, and inside the first of them: uvu keeps no word of what a `before` hook throws. */
const installed = (): Promise<InstalledPackage> => (installing ??= install());

const install = async (): Promise<InstalledPackage> => {
  folder = await mkdtemp(join(tmpdir(), "foldvm-package-"));
  return packAndInstall(folder);
};

packed.after(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const possible = existsSync("src/index.ts")
  ? requires("the packed package", ["npm"])
  : skip("the packed package", "there is no src/index.ts");

if (possible) {
  packed("given the tarball, when listed, then it holds what runs and nothing of the checkout", async () => {
    const { files } = await installed();
    for (const path of [
      "bin/foldvm.js",
      "dist/index.js",
      "dist/index.d.ts",
      "dist/command/current",
      "guests/demo/demo.elf",
      "guests/demo/race.script",
      "guests/harts/harts.elf",
      "LICENSE",
      "README.md",
    ]) {
      assert.ok(files.includes(path), `${path} is missing of ${files.join(" ")}`);
    }
    const strays = files.filter((path) => !EXPECTED.test(path));
    assert.equal(strays, []);
    assert.equal(
      files.filter((path) => path.endsWith(".tsbuildinfo")),
      [],
    );
  });

  packed(
    "given the package installed, when its interpreters are made anew, then they are those that it brings",
    async () => {
      const { project, files } = await installed();
      const at = (path: string): string => join(project, "node_modules/foldvm", path);
      const { interpreterFor } = (await import(
        pathToFileURL(at("dist/machine/engine/wasm-engine.js")).href
      )) as typeof import("../src/machine/engine/wasm-engine.js");
      const { name, makeAhead } = interpreterFor({ ramBytes: 128 * 2 ** 20 });
      const prebuilt = files.filter((path) => path.endsWith(`.${name}.wasm`));
      assert.is(prebuilt.length, 1, files.filter((path) => path.startsWith("dist/command/")).join(" "));
      assert.is(Buffer.compare(readFileSync(at(prebuilt[0] ?? "")), makeAhead()), 0);
      assert.is(files.filter((path) => path.endsWith(".cache")).length, 1);
    },
  );

  packed("given the package installed, when a plain ESM program imports it, then it gets the library", async () => {
    const { project } = await installed();
    const program = 'import * as foldvm from "foldvm"; console.log(JSON.stringify(Object.keys(foldvm)));';
    await writeFile(join(project, "program.js"), program);
    const { stdout } = await run(process.execPath, ["program.js"], { cwd: project });
    assert.ok((JSON.parse(stdout) as string[]).length > 0, "it exports nothing");
  });

  packed("given the package installed, when strict TypeScript imports it, then its types are whole", async () => {
    const { project } = await installed();
    const program = 'import * as foldvm from "foldvm";\nexport const api: object = foldvm;\n';
    await writeFile(join(project, "program.ts"), program);
    const options = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "--types", "node"];
    const typeRoots = ["--typeRoots", join(process.cwd(), "node_modules/@types")];
    // Not skipLibCheck: it would hide a type that our declarations name and the package does not bring.
    const compiling = run(process.execPath, [tsc, ...options, ...typeRoots, "program.ts"], { cwd: project });
    const { stdout } = await compiling.catch((error: unknown) => error as { stdout: string });
    assert.is(stdout, "");
  });

  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["preserve", "bundler"],
  ] as const) {
    packed(
      `given every snippet of the documents, when strict TypeScript compiles it (${moduleResolution}, no DOM), then it does`,
      async () => {
        const { project } = await installed();
        const snippets = [
          snippetsOf("docs/library.md").join(""),
          // The spec for vitest is run where vitest is: test/test-runners.guest.test.ts.
          ...snippetsOf("README.md").filter((code) => !code.includes('"vitest"')),
          'import { Machine } from "foldvm/machine";\nexport const machine: typeof Machine = Machine;\n',
        ];
        const files = await Promise.all(
          snippets.map(async (snippet, index) => {
            const file = `snippet${String(index)}.ts`;
            await writeFile(join(project, file), snippet);
            return file;
          }),
        );
        const strict = [
          "--strict",
          "--noUncheckedIndexedAccess",
          "--exactOptionalPropertyTypes",
          "--noImplicitReturns",
        ];
        const where = [
          "--target",
          "es2023",
          "--lib",
          "es2023",
          "--module",
          module,
          "--moduleResolution",
          moduleResolution,
        ];
        const types = ["--types", "node", "--typeRoots", join(process.cwd(), "node_modules/@types")];
        const compiling = run(process.execPath, [tsc, "--noEmit", ...strict, ...where, ...types, ...files], {
          cwd: project,
        });
        const { stdout } = await compiling.catch((error: unknown) => error as { stdout: string });
        assert.is(stdout, "");
      },
    );
  }

  packed("given the documents of the package, when they link to a file, then the package has it", async () => {
    const { project, files } = await installed();
    for (const page of files.filter((file) => file.endsWith(".md"))) {
      const text = readFileSync(join(project, "node_modules/foldvm", page), "utf8");
      for (const [, link = ""] of text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)) {
        const target = posix.normalize(posix.join(posix.dirname(page), link));
        assert.ok(
          files.some((file) => file === target || file.startsWith(`${target}/`)),
          `${page} links to ${link}`,
        );
      }
    }
  });

  packed(
    "given the installed command, when it fails by a fault of its own, then its stack has no path of who packed it",
    async () => {
      const { project } = await installed();
      const loader = JSON.stringify(join(project, "node_modules/foldvm/bin/load-command.js"));
      const failing = `require(${loader}).loadCommand().main(null).catch(({ stack }) => console.log(stack))`;
      const { stdout } = await run(process.execPath, ["--eval", failing], { cwd: project });
      assert.match(stdout, /foldvm-\w+\.cjs/);
      assert.not.match(stdout, process.cwd());
    },
  );

  packed("given the package installed, when its command is asked for help, then it answers", async () => {
    const { project } = await installed();
    const { stdout } = await run(join(project, "node_modules/.bin/foldvm"), ["--help"], { cwd: project });
    assert.match(stdout, /foldvm/);
  });

  packed("given the package installed, when its demonstration is run, then it catches both races", async () => {
    const { project } = await installed();
    const { stdout } = await run(join(project, "node_modules/.bin/foldvm"), ["demo"], { cwd: project });
    assert.is([...stdout.matchAll(/^It fails in every replay: /gm)].length, 2, stdout);
    assert.match(stdout, /^ {2}foldvm hunt --smp 2 .*--kernel node_modules\/foldvm\/guests\/harts\/harts\.elf/m);
  });
}

packed.run();
