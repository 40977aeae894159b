// The import rules: each folder of src has one reason to exist, and these are the imports that keep it so (ARCHITECTURE.md has the table).

const npm = (/** @type {string[]} */ ...names) => `^node_modules/(${names.join("|")})/`;

/** What `folder` may import, as path patterns; everything else is an error. */
const only = (/** @type {string} */ folder, /** @type {string} */ comment, /** @type {string[]} */ ...allowed) => ({
  name: `${folder.replace("/", "-")}-imports-only`,
  comment,
  severity: /** @type {const} */ ("error"),
  from: { path: `^src/${folder}/` },
  to: { pathNot: [`^src/${folder}/`, ...allowed] },
});

// A node:* module has no path: dependency-cruiser gives its bare name.
const NODE = "^(?:node:)?(?:" + require("node:module").builtinModules.join("|") + ")$";

const machine = "^src/(machine|reducers)/";
/** The library's boundary. */
const OPTIONS = "^src/options/";
/** How numbers are written and bytes are put together: everywhere the same, also where nothing of the machine is known. */
const BYTES = "^src/reducers/(hex|concatenated)\\.ts$";
const rooms = (/** @type {string[]} */ ...names) => `^src/streams/(${names.join("|")})/`;
const room = (/** @type {string} */ name, /** @type {string} */ comment, /** @type {string[]} */ ...allowed) =>
  only(`streams/${name}`, comment, ...allowed);

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    only("reducers", "STATE: pure (state, event) => state", npm("immer", "io-ts", "fp-ts")),
    only("machine", "EXECUTION: deterministic, synchronous; never rxjs, node:*", "^src/reducers/", OPTIONS),
    only("options", "WHAT A CALLER MAY GIVE: codecs that say what was expected", npm("io-ts", "fp-ts")),
    room(
      "store",
      "WHAT LASTS: log, saved states",
      machine,
      OPTIONS,
      npm("io-ts", "fp-ts", "lz4js", "@types/lz4js", "crc-32"),
    ),
    room("time", "WHEN: clocks, timers, and the control that holds a run", machine, OPTIONS, npm("rxjs")),
    room(
      "net",
      "THE ROUTER, as pure protocols: frames and socket events in, frames and socket wishes out",
      BYTES,
      OPTIONS,
    ),
    // live/wire.ts: the contract of what live plugs a network card into.
    room(
      "host",
      "EVERYTHING OF NODE",
      machine,
      OPTIONS,
      rooms("net", "store", "time"),
      "^src/streams/live/wire\\.ts$",
      npm("rxjs"),
      NODE,
    ),
    room(
      "chaos",
      "BY CHANCE: what varies a run on purpose, and how often something then happens",
      machine,
      OPTIONS,
      rooms("store"),
    ),
    room("live", "A MACHINE THAT RUNS", machine, OPTIONS, rooms("store", "time", "chaos"), npm("rxjs")),
    room(
      "past",
      "A MACHINE THAT RAN: it also runs in a browser",
      machine,
      OPTIONS,
      rooms("store", "time", "chaos"),
      npm("rxjs", "fp-ts", "fflate"),
    ),
    room(
      "mcp",
      "THE QUESTIONS AS TOOLS of a server",
      OPTIONS,
      rooms("session", "past", "host"),
      npm("@modelcontextprotocol/sdk", "rxjs"),
      NODE,
    ),
    room(
      "rows",
      "WHAT HAPPENED, row by row: the one source of what tools on streams read; it also runs in a browser",
      machine,
      OPTIONS,
      rooms("store", "time", "live", "past"),
      npm("rxjs"),
    ),
    room(
      "forms",
      "ROWS IN OTHER TOOLS' FORMATS, one operator each",
      machine,
      OPTIONS,
      rooms("rows", "past"),
      npm("rxjs", "@bufbuild/protobuf"),
    ),
    room(
      "server",
      "RECORDINGS AND RUNS OVER HTTP",
      machine,
      OPTIONS,
      rooms("rows", "forms", "tables", "page", "session", "past", "live", "time", "host", "store"),
      npm("rxjs", "ws", "@types/ws"),
      NODE,
    ),
    room(
      "page",
      "RECORDINGS ON A PAGE, as a file and for a server",
      machine,
      OPTIONS,
      rooms("session", "past", "host", "store"),
      NODE,
    ),
    room("tables", "ROWS FOR OTHER TOOLS, as files", OPTIONS, rooms("past"), npm("hyparquet-writer", "hyparquet")),
    room(
      "session",
      "BOTH, on a terminal or a socket",
      machine,
      OPTIONS,
      "^src/streams/",
      npm("rxjs", "fp-ts", "io-ts", "@vscode/debugadapter", "@vscode/debugprotocol"),
      NODE,
    ),
    // node:util, because parseArgs is there: argv to calls is what this folder is for.
    only(
      "cli",
      "argv to calls",
      BYTES,
      OPTIONS,
      rooms("session", "past", "host", "store", "chaos", "tables", "mcp", "rows", "forms", "server", "page"),
      "^(node:)?util$",
    ),
    {
      name: "web-imports-only",
      comment: "THE PAGE: what asks of the past, and nothing of a host",
      severity: "error",
      from: { path: "^web/" },
      to: {
        pathNot: [
          "^web/",
          machine,
          OPTIONS,
          rooms("past", "store", "time", "rows"),
          // Where they stand is not all that they are: what follows keeps Node out of all of it.
          rooms("session/(?:stepping|stop-points|target|dap/data)"),
          "^src/streams/session/(questions|row-text)\\.ts$",
          npm("rxjs", "fflate", "uplot", "@xterm/xterm", "@xterm/addon-fit"),
        ],
      },
    },
    {
      name: "web-runs-in-a-browser",
      comment: "What a page needs must not need Node, by whatever way.",
      severity: "error",
      from: { path: "^web/" },
      to: { path: NODE, reachable: true },
    },
    {
      name: "no-circle",
      comment: "Two files that import each other are one idea, or hide a third.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "not-outside-src",
      comment: "What is published must not need what is not.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|bench|scripts|bin|dist)/" },
    },
    {
      name: "not-the-entry",
      comment: "src/index.ts is for those outside.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/index\\.ts$" },
    },
    {
      name: "resolvable",
      comment: "An import that leads nowhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "^node_modules/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types", "default"] },
  },
};
