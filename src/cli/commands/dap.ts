/** `foldvm dap`: a debug adapter on the standard streams, for VS Code and other editors. */
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";

export const dap = command({
  name: "dap",
  summary: "Serves an editor that speaks the Debug Adapter Protocol: recordings, forward and back.",
  options: {},
  notes: "It speaks on the standard streams. What is debugged is said by the editor's launch or attach request.\n",
  read: () => async (stdio) => {
    // Other commands start without it.
    const { serveDap } = await import("../../streams/session/dap/serve.js");
    const { launch } = await import("../dap-launch.js");
    const fault = await serveDap({ input: stdio.stdin, output: stdio.stdout }, launch);
    if (fault === undefined) return EXIT.done;
    stdio.stderr.write(`foldvm: dap: ${fault.message}\n`);
    return EXIT.usage;
  },
});
