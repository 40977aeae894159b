/** A machine that runs, as questions see it: with its names, and in the state that it is in when one is opened. */
import type { MachineState } from "../../machine/state.js";
import { check } from "../../options/check.js";
import { anyObject, exactly, having, list } from "../../options/codecs.js";
import { hostEngine } from "../host/host-engine.js";
import type { Names } from "../past/names/names.js";
import type { NameSource } from "../past/names/name-source.js";
import { notAppended, Recording } from "../past/recording.js";
import { memorySink, openLog, openWriter, type Log, type LogHeader } from "../store/log/index.js";
import type { OpenedMachine } from "./machine-options.js";
import { LiveNames } from "./target/live-names.js";

/**
 * What `LiveRows` is asked is asked about this: `calls(presentOf(opened), { of: "main" })`. It has no events, so there
 * is nothing to replay.
 */
export function presentOf(
  opened: Pick<OpenedMachine, "machine" | "images" | "contents" | "disks" | "header">,
  symbols: readonly NameSource[] = [],
): Recording {
  check("presentOf", ARGUMENTS, { opened, symbols });
  return new PresentRecording(opened, symbols);
}

const ARGUMENTS = exactly<{ readonly opened: unknown; readonly symbols: unknown }>({
  opened: having("what openMachine returns", "machine", "images", "contents", "disks", "header"),
  symbols: list(anyObject),
});

class PresentRecording extends Recording {
  private readonly live: LiveNames;

  constructor(
    private readonly running: Parameters<typeof presentOf>[0],
    symbols: readonly NameSource[],
  ) {
    super({
      openLog: () => begun(running.header),
      openParts: () => running,
      append: notAppended,
      engine: hostEngine,
    });
    this.live = new LiveNames(running.machine, running.images, symbols);
  }

  override at(): MachineState {
    return this.running.machine.state();
  }

  override get names(): Names {
    return this.live.names;
  }
}

function begun(header: LogHeader): Log {
  const sink = memorySink();
  openWriter(sink, header);
  return openLog(sink.bytes());
}
