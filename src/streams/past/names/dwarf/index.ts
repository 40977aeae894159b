/** Names from debugging information. */
export { dwarfNames } from "./dwarf-names.js";
export { DwarfError, type DwarfErrorCode } from "./file/dwarf-error.js";
