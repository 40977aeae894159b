/** The description of the API is one by OpenAPI 3.1, and what it says of each route is so. */
import { readFileSync } from "node:fs";

import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ROUTES } from "../../../src/streams/server/routes/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { RACE, rowsOf, textAt, withServer } from "../../support/http-server.js";

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}
interface Description {
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>;
}

const describedAt = async (url: string): Promise<Description> =>
  JSON.parse(await textAt(`${url}/openapi.json`)) as Description;

/** What a route needs to be asked. */
const NEEDED: Readonly<Record<string, string>> = {
  "/recordings/{name}/query": "?question=traps&of=mti",
  "/recordings/{name}/memory": "?address=0x80000000",
};

/** What the recording does not have: a disk, and states that were kept of it. */
const NOT_OF_IT: readonly string[] = [
  "/recordings/{name}/disks/{slot}",
  "/recordings/{name}/index",
  "/recordings/{name}/sources/{number}",
  "/recordings/{name}/symbols/{number}",
];

const filled = (path: string): string => {
  const [{ sha256 = "" } = {}] = openRecording(RACE).imageDigests;
  return `${path.replace("{name}", "race-fails").replace("{digest}", sha256)}${NEEDED[path] ?? ""}`;
};

test("given the description, when a validator of the specification reads it, then it is one", async () => {
  await withServer([RACE], async (url) => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(await describedAt(url));
    assert.ok(valid, JSON.stringify(errors));
    assert.is(validator.version, "3.1");
  });
});

test("given the description, then it has each route of the server once, and no other", async () => {
  await withServer([RACE], async (url) => {
    const { paths } = await describedAt(url);
    assert.equal(
      Object.keys(paths),
      ROUTES.map(({ path }) => path),
    );
    const ids = Object.values(paths).map(({ get }) => get.operationId);
    assert.is(new Set(ids).size, ids.length);
  });
});

test("given each route, when it is asked for each type of body, then the answer is as its schema says", async () => {
  await withServer([RACE], async (url) => {
    const ajv = new Ajv2020({ strict: false, formats: { binary: true } });
    let held = 0;
    for (const [path, { get }] of Object.entries((await describedAt(url)).paths)) {
      if (NOT_OF_IT.includes(path)) continue;
      const content = get.responses["200"]?.content ?? {};
      for (const [type, { schema }] of Object.entries(content)) {
        const hex = type === "text/plain" && path.endsWith("/memory") ? "&format=hex" : "";
        const answer = await fetch(`${url}${filled(path)}${hex}`, { headers: { accept: type } });
        assert.is(answer.status, 200, `${path} as ${type}`);
        assert.is(answer.headers.get("content-type")?.split(";")[0], type, path);
        const body = await answer.text();
        const values: unknown[] =
          type === "application/json" ? [JSON.parse(body)] : type.endsWith("ndjson") ? rowsOf(body) : [body];
        assert.ok(values.length > 0, path);
        const isValid = ajv.compile(schema);
        for (const value of values) {
          assert.ok(
            isValid(value),
            `${path}: ${JSON.stringify(isValid.errors)}: ${JSON.stringify(value).slice(0, 200)}`,
          );
          held += 1;
        }
      }
    }
    assert.ok(held > 50, String(held));
  });
});

test("given each route, when it is asked wrongly, then the problem is as its schema says", async () => {
  await withServer([RACE], async (url) => {
    const description = (await describedAt(url)) as Description & {
      readonly components: { readonly responses: { readonly problem: Operation["responses"][string] } };
    };
    const schema = description.components.responses.problem.content?.["application/problem+json"]?.schema ?? {};
    const isValid = new Ajv2020({ strict: false }).compile(schema);
    for (const path of Object.keys(description.paths)) {
      const answer = await fetch(`${url}${filled(path).split("?")[0] ?? ""}?nothing=1`);
      assert.is(answer.status, 400, path);
      assert.ok(isValid(await answer.json()), path);
    }
  });
});

test("given the guide's table of what events are asked with, then it has each parameter of the route, and no other", () => {
  const [, rows = ""] = readFileSync("docs/server.md", "utf8").split("| parameter | what it is |");
  const [table = ""] = rows.split("\n\n");
  const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  assert.equal(
    named,
    ROUTES.flatMap(({ path, parameters }) => (path.endsWith("}/events") ? Object.keys(parameters) : [])),
  );
});

test("given the page of the description, then it has each route and parameter, and runs nothing", async () => {
  await withServer([RACE], async (url) => {
    const answer = await fetch(`${url}/docs`);
    const page = await answer.text();
    for (const { path, parameters } of ROUTES)
      for (const word of [path, ...Object.keys(parameters)]) assert.ok(page.includes(`<code>${word}</code>`), word);
    assert.not.match(page, /<script|\son\w+=|https?:/i);
    assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  });
});

test.run();
