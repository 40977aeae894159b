// `node --import ./scripts/typescript/register.js program.ts` runs TypeScript as it stands in the repository. Plain
// JavaScript: it runs before anything is compiled.
import * as nodeModule from "node:module";

import * as hooks from "./hooks.js";

// Newer versions of Node call hooks in the thread itself; older ones load them in another, and ask it each time.
if ("registerHooks" in nodeModule) /** @type {(of: object) => void} */ (nodeModule.registerHooks)(hooks);
else nodeModule.register("./hooks.js", import.meta.url);

// Stacks then name the places of the sources.
process.setSourceMapsEnabled(true);
