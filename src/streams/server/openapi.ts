/** The description of the API (OpenAPI 3.1), made of the table that answers. */
import type { Parameter } from "./parameters.js";
import type { Route } from "./route.js";
import { PROBLEM } from "./schemas.js";
import { EVENT_STREAM } from "./send-rows.js";

export const openApiOf = (routes: readonly Route[], version: string): object => ({
  openapi: "3.1.0",
  info: {
    title: "foldvm",
    version,
    description: "Recordings of a RISC-V machine: their events, and their past. 64-bit values are decimal texts.",
    license: { name: "MIT", identifier: "MIT" },
  },
  paths: Object.fromEntries(routes.map((route) => [route.path, { get: operationOf(route) }])),
  components: {
    securitySchemes: { token: { type: "http", scheme: "bearer", description: "where the server was given one" } },
    responses: {
      problem: { description: "what is wrong", content: { "application/problem+json": { schema: PROBLEM } } },
    },
  },
  security: [{}, { token: [] }],
});

function operationOf({ path, summary, parameters, answers, statuses = {} }: Route): object {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return {
    summary,
    operationId: operationId(path),
    parameters: [
      ...names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })),
      ...Object.entries(parameters).map(([name, parameter]) => parameterOf(name, parameter)),
      ...(EVENT_STREAM in answers && "after" in parameters ? [LAST_EVENT_ID] : []),
    ],
    responses: {
      200: { description: summary, content: contentOf(answers) },
      ...Object.fromEntries(Object.entries(statuses).map(([status, description]) => [status, { description }])),
      default: { $ref: "#/components/responses/problem" },
    },
  };
}

/** A word for generators of clients: `recordingsNameEvents`. */
const operationId = (path: string): string =>
  path
    .split(/\W+/)
    .filter((part) => part !== "")
    .map((part, index) => (index === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1)))
    .join("") || "page";

const LAST_EVENT_ID = {
  name: "Last-Event-ID",
  in: "header",
  description: "the id of the last row that is there: the stream goes on behind it",
  schema: { type: "string" },
};

const parameterOf = (name: string, { description, schema, isNeeded, isRepeatable }: Parameter): object => ({
  name,
  in: "query",
  description,
  required: isNeeded === true,
  schema: isRepeatable === true ? { type: "array", items: schema } : schema,
});

const contentOf = (answers: Route["answers"]): object =>
  Object.fromEntries(Object.entries(answers).map(([type, schema]) => [type, { schema }]));
