/** Names from debugging information. */
export { dwarfNames } from "./dwarf-names.js";
export { debugLink } from "./debug-link.js";
export { DwarfError, type DwarfErrorCode } from "./file/dwarf-error.js";
