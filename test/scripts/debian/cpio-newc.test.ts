/** Our archives against the `cpio` program, which reads and writes the same format. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cpioNewc, type CpioEntry } from "../../../scripts/debian/cpio-newc.js";
import { requires } from "../../support/requires.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

// Names and contents of every length modulo 4, since both are padded.
const files: readonly CpioEntry[] = [
  { kind: "file", path: "a", mode: 0o755, bytes: bytes("") },
  { kind: "file", path: "ab", mode: 0o644, bytes: bytes("1") },
  { kind: "file", path: "abc", mode: 0o600, bytes: bytes("12") },
  { kind: "file", path: "abcd", mode: 0o640, bytes: bytes("123") },
  { kind: "symlink", path: "link", target: "abcd" },
  { kind: "symlink", path: "longlink", target: "a/b/c" },
  { kind: "file", path: "big", mode: 0o444, bytes: new Uint8Array(70_001).fill(0xa5) },
];

const inTemporaryDirectory = (work: (directory: string) => void): void => {
  const directory = mkdtempSync(join(tmpdir(), "foldvm-cpio-"));
  try {
    work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
};

const place = (root: string, entry: CpioEntry): void => {
  const path = join(root, entry.path);
  mkdirSync(dirname(path), { recursive: true });
  if (entry.kind === "symlink") symlinkSync(entry.target, path);
  if (entry.kind === "file") {
    writeFileSync(path, entry.bytes);
    chmodSync(path, entry.mode);
  }
  lutimesSync(path, 0, 0);
};

if (requires("cpio writes the same bytes", ["cpio"]))
  test("given files and links, when cpio and we archive them, then the bytes are the same", () => {
    inTemporaryDirectory((directory) => {
      for (const entry of files) place(directory, entry);
      const theirs = execFileSync("cpio", ["-o", "-H", "newc", "--reproducible", "-R", "0:0", "--quiet"], {
        cwd: directory,
        input: files.map(({ path }) => `${path}\n`).join(""),
      });
      assert.is(Buffer.compare(theirs, cpioNewc(files)), 0);
    });
  });

if (requires("cpio lists directories and devices", ["cpio"]))
  test("given directories and devices, when cpio lists our archive, then it sees their modes and numbers", () => {
    const archive = cpioNewc([
      { kind: "directory", path: "dev", mode: 0o755 },
      { kind: "characterDevice", path: "dev/console", mode: 0o600, major: 5, minor: 1 },
      { kind: "characterDevice", path: "dev/null", mode: 0o666, major: 1, minor: 3 },
    ]);
    const environment = { ...process.env, LC_ALL: "C", TZ: "UTC" };
    const listing = execFileSync("cpio", ["-itvn", "--quiet"], { input: archive, env: environment, encoding: "utf8" });
    assert.equal(
      listing
        .trim()
        .split("\n")
        .map((line) => line.replace(/\s+/g, " ")),
      [
        "drwxr-xr-x 2 0 0 0 Jan 1 1970 dev",
        "crw------- 1 0 0 5, 1 Jan 1 1970 dev/console",
        "crw-rw-rw- 1 0 0 1, 3 Jan 1 1970 dev/null",
      ],
    );
  });

if (requires("cpio extracts our archive", ["cpio"]))
  test("given our archive, when cpio extracts it, then every file is what went in", () => {
    inTemporaryDirectory((directory) => {
      execFileSync("cpio", ["-id", "--quiet"], { cwd: directory, input: cpioNewc(files) });
      for (const entry of files)
        if (entry.kind === "file")
          assert.is(Buffer.compare(readFileSync(join(directory, entry.path)), entry.bytes), 0, entry.path);
    });
  });

test.run();
