/**
 * IEEE 754-2008 arithmetic as RISC-V's F and D define it (unprivileged spec, chapters 11 and 12), exact in every
 * rounding mode and flag. Operations take bit patterns as bigint and return `Rounded`. They compute the exact value and
 * round once. The caller does NaN boxing, sign injection and the choice of rm (DYN, reserved values).
 */
export { add, sub } from "./add.js";
export { classify } from "./classify.js";
export { eq, le, lt } from "./compare.js";
export { convert, fromInt } from "./convert.js";
export { div } from "./divide.js";
export { DZ, NV, NX, OF, UF, type Rounded } from "./flags.js";
export { binary32, binary64, type Binary32, type Binary64, type Format } from "./format.js";
export { fma } from "./fused-multiply-add.js";
export { max, min } from "./min-max.js";
export { mul } from "./multiply.js";
export { RDN, RMM, RNE, RTZ, RUP, type RoundingMode } from "./rounding-mode.js";
export { sqrt } from "./square-root.js";
export { toInt, type IntegerType } from "./to-int.js";
