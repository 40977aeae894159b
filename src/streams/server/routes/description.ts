/** What the server says of itself. */
import { sendJson, sendText } from "../answer.js";
import { docsPage } from "../docs-page.js";
import { openApiOf } from "../openapi.js";
import type { Route } from "../route.js";

export const openApi: Route = {
  path: "/openapi.json",
  summary: "This description, for programs.",
  parameters: {},
  answers: { "application/json": { type: "object", required: ["openapi", "paths"] } },
  serve: (call) => {
    sendJson(call, openApiOf(call.served.routes, call.served.version));
  },
};

export const docs: Route = {
  path: "/docs",
  summary: "This description, to be read.",
  parameters: {},
  answers: { "text/html": { type: "string" } },
  serve: (call) => {
    const { response, served } = call;
    response.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    sendText(call, docsPage(served.routes, served.recordings.names()), "text/html");
  },
};
