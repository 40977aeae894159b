/** From a request to its answer: who asks, what for, and what is wrong with it. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Access } from "./access.js";
import { sendJson } from "./answer.js";
import { Given } from "./parameters.js";
import { headersOf, problemOf, Refusal } from "./refusal.js";
import type { Served } from "./route.js";
import { fittingOf } from "./router.js";

/** Nothing that is sent runs anything of another's, in this page or in others. */
const HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};

export async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { access, served, signal }: { readonly access: Access; readonly served: Served; readonly signal: AbortSignal },
): Promise<void> {
  // The peer's going is heard as the answer's end.
  response.on("error", () => undefined);
  try {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const url = addressOf(request);
    const { headers } = access.admit(request, url);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method === "OPTIONS") {
      response.writeHead(204, { Allow: METHODS.join(", ") }).end();
      return;
    }
    requireReading(request);
    const { route, part } = fittingOf(served.routes, url.pathname);
    const given = new Given(url.searchParams, route.parameters);
    await route.serve({ request, response, part, given, served, signal });
  } catch (fault) {
    refuse(response, fault);
  }
}

const METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** @throws {Refusal} */
export function addressOf({ url = "" }: IncomingMessage): URL {
  // What begins with two slashes would name another host.
  if (!/^\/(?!\/)/.test(url)) throw new Refusal(400, "INVALID_PATH", "the path begins with one /");
  // Not URL's own reading of the path: that takes `..` out, and a name may not lead elsewhere unseen.
  const at = url.indexOf("?");
  const path = at < 0 ? url : url.slice(0, at);
  if (path.split("/").some((part) => /^(\.|%2e){1,2}$/i.test(part)))
    throw new Refusal(400, "INVALID_PATH", "the path has . or .. in it");
  try {
    return new URL(url, "http://localhost");
  } catch {
    throw new Refusal(400, "INVALID_PATH", "the path is no address");
  }
}

/** @throws {Refusal} */
function requireReading({ method = "", headers }: IncomingMessage): void {
  if (!METHODS.includes(method))
    throw new Refusal(405, "METHOD_REFUSED", `${method}: nothing is changed here; use GET or HEAD`, {
      Allow: METHODS.join(", "),
    });
  if ("transfer-encoding" in headers || Number(headers["content-length"] ?? 0) > 0)
    throw new Refusal(413, "BODY_REFUSED", "a request has no body here: what is asked stands in its address", {
      Connection: "close",
    });
}

function refuse(response: ServerResponse, fault: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const problem = problemOf(fault);
  response.statusCode = problem.status;
  for (const [name, value] of Object.entries(headersOf(fault))) response.setHeader(name, value);
  sendJson({ response }, problem, "application/problem+json");
}
