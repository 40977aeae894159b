// What a command writes is not what it reads: a file that stands on both sides is refused before anything is opened.
import { copyFileSync, linkSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { DEMO_ELF } from "../support/demo-guest.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";

const RECORD = (at: (name: string) => string): readonly string[] => [
  ...["record", "--kernel", at("x.elf"), "--append", "poweroff"],
];

const FORMS: readonly {
  readonly what: string;
  readonly words: (at: (name: string) => string) => readonly string[];
  readonly kept: string;
  readonly says: RegExp;
}[] = [
  {
    what: "a recording packed onto itself",
    words: (at) => ["pack", at("a.fold"), "-o", at("a.fold"), "--force"],
    kept: "a.fold",
    says: /--output .*a\.fold is what FILE names/,
  },
  {
    what: "a recording packed onto itself by a link",
    words: (at) => ["pack", at("a.fold"), "-o", at("link.fold"), "--force"],
    kept: "a.fold",
    says: /--output .*link\.fold is what FILE names/,
  },
  {
    what: "a recording packed onto itself by another name",
    words: (at) => ["pack", at("a.fold"), "-o", at("hard.fold"), "--force"],
    kept: "a.fold",
    says: /--output .*hard\.fold is what FILE names/,
  },
  {
    what: "a recording onto its kernel",
    words: (at) => ["record", "--force", "-o", at("x.elf"), "--kernel", at("x.elf"), "--append", "poweroff"],
    kept: "x.elf",
    says: /--output .*x\.elf is what --kernel names/,
  },
  {
    what: "a recording onto its disk",
    words: (at) => [
      ...["record", "--force", "-o", at("disk.raw"), "--kernel", at("x.elf"), "--append", "poweroff"],
      ...["--drive", `file=${at("disk.raw")},format=raw`],
    ],
    kept: "disk.raw",
    says: /--output .*disk\.raw is what --drive names/,
  },
  {
    what: "a recording onto the state that it begins with",
    words: (at) => ["record", "--force", "-o", at("a.state"), "--from", at("a.state")],
    kept: "a.state",
    says: /--output .*a\.state is what --from names/,
  },
  {
    what: "a state onto the recording that it is of",
    words: (at) => ["replay", at("a.fold"), "--save", at("a.fold"), "--force"],
    kept: "a.fold",
    says: /--save .*a\.fold is what FILE names/,
  },
  {
    what: "a console onto the kernel",
    words: (at) => ["run", "--kernel", at("x.elf"), "--append", "poweroff", "--serial", `file:${at("x.elf")}`],
    kept: "x.elf",
    says: /--serial .*x\.elf is what --kernel names/,
  },
  {
    what: "what happens onto the recording that is there",
    words: (at) => [...RECORD(at), "--force", "-o", at("a.fold"), "--events", at("a.fold")],
    kept: "a.fold",
    says: /--events .*a\.fold is what --output names/,
  },
  {
    what: "what happens onto the recording that is to be",
    words: (at) => [...RECORD(at), "-o", at("new.fold"), "--events", at("new.fold")],
    kept: "x.elf",
    says: /--events .*new\.fold is what --output names/,
  },
  {
    what: "a new recording and a console, by a link to its folder",
    words: (at) => [...RECORD(at), "-o", at("new.fold"), "--serial", `file:${at("folder/new.fold")}`],
    kept: "x.elf",
    says: /--serial .*new\.fold is what --output names/,
  },
  {
    what: "what happens and a console, to one new file",
    words: (at) => [...RECORD(at), "-o", at("new.fold"), "--events", at("rows"), "--serial", `file:${at("rows")}`],
    kept: "x.elf",
    says: /--serial .*rows is what --events names|--events .*rows is what --serial names/,
  },
  {
    what: "a recording packed onto an image that it names",
    words: (at) => ["pack", at("plain.fold"), "-o", at("x.elf"), "--force"],
    kept: "x.elf",
    says: /--output .*x\.elf is the kernel of the recorded machine/,
  },
  {
    what: "a disk exported onto the image that it is of",
    words: (at) => ["export-disk", at("plain.fold"), "-o", at("disk.raw"), "--force"],
    kept: "disk.raw",
    says: /--output .*disk\.raw is the drive0 of the recorded machine/,
  },
  {
    what: "a state onto an image of its recording",
    words: (at) => ["replay", at("plain.fold"), "--save", at("disk.raw"), "--force"],
    kept: "disk.raw",
    says: /--save .*disk\.raw is the drive0/,
  },
  {
    what: "a snapshot onto an image of its recording",
    words: (at) => ["snapshots", at("plain.fold"), "--extract", "here", "-o", at("x.elf"), "--force"],
    kept: "x.elf",
    says: /--output .*x\.elf is the kernel/,
  },
  {
    what: "a recording onto an image of the snapshot that it begins with",
    words: (at) => ["record", "--force", "-o", at("disk.raw"), "--from", `${at("plain.fold")}#here`],
    kept: "disk.raw",
    says: /--output .*disk\.raw is the drive0/,
  },
  {
    what: "a report onto an image of the recording that it is about",
    words: (at) => ["verify", at("plain.fold"), "--junit", at("disk.raw")],
    kept: "disk.raw",
    says: /--junit .*disk\.raw is the drive0/,
  },
  {
    what: "a report onto an image of a recording in the folder that it is about",
    words: (at) => ["verify", at("."), "--junit", at("x.elf")],
    kept: "x.elf",
    says: /--junit .*x\.elf is the kernel/,
  },
  {
    what: "a report onto a recording in the folder that it is about",
    words: (at) => ["verify", at("."), "--junit", at("a.fold")],
    kept: "a.fold",
    says: /--junit .*a\.fold is a recording that is verified/,
  },
  {
    what: "recordings of a hunt onto their disk",
    words: (at) => [
      ...["hunt", "--runs", "1", "--kernel", at("x.elf"), "--append", "poweroff"],
      ...["--drive", `${at("disk.raw")},format=raw`, "--force", "-o", at("disk.raw")],
    ],
    kept: "disk.raw",
    says: /--output .*disk\.raw is what --drive names/,
  },
  {
    what: "an index onto an image of its recording",
    words: (at) => ["index", at("plain.fold"), "--index", at("disk.raw")],
    kept: "disk.raw",
    says: /--index .*disk\.raw is the drive0/,
  },
  {
    what: "a recording onto the file of its console",
    words: (at) => [
      ...["record", "--force", "-o", at("a.fold"), "--kernel", at("x.elf"), "--append", "poweroff"],
      ...["--serial", `file:${at("a.fold")}`],
    ],
    kept: "a.fold",
    says: /--serial .*a\.fold is what --output names|--output .*a\.fold is what --serial names/,
  },
];

for (const { what, words, kept, says } of FORMS) {
  test(`given ${what}, then it is refused, and the file is as it was`, () =>
    withTemporaryFolder(async (folder) => {
      const at = (name: string): string => join(folder, name);
      copyFileSync(DEMO_ELF, at("x.elf"));
      writeFileSync(at("disk.raw"), new Uint8Array(4096));
      const recorded = ["record", "--embed", "-o", at("a.fold"), "--kernel", at("x.elf"), "--append", "poweroff"];
      assert.is((await foldvm([...recorded, "--memory", "8M"])).code, 0);
      assert.is((await foldvm(["replay", "-q", at("a.fold"), "--until", "1000", "--save", at("a.state")])).code, 0);
      const drive = ["--drive", `${at("disk.raw")},format=raw`];
      const plain = ["record", "-o", at("plain.fold"), "--kernel", at("x.elf"), "--append", "poweroff", ...drive];
      assert.is((await foldvm([...plain, "--memory", "8M"])).code, 0);
      assert.is((await foldvm(["snapshots", at("plain.fold"), "--save", "here", "--at", "1000"])).code, 0);
      symlinkSync(at("a.fold"), at("link.fold"));
      symlinkSync(folder, at("folder"));
      linkSync(at("a.fold"), at("hard.fold"));
      const before = readFileSync(at(kept));
      const { code, stderr } = await foldvm(words(at));
      assert.is(code, 2, stderr);
      assert.match(stderr, says);
      assert.ok(before.equals(readFileSync(at(kept))));
    }));
}

test.run();
