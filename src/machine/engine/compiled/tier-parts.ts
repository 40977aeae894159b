/** What the tiers that compile share. */
import type { EngineMemory } from "../engine-memory.js";
import type { Layout } from "../layout.js";
import type { CodePlaces } from "./code-places.js";
import type { CompiledModules } from "./compiled-modules.js";
import type { ExecutedCode } from "./executed-code.js";
import type { InstalledCode } from "./installed-code.js";
import type { SplitAccesses } from "./split-accesses.js";

export interface TierParts {
  readonly memory: EngineMemory;
  readonly places: CodePlaces;
  readonly installed: InstalledCode;
  readonly executed: ExecutedCode;
  readonly modules: CompiledModules;
  readonly split: SplitAccesses;
  /** The layout of RAM, for code of these pages that may rely on `directRam`; undefined: it may not. */
  readonly directRamFor: (codePages: readonly number[]) => Layout | undefined;
  /** Drops one piece of code. */
  readonly remove: (id: number) => void;
  /** Drops all code, to begin anew. */
  readonly dropAll: () => void;
}
