// The import rules: each folder of src has one reason to exist, and these are the imports that keep it so (ARCHITECTURE.md has the table).

const npm = (/** @type {string[]} */ ...names) => `^node_modules/(${names.join("|")})/`;

/** What `folder` may import, as path patterns; everything else is an error. */
const only = (/** @type {string} */ folder, /** @type {string} */ comment, /** @type {string[]} */ ...allowed) => ({
  name: `${folder}-imports-only`,
  comment,
  severity: /** @type {const} */ ("error"),
  from: { path: `^src/${folder}/` },
  to: { pathNot: [`^src/${folder}/`, ...allowed] },
});

// A node:* module has no path: dependency-cruiser gives its bare name.
const NODE = "^(?:node:)?(?:" + require("node:module").builtinModules.join("|") + ")$";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    only("reducers", "STATE: pure (state, event) => state", npm("immer", "io-ts", "fp-ts")),
    only("machine", "EXECUTION: deterministic, synchronous; never rxjs, node:*", "^src/reducers/"),
    // io-ts and fp-ts, because codecs stand at the boundary of the log.
    only(
      "streams",
      "TIME AND I/O",
      "^src/(machine|reducers)/",
      npm("rxjs", "lz4js", "@types/lz4js", "io-ts", "fp-ts"),
      NODE,
    ),
    // node:util, because parseArgs is there: argv to calls is what this folder is for.
    only("cli", "argv to calls", "^src/streams/", "^(node:)?util$"),
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
