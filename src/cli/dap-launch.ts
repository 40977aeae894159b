/** `launch` of the debug adapter: a machine that records, as `foldvm record` begins one. */
import type { Launcher } from "../streams/session/dap/launcher.js";
import { launchWords } from "../streams/session/dap/launch-words.js";
import { clientStdio } from "../streams/session/dap/client-stdio.js";
import type { MonitorTarget } from "../streams/session/target/target.js";
import { parseArguments } from "./arguments.js";
import { RECORD_OPTIONS, recorded } from "./recorded.js";
import { overwrittenInputs } from "./overwritten-input.js";
import { UsageError } from "./problems.js";

export const launch: Launcher = async (given, { heard, said }) => {
  const args = parseArguments(launchWords(given), RECORD_OPTIONS);
  const problems = [...args.problems, ...overwrittenInputs(args)];
  if (problems.length > 0) throw new UsageError(...problems);
  const run = recorded(args);
  const { stdio, quit } = clientStdio(said);
  let attach: (target: MonitorTarget) => void = () => undefined;
  const attached = new Promise<MonitorTarget>((resolve) => {
    attach = resolve;
  });
  const ended = run(stdio, { debug: { attach, heard } }).then(() => undefined);
  const target = await Promise.race([attached, ended.then(() => attached)]);
  const end = async (): Promise<void> => {
    quit();
    await ended;
  };
  return { target, output: args.get("output") ?? "", ended, end };
};
