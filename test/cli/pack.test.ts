import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { fileSink } from "../../src/streams/host/file-sink.js";
import { openLogFile } from "../../src/streams/host/log-file.js";
import { packLog } from "../../src/streams/store/log/index.js";
import { DEMO_ELF } from "../support/demo-guest.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm, testStdio } from "./command-line.js";

type At = (name: string) => string;

/** A folder with a kernel and a disk of its own; `gone` takes them away. */
const withImages = (work: (at: At, machine: readonly string[], gone: () => void) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const at: At = (name) => join(folder, name);
    copyFileSync(DEMO_ELF, at("x.elf"));
    const disk = new Uint8Array(3_000_000);
    disk[2_000_000] = 1;
    writeFileSync(at("disk.raw"), disk);
    const drive = ["--drive", `file=${at("disk.raw")},format=raw`];
    const machine = ["--bios", "none", "--kernel", at("x.elf"), "--append", "poweroff", "--memory", "8M", ...drive];
    await work(at, machine, () => {
      rmSync(at("x.elf"));
      rmSync(at("disk.raw"));
    });
  });

const verified = async (path: string): Promise<string> => {
  const { code, stdout, stderr } = await foldvm(["verify", path, "--json"]);
  assert.is(code, 0, stderr);
  return (JSON.parse(stdout) as { stateHash: string }).stateHash;
};

test("given record --embed, when the images are gone, then it replays all the same, and its disk is there", async () => {
  await withImages(async (at, machine, gone) => {
    const { code, stderr } = await foldvm(["record", "--embed", "-o", at("a.fold"), ...machine]);
    assert.is(code, 0, stderr);
    const hash = await verified(at("a.fold"));
    gone();
    assert.is(await verified(at("a.fold")), hash);
    assert.is((await foldvm(["export-disk", at("a.fold"), "-o", at("out.raw"), "-q"])).code, 0);
    assert.is(readFileSync(at("out.raw"))[2_000_000], 1);
  });
});

test("given a recording, when packed, then the new one replays anywhere, also where other images have the names", async () => {
  await withImages(async (at, machine, gone) => {
    await foldvm(["record", "-o", at("a.fold"), ...machine]);
    const { code, stderr } = await foldvm(["pack", at("a.fold"), "-o", at("b.fold")]);
    assert.is(code, 0, stderr);
    assert.match(stderr, /packed .*b\.fold: 2 images/);
    const hash = await verified(at("a.fold"));
    gone();
    writeFileSync(at("x.elf"), "rebuilt");
    assert.is(await verified(at("b.fold")), hash);
    assert.is((await foldvm(["verify", at("a.fold")])).code, 66);
    const info = JSON.parse((await foldvm(["info", "--json", at("b.fold")])).stdout) as {
      images: readonly { embedded: boolean }[];
    };
    assert.ok(info.images.length === 2 && info.images.every(({ embedded }) => embedded));
    assert.match((await foldvm(["info", at("b.fold")])).stdout, /sha256 [0-9a-f]{64}, in the recording/);
  });
});

test("given a packed recording with a snapshot, when a machine begins there, then it takes its images from it", async () => {
  await withImages(async (at, machine, gone) => {
    await foldvm(["record", "--embed", "-o", at("a.fold"), ...machine]);
    gone();
    assert.is((await foldvm(["snapshots", at("a.fold"), "--save", "here", "--at", "1,000"])).code, 0);
    const { code, stderr } = await foldvm(["record", "--embed", "--from", `${at("a.fold")}#here`, "-o", at("b.fold")]);
    assert.is(code, 0, stderr);
    rmSync(at("a.fold"));
    await verified(at("b.fold"));
  });
});

test("given an image that is gone, when packed, then it is named, and no file is begun", async () => {
  await withImages(async (at, machine, gone) => {
    await foldvm(["record", "-o", at("a.fold"), ...machine]);
    gone();
    const { code, stderr } = await foldvm(["pack", at("a.fold"), "-o", at("b.fold")]);
    assert.is(code, 66);
    assert.match(stderr, /kernel .*x\.elf.* is not there; name the file with the option kernel \(--kernel FILE\)/);
    assert.throws(() => readFileSync(at("b.fold")), /ENOENT/);
  });
});

test("given images that a forger has put under another's digest, when verified, then they are refused, and none runs", async () => {
  await withImages(async (at, machine) => {
    await foldvm(["record", "-o", at("a.fold"), ...machine]);
    for (const role of ["kernel", "drive0"]) {
      const log = openLogFile(at("a.fold"));
      const [image] = log.header.images.filter((one) => one.role === role);
      const { sha256 = "", size: byteLength = 0 } = image ?? {};
      const forged = { sha256, byteLength, read: (_: number, target: Uint8Array) => target.fill(1) };
      packLog(log, [forged], fileSink(at(`${role}.fold`)));
      const { code, stderr } = await foldvm(["verify", at(`${role}.fold`)]);
      assert.is(code, 65);
      assert.match(stderr, `the ${role} that the recording carries is damaged: its sha256 is`);
      log.close();
    }
  });
});

test("given pack without or with an existing file, when called, then nothing is overwritten", async () => {
  await withImages(async (at, machine) => {
    await foldvm(["record", "-o", at("a.fold"), ...machine]);
    assert.match((await foldvm(["pack", at("a.fold")])).stderr, "-o OUT");
    writeFileSync(at("b.fold"), "another's");
    const { code, stderr } = await foldvm(["pack", at("a.fold"), "-o", at("b.fold")]);
    assert.is(code, 73);
    assert.match(stderr, "exists already");
    assert.is(readFileSync(at("b.fold"), "utf8"), "another's");
  });
});

test("given a packed recording through standard streams, when verified, then it is the same", async () => {
  await withImages(async (at, machine, gone) => {
    await foldvm(["record", "-o", at("a.fold"), ...machine]);
    const { stdout, code } = await foldvm(["pack", at("a.fold"), "-o", "-", "-q"]);
    assert.is(code, 0);
    gone();
    const stdio = testStdio();
    stdio.stdin.end(Buffer.from(stdout, "latin1"));
    assert.match((await foldvm(["verify", "-"], stdio)).stdout, /^OK/);
  });
});

test.run();
