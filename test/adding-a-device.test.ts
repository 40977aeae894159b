/**
 * Does what docs/adding-a-device.md says, in a copy of the sources: the guide's files and its one line, and no more.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

import { lastValueFrom, of } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type * as Library from "../src/index.js";
import type { Backend } from "../src/streams/live/backend.js";
import { Program, X } from "./support/assemble.js";
import { follow } from "./support/followed-guide.js";
import { withTemporaryFolder } from "./support/temporary-folder.js";

/** Enables source 12 and the button's interrupt, and waits; the interrupt powers the machine off. */
const guest = (): Uint8Array => {
  const program = new Program()
    .i("jal", { imm: "start" })
    .label("handler")
    .li(X.t0, 0x10_0000n)
    .li(X.t1, 0x5555n)
    .i("sw", { rs1: X.t0, rs2: X.t1 })
    .label("off")
    .i("jal", { imm: "off" })
    .label("start")
    .csr(0x305, 0x8000_0004n);
  for (const [address, value] of [
    [0x0c00_0000n + 48n, 1n],
    [0x0c00_2000n, 1n << 12n],
    [0x10_2004n, 1n],
  ] as const)
    program.li(X.s0, address).li(X.t0, value).i("sw", { rs1: X.s0, rs2: X.t0 });
  return program
    .csr(0x304, 1n << 11n)
    .csr(0x300, 8n)
    .label("again")
    .i("wfi")
    .i("jal", { imm: "again" })
    .bytes();
};

test("given the guide's files and its one line, when its button is pressed, then the interrupt arrives, and a replay is the same", async () => {
  await withTemporaryFolder(async (folder) => {
    follow(folder);
    const tsc = resolve("node_modules/typescript-native/bin/tsc");
    const config = { extends: "./tsconfig.json", include: ["src", "types"] };
    writeFileSync(join(folder, "sources.json"), JSON.stringify(config));
    execFileSync(process.execPath, [tsc, "-p", "sources.json"], { cwd: folder, stdio: "pipe" });

    const load = async <T>(path: string): Promise<T> => (await import(pathToFileURL(join(folder, path)).href)) as T;
    const { memorySink, openMachine, openRecording, record, run } = await load<typeof Library>("src/index.ts");
    const { buttonBackend } = await load<{ buttonBackend: (isDown$: unknown) => Backend }>(
      "src/streams/live/backends/button.ts",
    );
    const { deviceTreeText } = await load<{ deviceTreeText: (config: unknown) => string }>(
      "src/streams/session/monitor/qtree.ts",
    );

    const kernel = guest();
    const { machine, header } = openMachine({ memory: "2M", kernel, seed: "test" });
    const sink = memorySink();
    await lastValueFrom(run(machine, [buttonBackend(of(true))]).pipe(record(machine, sink, header)));
    assert.equal(machine.ended, { cause: "guest-shutdown", code: 0 });
    const state = machine.state();
    assert.equal((state.platform as unknown as { button: unknown }).button, { level: 1, interruptEnabled: true });
    assert.match(deviceTreeText(state.config), /dev: push-button, id ""\n {4}irq 12\n/);

    const recording = openRecording(sink.bytes(), { images: { kernel } });
    const again = recording.openMachine();
    const types: string[] = [];
    await recording.replay$(again).forEach((event) => types.push((event as { type?: string }).type ?? ""));
    assert.is(again.hash(), machine.hash());
    assert.ok(types.includes("button/changed"), types.join());
  });
});

test.run();
