/** The initramfs is a pure function of the busybox it is made of. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { appletNames, BANNER, initramfs } from "../../../scripts/debian/initramfs.js";

const busybox = new TextEncoder().encode("\x7fELF code [\0[[\0acpid\0busybox\0poweroff\0zcat\0\0/var/log\0");

test("given a busybox, when its applets are read, then the table ends where the next string begins", () => {
  assert.equal(appletNames(busybox), ["[", "[[", "acpid", "busybox", "poweroff", "zcat"]);
});

test("given a file without an applet table, when its applets are read, then the error says so", () => {
  assert.throws(() => appletNames(new Uint8Array(100)), /no table of applet names/);
});

test("given the same busybox twice, when the initramfs is made, then the bytes are the same", () => {
  assert.is(Buffer.compare(initramfs(busybox), initramfs(busybox.slice())), 0);
});

test("given an initramfs, when it is searched, then its /init prints the banner that others wait for", () => {
  assert.ok(Buffer.from(initramfs(busybox)).includes(BANNER));
});

test.run();
