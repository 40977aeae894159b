/** The extension for VS Code, without it: what it contributes is there, does what it says, and comes packed. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { Script } from "node:vm";

import { test } from "uvu";
import * as assert from "uvu/assert";
import type * as vscode from "vscode";

import { foldvmCommand } from "../../extensions/vscode/src/adapter.js";
import { contribute } from "../../extensions/vscode/src/contribute.js";
import { extensionFiles } from "../../scripts/extension.js";
import { MessageReader } from "../../src/streams/session/dap/messages.js";
import { OWN_REQUESTS, type HistoryRow } from "../../src/streams/session/dap/own-requests.js";
import { ATTACH_DEFAULTS, LAUNCH_DEFAULTS } from "../../src/streams/session/dap/requests/lifecycle.js";
import { REQUESTS } from "../../src/streams/session/dap/requests/index.js";
import { attached, DapClient } from "../support/dap-client.js";
import { FakeVscode } from "../support/fake-vscode.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";

interface Row {
  readonly command: string;
  readonly when?: string;
}

interface Attributes {
  readonly required: readonly string[];
  readonly properties: Readonly<
    Record<string, { readonly type: string | readonly string[]; readonly default?: unknown }>
  >;
}

const { version, activationEvents, contributes } = JSON.parse(
  readFileSync("extensions/vscode/package.json", "utf8"),
) as {
  readonly version: string;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly (Row & { readonly title: string })[];
    readonly keybindings: readonly Row[];
    readonly menus: Readonly<Record<string, readonly Row[]>>;
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly debuggers: readonly [
      {
        readonly variables: Readonly<Record<string, string>>;
        readonly configurationAttributes: Readonly<Record<string, Attributes>>;
        readonly configurationSnippets: readonly { readonly body: Readonly<Record<string, unknown>> }[];
        readonly initialConfigurations: readonly Readonly<Record<string, unknown>>[];
      },
    ];
  };
};
const [debuggers] = contributes.debuggers;

function activated(): FakeVscode {
  const fake = new FakeVscode();
  contribute(fake.api, { subscriptions: [] });
  return fake;
}

/** The command, as an editor runs it. */
function spawnedDap(): { readonly client: DapClient; readonly end: () => void } {
  const adapter = spawn(process.execPath, ["bin/foldvm.js", "dap"], { stdio: ["pipe", "pipe", "ignore"] });
  const client = new DapClient((bytes) => adapter.stdin.write(bytes));
  const reader = new MessageReader();
  adapter.stdout.on("data", (bytes: Uint8Array) => {
    for (const message of reader.read(bytes)) client.receive(message);
  });
  return { client, end: () => adapter.stdin.end() };
}

const SESSION = { id: "one", type: "foldvm" } as vscode.DebugSession;
const ROWS = [
  { at: "3@1200", old: "1", new: "2", function: "link_read", line: "link.c:30", by: "hart", hart: 0 },
  { at: "2@900", old: "0", new: "1", part: ".count", by: "device", hart: 0 },
];

test("given package.json, when the extension is activated, then it has the commands and views of it, and no others", () => {
  const fake = activated();
  const commands = contributes.commands.map(({ command }) => command);
  assert.equal([...fake.commands.keys()].sort(), [...commands].sort());
  assert.equal(
    [...fake.views.keys()],
    Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id)),
  );
  const named = [...contributes.keybindings, ...Object.values(contributes.menus).flat()].map(({ command }) => command);
  for (const command of [...named, ...Object.values(debuggers.variables)])
    assert.ok(commands.includes(command), command);
});

test("given package.json, when a button is shown, then it is while a recording is debugged", () => {
  for (const { command, when } of contributes.menus["debug/toolBar"] ?? []) {
    assert.is(when, "debugType == 'foldvm'", command);
  }
});

test("given what a launch.json may have, then the adapter takes it, and says what it expects", async () => {
  const { client, end } = spawnedDap();
  for (const [asked, { required, properties }] of Object.entries(debuggers.configurationAttributes)) {
    if (!(asked in REQUESTS)) continue;
    const whole = Object.fromEntries(required.map((name) => [name, "none.fold"]));
    for (const [name, { type }] of Object.entries(properties)) {
      const wrong = type === "object" ? "a text" : {};
      const message = await client.ask(asked, { ...whole, [name]: wrong }).then(
        () => "it was taken",
        (fault: unknown) => (fault as Error).message,
      );
      assert.match(message, new RegExp(`\\b${name}\\b.*expected`), `${asked}: ${name}`);
    }
    for (const { request, type: _type, name: _name, ...given } of [
      ...debuggers.configurationSnippets.map(({ body }) => body),
      ...debuggers.initialConfigurations,
    ]) {
      if (request !== asked) continue;
      for (const name of Object.keys(given)) assert.ok(name in properties, `${asked} has no ${name}`);
    }
  }
  end();
});

test("given what a launch.json leaves out, then the editor and the adapter take the same for it", () => {
  const { attach, launch } = debuggers.configurationAttributes;
  const told = (of: Attributes | undefined, names: object): unknown =>
    Object.fromEntries(Object.keys(names).map((name) => [name, of?.properties[name]?.default]));
  assert.equal(told(attach, ATTACH_DEFAULTS), ATTACH_DEFAULTS);
  assert.equal(told(launch, LAUNCH_DEFAULTS), LAUNCH_DEFAULTS);
});

test("given package.json, then the extension wakes for nothing that it does not provide", () => {
  assert.equal(activationEvents, ["onDebugResolve:foldvm"]);
});

test("given a step back, then the adapter is asked for it, of the thread that is looked at", async () => {
  const fake = activated();
  await fake.run("foldvm.stepBackOver");
  fake.stackItem = { threadId: 3 };
  await fake.run("foldvm.stepBackInto");
  await fake.run("foldvm.stepBackOut");
  await fake.run("foldvm.reverse");
  assert.equal(fake.asked, [
    { request: "foldvm/stepBackOver", given: { threadId: 1 } },
    { request: "foldvm/stepBackInto", given: { threadId: 3 } },
    { request: "foldvm/stepBackOut", given: { threadId: 3 } },
    { request: "reverseContinue", given: { threadId: 3 } },
  ]);
});

test("given requests of the extension, then the adapter has them", () => {
  for (const request of Object.values(OWN_REQUESTS)) assert.ok(request in REQUESTS, request);
});

test("given no session, then a command says how to begin one", async () => {
  const fake = activated();
  fake.hasSession = false;
  const refused = await fake.run("foldvm.stepBackOver").catch((fault: unknown) => (fault as Error).message);
  assert.match(String(refused), /start one with F5/);
});

test("given a moment that is typed, then the machine goes there; given none, it stays", async () => {
  const fake = activated();
  await fake.run("foldvm.goTo");
  assert.equal(fake.asked, []);
  fake.typed = "/login/";
  await fake.run("foldvm.goTo");
  assert.equal(fake.asked, [{ request: "foldvm/goTo", given: { to: "/login/" } }]);
});

test("given lines that were printed, when one is chosen, then the machine goes to when it was", async () => {
  const fake = activated();
  fake.answer = () => ({ rows: [{ at: "1@20", port: "uart16550", text: "ready" }] });
  fake.choose = ([first]) => first;
  await fake.run("foldvm.goToOutput");
  assert.equal(fake.asked, [
    { request: "foldvm/outputs", given: { count: 10_000 } },
    { request: "foldvm/goTo", given: { to: "1@20" } },
  ]);
});

test("given a recording, when a write of its history is clicked, then the machine stands there", async () => {
  const fake = activated();
  const client = await attached({ recording: "logs/race-fails.fold", at: "8000000" });
  fake.answer = (request, given) => client.ask(request, given as object);
  fake.typed = "link.count";
  await fake.run("foldvm.historyOf");
  const view = fake.views.get("foldvm.history");
  const [newest] = ((await view?.getChildren()) ?? []) as readonly HistoryRow[];
  assert.match(newest?.function ?? "", /^link_/);
  await fake.run("foldvm.goToWrite", newest);
  await client.event("stopped");
  assert.is((await client.ask("foldvm/where"))["at"], newest?.at);
});

test("given a variable, when its history is asked for, then the view has its writes, and a click goes to one", async () => {
  const fake = activated();
  const view = fake.views.get("foldvm.history");
  fake.stackItem = { threadId: 1, frameId: 1000 };
  fake.answer = (_request, given) =>
    (given as { before?: string }).before === undefined ? { rows: ROWS, next: "2@900" } : { rows: [ROWS[0]] };
  await fake.run("foldvm.history", { variable: { evaluateName: "link" } });
  assert.equal(fake.asked, [{ request: "foldvm/history", given: { expression: "link", count: 50, frameId: 1000 } }]);
  const shown = (): readonly vscode.TreeItem[] =>
    ((view?.getChildren() ?? []) as readonly unknown[]).map((node) => view?.getTreeItem(node) as vscode.TreeItem);
  assert.equal(
    shown().map(({ label }) => label),
    ["link: 1 → 2", "link.count: 0 → 1", "more…"],
  );
  assert.is(shown()[0]?.description, "link_read  link.c:30  3@1200");
  const [first, , more] = shown();
  await fake.run(more?.command?.command ?? "");
  assert.is(shown().length, 3);
  await fake.run(first?.command?.command ?? "", ...((first?.command?.arguments ?? []) as unknown[]));
  assert.equal(fake.asked.at(-1), { request: "foldvm/goTo", given: { to: "3@1200" } });
  fake.terminated(SESSION);
  assert.equal(shown(), []);
});

test("given a variable without an expression, when its history is asked for, then that is said", async () => {
  const fake = activated();
  await fake.run("foldvm.history", { variable: { name: "4" } });
  assert.match(fake.shown[0] ?? "", /no variable that can be asked about/);
});

test("given no launch.json, then a recording is asked for", async () => {
  const fake = activated();
  const config = await fake.configurations?.resolveDebugConfiguration?.(undefined, {} as vscode.DebugConfiguration);
  assert.equal([config?.request, config?.["recording"]], ["attach", "${command:AskForRecording}"]);
  fake.typed = "/here/run.fold";
  assert.is(await fake.run(debuggers.variables["AskForRecording"] ?? ""), "/here/run.fold");
});

test("given the foldvm command, then the setting goes first, then the workspace, then the PATH", () =>
  withTemporaryFolder(async (folder) => {
    const fake = activated();
    fake.settings.set("path", process.execPath);
    const executable = (await fake.factory?.createDebugAdapterDescriptor(SESSION, undefined)) as
      vscode.DebugAdapterExecutable | undefined;
    assert.equal([executable?.command, executable?.args], [process.execPath, ["dap"]]);
    const own = join(process.cwd(), "bin/foldvm.js");
    assert.is(foldvmCommand(own, [], ""), own);
    for (const set of ["${workspaceFolder}/bin/foldvm.js", "bin/foldvm.js"]) {
      assert.is(foldvmCommand(set, [folder, process.cwd()], ""), own);
    }
    assert.throws(() => foldvmCommand("/nowhere/foldvm", [], ""), /foldvm\.path is \/nowhere\/foldvm/);
    assert.throws(() => foldvmCommand("", [folder], folder + delimiter), /npm install --global foldvm/);
  }));

test("given the packed extension, when it is loaded, then it is activated; and it has what its manifest names", async () => {
  const files = await extensionFiles();
  const text = (path: string): string => Buffer.from(files[path] ?? []).toString();
  const manifest = text("extension.vsixmanifest");
  for (const [, path = ""] of manifest.matchAll(/Path="([^"]+)"/g)) assert.ok(path in files, path);
  assert.match(manifest, new RegExp(`Id="foldvm-debug" Version="${version}" Publisher="foldvm"`));
  const { main } = JSON.parse(text("extension/package.json")) as { readonly main: string };
  const fake = new FakeVscode();
  const module = { exports: {} as { activate?: (context: object) => void } };
  const load = (name: string): unknown => (name === "vscode" ? fake.api : createRequire(import.meta.url)(name));
  const code = text(join("extension", main));
  const wrapped = new Script(`(function (module, exports, require) {${code}\n})`).runInThisContext() as (
    ...given: readonly unknown[]
  ) => void;
  wrapped(module, module.exports, load);
  module.exports.activate?.({ subscriptions: [] });
  assert.is(fake.commands.size, contributes.commands.length);
});

test.run();
