/** `foldvm query-worker`: a thread that `--jobs` of `query` and `causality` starts. */
import { isThread, serveThread } from "../../streams/host/own-thread.js";
import { THREAD_COMMAND, type ThreadJob } from "../../streams/session/query-pool/protocol.js";
import { QueryThread } from "../../streams/session/query-pool/query-thread.js";
import { command } from "../command.js";
import { UsageError } from "../problems.js";

export const queryWorker = command({
  name: THREAD_COMMAND,
  summary: "Does the work of foldvm query --jobs and causality --jobs, which start it.",
  options: {},
  read: () => () => {
    if (!isThread()) throw new UsageError("foldvm query --jobs starts its threads itself: use that");
    const thread = new QueryThread();
    return serveThread((job) => thread.work(job as ThreadJob));
  },
});
