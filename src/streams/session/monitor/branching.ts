/** Commands about branches: another future, from a moment of the past on. */
import { writeRecording } from "../../host/file-sink.js";
import { MonitorError } from "../target/monitor-error.js";
import { notHere, type MonitorCommand } from "./monitor-command.js";
import type { Branches, MonitorTarget } from "../target/target.js";
import { where } from "./told.js";

export const BRANCH_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["fork"],
    operands: "[FILE]",
    help: "go on in a branch from here; with FILE: save all of the branch that it is in",
    details:
      "What came from outside in the recording comes to the branch too, at its time; what was recorded stays as it was.\n" +
      "FILE is a recording that knows its parent, and must not exist yet.",
    async run(target, operands) {
      const branches = branchesOf(target);
      if (operands === "-") throw new MonitorError("INVALID_TEXT", "a branch is saved into a file: give its name");
      if (operands === "") branches.fork();
      else {
        await writeRecording(operands, false, (sink) => {
          branches.save(sink);
        });
      }
      return operands === "" ? where(target) : `saved ${operands}`;
    },
  },
  {
    names: ["parent"],
    help: "leave the branch: back to what it left, where it left it",
    run(target) {
      branchesOf(target).leave();
      return where(target);
    },
  },
];

function branchesOf(target: MonitorTarget): Branches {
  if (target.branches !== undefined) return target.branches;
  throw notHere(target, "a branch leaves what is recorded; record into a file, with -o FILE");
}
