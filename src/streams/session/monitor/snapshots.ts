/** Commands on the recording's snapshots. */
import { required, notHere, type MonitorCommand } from "./monitor-command.js";
import { where } from "./told.js";

export const SNAPSHOT_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["savevm"],
    operands: "NAME",
    help: "put the present state into the recording under a name",
    async run(target, name) {
      required(name, "a name");
      const wasRunning = !target.control.isPaused;
      await target.control.pause();
      target.saveSnapshot(name);
      if (wasRunning) target.control.resume();
      return undefined;
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
    help: "take a snapshot's name away",
    run(target, name) {
      target.deleteSnapshot(required(name, "a name"));
      return undefined;
    },
  },
];
