/** The source files that the guest's program was compiled from. */
import { request } from "../request.js";
import type { DapRequests } from "../session.js";

export const SOURCE_REQUESTS: DapRequests = {
  loadedSources: request({}, ({ debuggee: { target, paths } }) => ({
    sources: target.names.sourceFiles().map((file) => paths.sourceOf(file)),
  })),
};
