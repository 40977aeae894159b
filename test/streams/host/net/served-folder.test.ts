// A folder of the host's that a guest may read from: what it gets there, and that it gets nothing else.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  checkServedFolder,
  openServedFile,
  ServedFolderError,
} from "../../../../src/streams/host/net/served-folder.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const withFolder = (work: (folder: string, outside: string) => void) =>
  withTemporaryFolder((parent) => {
    const [folder, outside] = [join(parent, "served"), join(parent, "served-not")];
    for (const path of [folder, outside, join(folder, "below")]) mkdirSync(path);
    writeFileSync(join(folder, "kernel"), "vmlinux");
    writeFileSync(join(folder, "below", "initrd"), "cpio");
    writeFileSync(join(outside, "secret"), "not for you");
    work(folder, outside);
    return Promise.resolve();
  });

const textOf = (folder: string, name: string): string => {
  const file = openServedFile(folder, name);
  if (typeof file === "string") return file;
  const bytes = file.read(0, 1000) ?? new Uint8Array(0);
  file.close();
  assert.is(bytes.length, file.size);
  return `file: ${Buffer.from(bytes).toString()}`;
};

test("given a folder, when names in it are asked for, then they are read, with or without a slash before them", () =>
  withFolder((folder) => {
    for (const name of ["kernel", "/kernel", "//kernel", "./kernel", "below/../kernel"])
      assert.is(textOf(folder, name), "file: vmlinux", name);
    assert.is(textOf(folder, "below/initrd"), "file: cpio");
    const file = openServedFile(folder, "kernel");
    assert.equal(typeof file === "string" ? file : file.read(5, 100), Uint8Array.from(Buffer.from("ux")));
  }));

test("given names that lead out of the folder, then they are refused or not found, and nothing is read", () =>
  withFolder((folder, outside) => {
    symlinkSync(join(outside, "secret"), join(folder, "link"));
    symlinkSync(outside, join(folder, "away"));
    symlinkSync("../../served-not/secret", join(folder, "below", "relative"));
    for (const name of ["../served-not/secret", "/../served-not/secret", "link", "away/secret", "below/relative", ".."])
      assert.is(textOf(folder, name), "forbidden", name);
    // The absolute path of a file is a name below the folder.
    assert.is(textOf(folder, join(outside, "secret")), "notFound");
  }));

test("given a symbolic link within the folder, then it is followed", () =>
  withFolder((folder) => {
    symlinkSync("below/initrd", join(folder, "link"));
    assert.is(textOf(folder, "link"), "file: cpio");
  }));

test("given what is no regular file, or none, then it is refused or not found, and nothing waits for it", () =>
  withFolder((folder) => {
    execFileSync("mkfifo", [join(folder, "fifo")]);
    symlinkSync("loop", join(folder, "loop"));
    for (const name of ["fifo", "below", "loop"]) assert.is(textOf(folder, name), "forbidden", name);
    for (const name of ["", "nothing", "kernel/x", "k\0", "n".repeat(300)])
      assert.is(textOf(folder, name), "notFound", name);
  }));

test("given a folder that is not there, or a file, then the error names it and what to do", () =>
  withFolder((folder) => {
    checkServedFolder(folder);
    for (const wrong of [join(folder, "nothing"), join(folder, "kernel")])
      assert.throws(
        () => {
          checkServedFolder(wrong);
        },
        (error: unknown) =>
          error instanceof ServedFolderError &&
          error.message.includes(wrong) &&
          error.message.includes("name a folder"),
      );
  }));

test.run();
