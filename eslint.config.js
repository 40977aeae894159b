// The lint rules that need no types: typescript-eslint's strict set, and what keeps src/machine and src/reducers
// deterministic. Those that need types are in .oxlintrc.json.
import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const hostOnly = (/** @type {string} */ name, /** @type {string} */ instead) => ({
  name,
  message: `${name} is the host's, and the machine must run the same twice: ${instead}.`,
});

const HOST_GLOBALS = [
  ...["Date", "performance"].map((name) => hostOnly(name, "time comes from icount, or from an event")),
  ...[
    "setTimeout",
    "setInterval",
    "setImmediate",
    "clearTimeout",
    "clearInterval",
    "clearImmediate",
    "queueMicrotask",
  ].map((name) => hostOnly(name, "schedule with a timer in the state")),
  ...["crypto", "navigator", "fetch", "WebSocket", "Worker"].map((name) =>
    hostOnly(name, "it belongs into src/streams"),
  ),
  ...["process", "console", "Buffer", "require", "__dirname", "__filename"].map((name) =>
    hostOnly(name, "src/machine and src/reducers run in any JavaScript engine"),
  ),
  ...["WeakRef", "FinalizationRegistry"].map((name) =>
    hostOnly(name, "garbage is collected at times of the host's choice"),
  ),
  ...["Intl", "Atomics", "SharedArrayBuffer"].map((name) => hostOnly(name, "what it gives depends on the host")),
  ...["globalThis", "global"].map((name) => hostOnly(name, "write the global's own name, so that this rule sees it")),
];

// ECMA-262 §21.3.2 leaves the result of these to the engine: another host could answer another last bit.
const INEXACT_MATH =
  "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp expm1 log log1p log2 log10 cbrt hypot".split(
    " ",
  );

const HOST_PROPERTIES = [
  { object: "Math", property: "random", message: "Chance is an event: take entropy from one." },
  ...INEXACT_MATH.map((property) => ({ object: "Math", property, message: "Its last bit is the engine's choice." })),
  ...["localeCompare", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase"].map((property) => ({
    property,
    message: "The answer depends on the host's language.",
  })),
];

const ROUTER_GLOBALS = HOST_GLOBALS.map(({ name }) => ({
  name,
  message: `${name} is the host's: the router has a Clock and a RouterHost, and runs wherever somebody gives it these.`,
}));

const LINE_WIDTH = {
  code: 120,
  ignoreStrings: true,
  ignoreTemplateLiterals: true,
  ignoreUrls: true,
  ignoreRegExpLiterals: true,
};

const ASYNC = "src/machine and src/reducers are synchronous: what waits belongs into src/streams.";

export default defineConfig(
  { ignores: ["node_modules/", "dist/", "extensions/vscode/dist/", "logs/", "guests/", "types/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  tseslint.configs.strict,
  {
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      // A typed array's element is `number | undefined` under noUncheckedIndexedAccess; `!` says that the index is known to be inside.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-constant-condition": ["error", { checkLoops: false }],
      // The type check knows which names exist, in .js too.
      "no-undef": "off",
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["src/machine/**/*.ts", "src/reducers/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", ...HOST_GLOBALS],
      "no-restricted-properties": ["error", ...HOST_PROPERTIES],
      "no-restricted-syntax": [
        "error",
        { selector: ":function[async=true]", message: ASYNC },
        { selector: "AwaitExpression", message: ASYNC },
        { selector: "ImportExpression", message: ASYNC },
        { selector: "MetaProperty[meta.name='import']", message: "import.meta is the host's." },
      ],
    },
  },
  {
    files: ["src/**/*.ts", "test/**/*.ts", "scripts/**", "bench/**/*.ts", "extensions/**/*.ts", "bin/*.js"],
    rules: { "max-len": ["error", LINE_WIDTH] },
  },
  {
    // Their tables have a row a line.
    files: ["src/machine/isa/**/*.ts", "src/machine/hart/csr.ts"],
    rules: { "max-len": ["error", { ...LINE_WIDTH, code: 200, comments: 120 }] },
  },
  {
    files: ["src/**/*.ts"],
    rules: { "max-lines-per-function": ["error", { max: 70, skipComments: true, skipBlankLines: true }] },
  },
  {
    files: ["src/streams/net/**/*.ts"],
    rules: { "no-restricted-globals": ["error", ...ROUTER_GLOBALS] },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "CallExpression[callee.property.name='only']", message: "`.only` switches every other test off." },
        { selector: "CallExpression[callee.property.name='skip'][arguments.length>0]", message: "Skip by requires()." },
      ],
    },
  },
  {
    files: ["**/*.cjs", "bin/*.js"],
    languageOptions: { sourceType: "commonjs" },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
);
