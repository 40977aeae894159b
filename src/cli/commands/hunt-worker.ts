/** `foldvm hunt-worker`: a process that `hunt` starts and gives jobs. */
import { serve } from "../../streams/host/own-worker.js";
import { WORKER_COMMAND, type HuntJob } from "../../streams/session/hunt/protocol.js";
import { HuntWorker } from "../../streams/session/hunt/worker.js";
import { command } from "../command.js";
import { UsageError } from "../problems.js";

export const huntWorker = command({
  name: WORKER_COMMAND,
  summary: "Does the work of foldvm hunt, which starts it.",
  options: {},
  read: () => () => {
    if (process.send === undefined) throw new UsageError("foldvm hunt starts its workers itself: use that");
    const worker = new HuntWorker();
    return serve((job) => worker.work(job as HuntJob));
  },
});
