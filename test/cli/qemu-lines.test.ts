// Lines as QEMU's users have them: taken, or refused once with all that is wrong.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { decodeFdt } from "../../src/machine/fdt/decode.js";
import { DEMO_ELF } from "../support/demo-guest.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm, testStdio } from "./command-line.js";

const POWER_OFF = ["-bios", "none", "-kernel", DEMO_ELF, "-append", "poweroff"];

const TAKEN: readonly (readonly string[])[] = [
  ["-M", "virt", "-cpu", "rv64", "-smp", "1", "-m", "128M", "-nographic"],
  ["-machine", "virt,acpi=off,accel=tcg", "-cpu", "rv64,v=false,f=on", "-smp", "cpus=1,sockets=1", "-m", "size=64M"],
  ["-machine", "type=virt", "-display", "none", "-serial", "mon:stdio", "-no-reboot", "-accel", "tcg"],
  ["-serial", "stdio", "-monitor", "none", "-vga", "none", "-parallel", "none", "-net", "none", "-nic", "none"],
  ["-nodefaults", "-no-user-config", "-serial", "stdio", "-name", "x", "-rtc", "base=utc", "-snapshot"],
  ["-object", "rng-random,id=r,filename=/dev/urandom", "-device", "virtio-rng-device,rng=r"],
  ["-device", "virtio-serial-device", "-chardev", "null,id=c", "-device", "virtconsole,chardev=c"],
  ["-chardev", "stdio,id=u,mux=on,signal=off", "-serial", "chardev:u", "-mon", "chardev=u,mode=readline"],
  ["-netdev", "user,id=n", "-device", "virtio-net-device,netdev=n,mac=52:54:00:12:34:57"],
  ["-global", "virtio-mmio.force-legacy=false", "-m", "1G"],
];
for (const words of TAKEN) {
  test(`given ${words.join(" ")}, when run, then it is taken as it is`, async () => {
    const { code, stderr, stdout } = await foldvm(["run", ...words, ...POWER_OFF]);
    assert.is(code, 0, stderr);
    assert.match(stdout, "demo");
  });
}

const slotsOf = async (words: readonly string[]): Promise<readonly unknown[]> => {
  let slots: readonly unknown[] = [];
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const files = words.map((word) => word.replace("DISK", join(folder, "disk.raw")));
    writeFileSync(join(folder, "disk.raw"), new Uint8Array(4096));
    const { code, stderr } = await foldvm(["record", "-o", path, ...files, ...POWER_OFF]);
    assert.is(code, 0, stderr);
    const { machine } = JSON.parse((await foldvm(["info", "--json", path])).stdout) as {
      machine: { virtio: readonly (string | { kind: string; serial?: string })[] };
    };
    slots = machine.virtio.map((device) => (typeof device === "string" ? device : (device.serial ?? device.kind)));
  });
  return slots;
};

test("given devices, when placed, then each takes the last free slot in their order, as in QEMU, and plain drives follow", async () => {
  const slots = await slotsOf([
    ...["-drive", "file=DISK,format=raw,if=none,id=a,cache=none,aio=native", "-drive", "file=DISK,format=raw,serial=p"],
    ...["-device", "virtio-rng-device", "-device", "virtio-blk-device,drive=a,serial=s"],
    ...["-netdev", "user,id=n", "-device", "virtio-net-device,netdev=n"],
  ]);
  assert.equal(slots, ["none", "none", "none", "none", "p", "net", "s", "rng"]);
});

test("given a bus, when placed, then the device is in that slot", async () => {
  const slots = await slotsOf([
    ...["-drive", "file=DISK,if=none,format=raw,id=x0", "-nic", "user"],
    ...["-device", "virtio-blk-device,drive=x0,serial=x,bus=virtio-mmio-bus.0"],
  ]);
  assert.equal(slots.slice(0, 2), ["x", "net"]);
});

test("given a line with several things that can't be, when run, then one message lists them all", async () => {
  const { code, stderr, stdout } = await foldvm([
    ...["run", "-M", "sifive_u", "-cpu", "rv64,zba=on", "-smp", "9", "-m", "much", "-vnc", ":1", "-enable-kvm"],
    ...[
      "-device",
      "virtio-gpu-pci",
      "-device",
      "virtio-blk-pci,drive=x",
      "-hda",
      "disk.img",
      "-d",
      "in_asm",
      "-mmeory",
      "1",
    ],
  ]);
  assert.is(code, 2);
  assert.is(stdout, "");
  const [first = "", ...problems] = stderr.trimEnd().split("\n");
  assert.match(first, /^foldvm: run: the command line has 11 problems:$/);
  for (const said of [
    ["-vnc", "no screen"],
    ["-enable-kvm", "leave it out"],
    ["-hda", "--drive file=FILE"],
    ["-d", "--monitor"],
    ["-mmeory", "is --memory meant"],
    ["much", "256M"],
    ["smp 9", "use 1 to 8 harts"],
    ["sifive_u", "--machine virt"],
    ["zba=on", "rv64gc"],
    ["virtio-gpu-pci", "no screen"],
    ["virtio-blk-pci", "use virtio-blk-device"],
  ]) {
    assert.is(problems.filter((problem) => said.every((part) => problem.includes(part))).length, 1, said[0]);
  }
});

const REFUSED: readonly (readonly [words: readonly string[], message: RegExp])[] = [
  [["-drive", "if=none,file=a"], /if=none: id= is missing/],
  [["-drive", "if=none,file=a,id=x"], /id=x is plugged into nothing: give --device virtio-blk-device,drive=x/],
  [["-device", "virtio-blk-device,drive=x"], /drive= names no --drive if=none.*: x/],
  [["-device", "virtio-net-device"], /netdev= names no --netdev/],
  [["-netdev", "user,id=n"], /--netdev n has no card/],
  [["-device", "virtconsole"], /needs a --device virtio-serial-device/],
  [["-device", "virtio-serial-device"], /has no port: give --device virtconsole/],
  [["-device", "virtio-rng-device,rng=r"], /rng=r names no --object/],
  [["-device", "virtio-rng-device,bus=pcie.0"], /virtio-mmio-bus\.0 to \.7/],
  [["-device", "virtio-rng-device,bus=virtio-mmio-bus.8"], /slot 8: there are slots 0 to 7/],
  [["-device", "virtio-rng-device,frob=1"], /frob=: there is no such option; virtio-rng-device has rng and bus/],
  [Array.from({ length: 9 }, () => ["-device", "virtio-rng-device"]).flat(), /9 .*: there are 8 virtio slots/],
  [["-object", "memory-backend-file,id=m"], /only rng-random/],
  [["-serial", "chardev:c"], /chardev c names no --chardev/],
  [["-global", "virtio-mmio.force-legacy=true"], /only virtio-mmio\.force-legacy=false/],
  [["-accel", "kvm"], /--accel kvm/],
  [["-display", "gtk"], /use --display none/],
  [["-smp", "2,maxcpus=4"], /use maxcpus=2 or leave it out/],
  [["-rtc", "base=localtime"], /use base=utc/],
  [["-m", "1G,slots=2"], /use slots=0/],
  [["-drive", "file=a,format=raw,id=hd0", "-device", "virtio-blk-device,drive=hd0"], /id=hd0 .*add if=none/],
  [["-icount", "auto"], /--icount auto: .*choose shift=0 to shift=10/],
  [["-icount", "shift=auto"], /--icount shift=auto: .*choose shift=0 to shift=10/],
  [["-device", "virtio-blk-devce"], /is virtio-blk-device meant\?/],
  [["-device", "virtio-gpu-device"], /no screen; leave it out/],
  [["-device", "usb-kbd"], /no USB; leave it out/],
  [["-device", "virtio-9p-device,fsdev=f,mount_tag=m"], /no file sharing: leave it out/],
  [["-device", "virtio-scsi-device"], /leave it out, and use virtio-blk-device/],
  [["-device", "e1000"], /use virtio-net-device/],
  [["-device", "virtio-keyboard-device"], /leave it out/],
  [["-device", "virtio-balloon-device"], /no such device; leave it out/],
  [["-device", "frobnicator"], /there is no such device; there are virtio-blk-device/],
  [["-L", "pc-bios"], /-L; .*--bios FILE/],
  [["-k", "de"], /-k; .*leave it out/],
  [["-action", "reboot=shutdown"], /-action; .*--no-reboot/],
  [["-sandbox", "on"], /-sandbox; .*leave it out/],
  [["-watchdog", "i6300esb"], /-watchdog; .*leave it out/],
  [["-dumpdtb", "x.dtb"], /-dumpdtb; use --machine dumpdtb=FILE/],
  [["-machine", "virt,dumpdtb="], /dumpdtb=: name the file/],
  [["qemu-system-riscv64"], /leave qemu-system-riscv64 out/],
];
for (const [words, message] of REFUSED) {
  test(`given ${words.slice(0, 2).join(" ")}, when run, then one line says what to do`, async () => {
    const { code, stderr } = await foldvm(["run", ...words, ...POWER_OFF]);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.is(stderr.split("\n").length, 2);
  });
}

test("given a file instead of options, when run, then the message is what to type", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    const state = join(folder, "a.fsnap");
    await foldvm(["record", "-o", path, ...POWER_OFF]);
    await foldvm(["replay", path, "--save", state]);
    for (const [file, remedy] of [
      [DEMO_ELF, `foldvm run --bios none --kernel ${DEMO_ELF}`],
      [path, `foldvm replay ${path}`],
      [state, `foldvm run --from ${state}`],
      ["no-such", "what is no-such for?"],
    ] as const) {
      const { code, stderr } = await foldvm(["run", file]);
      assert.is(code, 2);
      assert.match(stderr, remedy);
    }
  });
});

test("given several images that are not there, when run or replayed, then one message names them all", async () => {
  const missing = ["-bios", "nope1", "-kernel", "nope2", "-drive", "file=nope3", "-drive", "file=nope4"];
  const { code, stderr } = await foldvm(["run", ...missing]);
  assert.is(code, 66);
  for (const name of ["firmware|bios nope1", "kernel nope2", "nope3", "nope4"]) assert.match(stderr, new RegExp(name));
  await withTemporaryFolder(async (folder) => {
    const at = (name: string): string => join(folder, name);
    copyFileSync(DEMO_ELF, at("x.elf"));
    writeFileSync(at("d.raw"), new Uint8Array(4096));
    await foldvm(["record", "-o", at("a.fold"), "-kernel", at("x.elf"), "-append", "poweroff", "-drive", at("d.raw")]);
    rmSync(at("x.elf"));
    rmSync(at("d.raw"));
    const replayed = await foldvm(["replay", at("a.fold")]);
    assert.is(replayed.code, 66);
    assert.match(replayed.stderr, /kernel .*x\.elf.*drive0 .*d\.raw/);
  });
});

test("given a memory with a fraction, when run, then it is QEMU's: whole bytes, rounded up to 8 KiB", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    for (const [size, bytes] of [
      ["1.9G", 2040111104],
      ["0.5G", 1 << 29],
      ["64.5", 64.5 * 2 ** 20],
    ] as const) {
      const { code, stderr } = await foldvm(["record", "-f", "-o", path, "-m", size, ...POWER_OFF]);
      assert.is(code, 0, stderr);
      const { machine } = JSON.parse((await foldvm(["info", "--json", path])).stdout) as {
        machine: { memoryBytes: number };
      };
      assert.is(machine.memoryBytes, bytes);
    }
  });
});

test("given -nodefaults without a serial port, when run, then a warning says why nothing is shown", async () => {
  const { stdout, stderr } = await foldvm(["run", "-nodefaults", ...POWER_OFF]);
  assert.is(stdout, "");
  assert.match(stderr, /warning: --nodefaults .*--serial stdio/);
});

test("given -machine dumpdtb=, when run, then the device tree is in the file, and nothing has run", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "virt.dtb");
    const words = ["-machine", `virt,dumpdtb=${path}`, "-m", "64M", ...POWER_OFF];
    const { code, stdout, stderr } = await foldvm(["run", ...words]);
    assert.is(code, 0, stderr);
    assert.is(stdout, "");
    const { root } = decodeFdt(readFileSync(path), "dtb");
    assert.ok(root.children.some(({ name }) => name === "memory@80000000"));
    const again = await foldvm(["run", "-dtb", path, ...POWER_OFF]);
    assert.is(again.code, 0, again.stderr);
    assert.match((await foldvm(["record", "-o", join(folder, "a.fold"), ...words])).stderr, /use foldvm run/);
  });
});

test("given -no-reboot, when the guest resets, then the run ends there", async () => {
  const stdio = testStdio();
  stdio.stdin.end("reset\n");
  const { code, stderr, stdout } = await foldvm(["run", "-no-reboot", "-bios", "none", "-kernel", DEMO_ELF], stdio);
  assert.is(code, 0);
  assert.match(stderr, "ended at a reset (--no-reboot)");
  assert.is(stdout.split("demo> ").length, 2);
});

test("given -S without a monitor, when run, then the error says what lets it go", async () => {
  const { code, stderr } = await foldvm(["run", "-S", ...POWER_OFF]);
  assert.is(code, 2);
  assert.match(stderr, "--monitor");
});

test("given -S with a monitor, when run, then nothing runs before it says so", async () => {
  const stdio = testStdio();
  stdio.stdin.end("info status\ninfo registers\ncont\n");
  const { code, stdout } = await foldvm(["run", "-S", "-monitor", "stdio", ...POWER_OFF], stdio);
  assert.is(code, 0);
  assert.match(stdout, /^[^\n]*paused/);
  assert.ok(stdout.indexOf("0000000000001000") < stdout.indexOf("demo"));
});

test("given a kernel for supervisor mode without firmware, when run, then there is a warning", async () => {
  await withTemporaryFolder(async (folder) => {
    const image = new Uint8Array(4096);
    new DataView(image.buffer).setUint32(56, 0x0543_5352, true);
    const path = join(folder, "Image");
    writeFileSync(path, image);
    const { stderr } = await foldvm(["run", "-kernel", path, "-timeout", "0.2"]);
    assert.match(stderr, /warning: .*Image is a Linux kernel, and there is no firmware under it.*--bios default/);
    const { stderr: quiet } = await foldvm(["run", "-q", "-kernel", path, "-timeout", "0.2"]);
    assert.is(quiet, "");
  });
});

test.run();
