/** Commands on the recording's snapshots. */
import { required, notHere, type MonitorCommand } from "./monitor-command.js";
import { deletedWords, savedWords } from "../snapshot-words.js";
import { where } from "./told.js";

export const SNAPSHOT_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["savevm"],
    operands: "NAME",
    help: "put the present state into the recording under a name; one of that name is replaced",
    async run(target, name) {
      required(name, "a name");
      const wasRunning = !target.control.isPaused;
      await target.control.pause();
      try {
        const replaced = target.snapshots().find((other) => other.name === name);
        const saved = target.saveSnapshot(name);
        return savedWords({ saved, replaced, file: target.recordingName }, String);
      } finally {
        if (wasRunning) target.control.resume();
      }
    },
  },
  {
    names: ["loadvm"],
    operands: "NAME",
    help: "go to a snapshot of the recording",
    async run(target, name) {
      if (target.loadSnapshot === undefined) throw notHere(target, "begin another recording with --from FILE#NAME");
      await target.loadSnapshot(required(name, "a name"));
      return where(target);
    },
  },
  {
    names: ["delvm"],
    operands: "NAME",
    help: "take a snapshot's name away; its bytes stay in the file",
    run(target, name) {
      target.deleteSnapshot(required(name, "a name"));
      return deletedWords(name, target.recordingName);
    },
  },
];
