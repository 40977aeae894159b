/** A worker of a hunt: one machine, which it brings back to its start before each run. */
import { Readable, Writable } from "node:stream";

import type { MachineState } from "../../../machine/state.js";
import { fileSink } from "../../host/file-sink.js";
import type { Stdio } from "../../host/stdio.js";
import { divergenceOf, faultOf } from "../fault.js";
import type { MachineOptions, OpenedMachine } from "../machine-options.js";
import { openRecording } from "../open-recording.js";
import { playRecording } from "../playback.js";
import { runSession } from "../session.js";
import { sessionCode, SESSION_CODE } from "../session-code.js";
import { openAgain } from "./beginning.js";
import type { HuntRun } from "./hunt-run.js";
import { DEFAULT_TIMEOUT_MS } from "./hunt-options.js";
import type { HuntedMachine, HuntJob, HuntReply } from "./protocol.js";

/** Of what the guest prints, the last so many are told. */
export const MAX_CONSOLE_LETTERS = 1 << 16;

/** A recording that was begun is not kept. */
const REMEDY = "make room and hunt again";

export class HuntWorker {
  private hunted: HuntedMachine | undefined;
  private opened: OpenedMachine | undefined;
  private initial: MachineState | undefined;

  async work(job: HuntJob): Promise<HuntReply> {
    try {
      return await this.answer(job);
    } catch (error) {
      return { kind: "failed", message: error instanceof Error ? error.message : String(error), fault: faultOf(error) };
    }
  }

  private async answer(job: HuntJob): Promise<HuntReply> {
    switch (job.kind) {
      case "open":
        this.hunted = job.hunted;
        this.opened = openAgain(job.hunted, job.beginning);
        this.initial = this.opened.machine.state();
        return { kind: "opened" };
      case "record":
        return { kind: "recorded", run: await this.record(job) };
      case "verify":
        return { kind: "verified", agrees: await agrees(job.path, this.hunted?.machine ?? {}) };
    }
  }

  private async record({ number, chaos, path }: Extract<HuntJob, { readonly kind: "record" }>): Promise<HuntRun> {
    const { hunted, opened, initial } = this;
    if (hunted === undefined || opened === undefined || initial === undefined) throw new Error("no machine is open");
    opened.machine.load(initial);
    const { expectText, failText, sleep = false, align, endsAtReset, checkpointInsns, carriesImages, nics } = hunted;
    const { script: steps, timeoutMs = DEFAULT_TIMEOUT_MS } = hunted;
    const heard = new LastLetters();
    const end = await runSession(opened, {
      ...{ stdio: unattended(heard), sink: fileSink(path, { overwrite: true, remedy: REMEDY }), timeoutMs },
      ...{ expectText, failText, sleep, endsAtReset, carriesImages, nics },
      ...(chaos === undefined ? {} : { chaos }),
      ...(align === undefined ? {} : { align }),
      ...(checkpointInsns === undefined ? {} : { checkpointInsns }),
      script: steps && { steps, explain: ({ message }) => message },
    });
    const { cause, guestCode, position, elapsedMs } = end;
    const last = steps?.at(-1);
    const code = sessionCode(end, { expectText, expectsExit: last !== undefined && "expectExit" in last });
    return {
      ...{ number, seed: chaos?.seed ?? "", failed: code !== SESSION_CODE.done, cause, code },
      ...{ guestCode: cause === "guest" ? guestCode : null, console: heard.text },
      ...{ instructions: position.icount, events: position.seq, seconds: Math.round(elapsedMs) / 1000 },
      ...{ file: path, verified: null },
    };
  }
}

async function agrees(path: string, { bios, kernel, initrd, dtb, drives = [] }: MachineOptions): Promise<boolean> {
  const images = { bios: bios === "none" ? undefined : bios, kernel, initrd, dtb };
  const recording = openRecording(path, { images, drives: drives.map(({ file }) => file) });
  try {
    await playRecording(recording);
    return true;
  } catch (error) {
    if (divergenceOf(error) === undefined) throw error;
    return false;
  } finally {
    recording.close();
  }
}

class LastLetters {
  text = "";

  hear(bytes: Uint8Array): void {
    this.text = (this.text + Buffer.from(bytes).toString("latin1")).slice(-MAX_CONSOLE_LETTERS);
  }
}

/** Standard streams with nobody at them: the input has ended, and what is printed is heard. */
const unattended = (heard: LastLetters): Stdio => ({
  stdin: Readable.from([]),
  stdout: new Writable({
    write(bytes: Buffer, _encoding, done) {
      heard.hear(bytes);
      done();
    },
  }),
  stderr: new Writable({
    write(_bytes, _encoding, done) {
      done();
    },
  }),
  onSignal: () => () => undefined,
  onExit: () => () => undefined,
  onContinued: () => () => undefined,
});
