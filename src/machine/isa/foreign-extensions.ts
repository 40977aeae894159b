/**
 * Instructions and CSRs of extensions that this machine lacks, by their encodings. The message for an illegal
 * instruction can then say what the program was built for. Nothing executes by this table.
 */

/** The extension and the instruction of an encoding that `decode` does not know; undefined: not listed here. */
export function foreignInstruction(raw: number): { readonly extension: string; readonly name: string } | undefined {
  const row = INSTRUCTIONS.find(([mask, match]) => (raw & mask) >>> 0 === match);
  return row === undefined ? undefined : { name: row[2], extension: row[3] };
}

/** The extension and the name of a CSR that this machine lacks; undefined: not listed here. */
export function foreignCsr(number: number): { readonly extension: string; readonly name: string } | undefined {
  const row = CSR_RANGES.find(([first, last]) => number >= first && number <= last);
  return row === undefined ? undefined : { name: row[2], extension: row[3] };
}

type Row = readonly [mask: number, match: number, name: string, extension: string];

const R = 0xfe00_707f;
const UNARY = 0xfff0_707f;
const SHIFT = 0xfc00_707f;
const FUNCT3 = 0x0000_707f;
const WHOLE = 0xffff_ffff;
const FLOAT_FORMAT = 0x0600_007f;

/** The first match counts. (RISC-V unprivileged specification 20240411; privileged specification 20240411.) */
// prettier-ignore
const INSTRUCTIONS: readonly Row[] = [
  [R, 0x2000_2033, "sh1add", "Zba"], [R, 0x2000_4033, "sh2add", "Zba"], [R, 0x2000_6033, "sh3add", "Zba"],
  [R, 0x2000_203b, "sh1add.uw", "Zba"], [R, 0x2000_403b, "sh2add.uw", "Zba"], [R, 0x2000_603b, "sh3add.uw", "Zba"],
  [R, 0x0800_003b, "add.uw", "Zba"], [SHIFT, 0x0800_101b, "slli.uw", "Zba"],

  [R, 0x4000_7033, "andn", "Zbb"], [R, 0x4000_6033, "orn", "Zbb"], [R, 0x4000_4033, "xnor", "Zbb"],
  [UNARY, 0x6000_1013, "clz", "Zbb"], [UNARY, 0x6010_1013, "ctz", "Zbb"], [UNARY, 0x6020_1013, "cpop", "Zbb"],
  [UNARY, 0x6000_101b, "clzw", "Zbb"], [UNARY, 0x6010_101b, "ctzw", "Zbb"], [UNARY, 0x6020_101b, "cpopw", "Zbb"],
  [R, 0x0a00_6033, "max", "Zbb"], [R, 0x0a00_7033, "maxu", "Zbb"],
  [R, 0x0a00_4033, "min", "Zbb"], [R, 0x0a00_5033, "minu", "Zbb"],
  [UNARY, 0x6040_1013, "sext.b", "Zbb"], [UNARY, 0x6050_1013, "sext.h", "Zbb"], [UNARY, 0x0800_403b, "zext.h", "Zbb"],
  [R, 0x6000_1033, "rol", "Zbb"], [R, 0x6000_5033, "ror", "Zbb"], [SHIFT, 0x6000_5013, "rori", "Zbb"],
  [R, 0x6000_103b, "rolw", "Zbb"], [R, 0x6000_503b, "rorw", "Zbb"], [R, 0x6000_501b, "roriw", "Zbb"],
  [UNARY, 0x2870_5013, "orc.b", "Zbb"], [UNARY, 0x6b80_5013, "rev8", "Zbb"],

  [R, 0x4800_1033, "bclr", "Zbs"], [R, 0x4800_5033, "bext", "Zbs"], [R, 0x6800_1033, "binv", "Zbs"], [R, 0x2800_1033, "bset", "Zbs"],
  [SHIFT, 0x4800_1013, "bclri", "Zbs"], [SHIFT, 0x4800_5013, "bexti", "Zbs"],
  [SHIFT, 0x6800_1013, "binvi", "Zbs"], [SHIFT, 0x2800_1013, "bseti", "Zbs"],

  [R, 0x0a00_1033, "clmul", "Zbc"], [R, 0x0a00_3033, "clmulh", "Zbc"], [R, 0x0a00_2033, "clmulr", "Zbc"],
  [R, 0x0e00_5033, "czero.eqz", "Zicond"], [R, 0x0e00_7033, "czero.nez", "Zicond"],

  [R, 0x0800_4033, "pack", "Zbkb"], [R, 0x0800_7033, "packh", "Zbkb"], [R, 0x0800_403b, "packw", "Zbkb"], [UNARY, 0x6870_5013, "brev8", "Zbkb"],
  [R, 0x2800_2033, "xperm4", "Zbkx"], [R, 0x2800_4033, "xperm8", "Zbkx"],
  [R, 0x3200_0033, "aes64es", "Zkne"], [R, 0x3600_0033, "aes64esm", "Zkne"],
  [R, 0x3a00_0033, "aes64ds", "Zknd"], [R, 0x3e00_0033, "aes64dsm", "Zknd"], [UNARY, 0x3000_1013, "aes64im", "Zknd"],
  [0xff00_707f, 0x3100_1013, "aes64ks1i", "Zkne"], [R, 0x7e00_0033, "aes64ks2", "Zkne"],
  [0xff80_707f, 0x1000_1013, "sha256 or sha512", "Zknh"],

  // Loads and stores of widths that F and D do not use.
  [FUNCT3, 0x0000_1007, "flh", "Zfh"], [FUNCT3, 0x0000_1027, "fsh", "Zfh"],
  [FUNCT3, 0x0000_4007, "flq", "Q"], [FUNCT3, 0x0000_4027, "fsq", "Q"],
  [0x7f, 0x57, "a vector instruction", "V"],
  [0x7f, 0x07, "a vector load", "V"], [0x7f, 0x27, "a vector store", "V"],

  [UNARY, 0xf010_0053, "fli.s", "Zfa"], [UNARY, 0xf210_0053, "fli.d", "Zfa"],
  [0xfff0_007f, 0x4040_0053, "fround.s", "Zfa"], [0xfff0_007f, 0x4240_0053, "fround.d", "Zfa"],
  [0xfff0_007f, 0x4020_0053, "fcvt.s.h", "Zfh"], [0xfff0_007f, 0x4220_0053, "fcvt.d.h", "Zfh"],
  ...[0x53, 0x43, 0x47, 0x4b, 0x4f].flatMap((opcode): Row[] => [
    [FLOAT_FORMAT, (0x0400_0000 | opcode) >>> 0, "half-precision arithmetic", "Zfh"],
    [FLOAT_FORMAT, (0x0600_0000 | opcode) >>> 0, "quadruple-precision arithmetic", "Q"],
  ]),

  [0xfff0_7fff, 0x0000_200f, "cbo.inval", "Zicbom"], [0xfff0_7fff, 0x0010_200f, "cbo.clean", "Zicbom"],
  [0xfff0_7fff, 0x0020_200f, "cbo.flush", "Zicbom"], [0xfff0_7fff, 0x0040_200f, "cbo.zero", "Zicboz"],
  [WHOLE, 0x00d0_0073, "wrs.nto", "Zawrs"], [WHOLE, 0x01d0_0073, "wrs.sto", "Zawrs"],
  [0xfe00_7fff, 0x1600_0073, "sinval.vma", "Svinval"],
  [WHOLE, 0x1800_0073, "sfence.w.inval", "Svinval"], [WHOLE, 0x1810_0073, "sfence.inval.ir", "Svinval"],
  [0xfe00_7fff, 0x2200_0073, "hfence.vvma", "H"], [0xfe00_7fff, 0x6200_0073, "hfence.gvma", "H"],
  [FUNCT3, 0x0000_4073, "a load or store of a guest's memory", "H"],
  [0xf800_707f, 0x2800_202f, "amocas.w", "Zacas"], [0xf800_707f, 0x2800_302f, "amocas.d", "Zacas"],
  [FUNCT3, 0x0000_002f, "an atomic byte", "Zabha"], [FUNCT3, 0x0000_102f, "an atomic halfword", "Zabha"],

  [0xfc03, 0x8000, "c.lbu", "Zcb"], [0xfc03, 0x8400, "c.lhu or c.lh", "Zcb"],
  [0xfc03, 0x8800, "c.sb", "Zcb"], [0xfc43, 0x8c00, "c.sh", "Zcb"],
  [0xfc43, 0x9c41, "c.mul or another of Zcb's", "Zcb"],
];

/** Adjacent CSRs share one name. (Privileged specification 20240411, tables 3 to 8.) */
// prettier-ignore
const CSR_RANGES: readonly (readonly [first: number, last: number, name: string, extension: string])[] = [
  [0x008, 0x00a, "vstart, vxsat, vxrm", "V"], [0x00f, 0x00f, "vcsr", "V"], [0xc20, 0xc22, "vl, vtype, vlenb", "V"],
  [0x011, 0x011, "ssp", "Zicfiss"], [0x015, 0x015, "seed", "Zkr"], [0x017, 0x017, "jvt", "Zcmt"],
  [0x14d, 0x14d, "stimecmp", "Sstc"], [0x24d, 0x24d, "vstimecmp", "Sstc"],
  [0x150, 0x151, "siselect, sireg", "Ssaia"], [0x15c, 0x15c, "stopei", "Ssaia"], [0xdb0, 0xdb0, "stopi", "Ssaia"],
  [0x350, 0x351, "miselect, mireg", "Smaia"], [0x35c, 0x35c, "mtopei", "Smaia"], [0xfb0, 0xfb0, "mtopi", "Smaia"],
  [0xda0, 0xda0, "scountovf", "Sscofpmf"], [0x321, 0x322, "mcyclecfg, minstretcfg", "Smcntrpmf"],
  [0x10c, 0x10f, "sstateen", "Ssstateen"], [0x30c, 0x30f, "mstateen", "Smstateen"],
  [0x747, 0x747, "mseccfg", "Smepmp"], [0x3a4, 0x3ae, "pmpcfg", "more than 16 PMP entries"], [0x3c0, 0x3ef, "pmpaddr", "more than 16 PMP entries"],
  [0x200, 0x280, "a CSR of a guest's", "H"], [0x600, 0x6aa, "a CSR of the hypervisor's", "H"], [0xe12, 0xe12, "hgeip", "H"], [0x34a, 0x34b, "mtinst, mtval2", "H"],
  [0x5a8, 0x5a8, "scontext", "Sdtrig"], [0x7a0, 0x7aa, "a trigger's CSR", "Sdtrig"], [0x7b0, 0x7b3, "a debugger's CSR", "Sdext"],
];
