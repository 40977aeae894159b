/** The GNU assembler as the oracle for what this machine does not have. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { decode } from "../../../src/machine/isa/decode.js";
import { foreignInstruction } from "../../../src/machine/isa/foreign-extensions.js";
import { requires } from "../../support/requires.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

/** By extension; the first word of a line is the instruction's name, or what stands for it follows a #. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  zba: ["sh1add t0,t1,t2", "sh2add t0,t1,t2", "sh3add t0,t1,t2", "sh1add.uw t0,t1,t2", "sh2add.uw t0,t1,t2"].concat([
    "sh3add.uw t0,t1,t2",
    "add.uw t0,t1,t2",
    "slli.uw t0,t1,63",
  ]),
  zbb: ["andn", "orn", "xnor", "max", "maxu", "min", "minu", "rol", "ror", "rolw", "rorw"]
    .map((name) => `${name} a0,a1,a2`)
    .concat(
      ["clz", "ctz", "cpop", "clzw", "ctzw", "cpopw", "sext.b", "sext.h", "zext.h", "orc.b", "rev8"].map(
        (name) => `${name} a0,a1`,
      ),
    )
    .concat(["rori a0,a1,63", "roriw a0,a1,31"]),
  zbs: ["bclr", "bext", "binv", "bset"].flatMap((name) => [`${name} s0,s1,s2`, `${name}i s0,s1,63`]),
  zbc: ["clmul", "clmulh", "clmulr"].map((name) => `${name} t0,t1,t2`),
  zbkb: ["pack t0,t1,t2", "packh t0,t1,t2", "packw t0,t1,t2", "brev8 t0,t1"],
  zbkx: ["xperm4 t0,t1,t2", "xperm8 t0,t1,t2"],
  zkne: ["aes64es t0,t1,t2", "aes64esm t0,t1,t2", "aes64ks1i t0,t1,3", "aes64ks2 t0,t1,t2"],
  zknd: ["aes64ds t0,t1,t2", "aes64dsm t0,t1,t2", "aes64im t0,t1"],
  zknh: ["sha256sum0 t0,t1", "sha512sig1 t0,t1"].map((line) => `${line} # sha256 or sha512`),
  zfh: [
    ...["flh ft0,0(a0)", "fsh ft0,0(a0)", "fcvt.s.h ft0,ft1", "fcvt.d.h ft0,ft1"],
    ...["fadd.h ft0,ft1,ft2", "fmadd.h ft0,ft1,ft2,ft3", "fcvt.w.h a0,ft1", "fcvt.h.s ft0,ft1"].map(
      (line) => `${line} # half-precision arithmetic`,
    ),
  ],
  q: ["flq ft0,0(a0)", "fsq ft0,0(a0)", "fmul.q ft0,ft1,ft2 # quadruple-precision arithmetic"],
  v: [
    ...["vsetvli t0,a0,e8,m1,ta,ma", "vadd.vv v1,v2,v3", "vfadd.vv v1,v2,v3"].map(
      (line) => `${line} # a vector instruction`,
    ),
    ...["vle8.v v1,(a0)", "vle64.v v1,(a0)", "vlse32.v v1,(a0),t0"].map((line) => `${line} # a vector load`),
    ...["vse8.v v1,(a0)", "vse16.v v1,(a0)"].map((line) => `${line} # a vector store`),
  ],
  zicbom: ["cbo.inval 0(a0)", "cbo.clean 0(a0)", "cbo.flush 0(a0)"],
  zicboz: ["cbo.zero 0(a0)"],
  zawrs: ["wrs.nto", "wrs.sto"],
  svinval: ["sinval.vma a0,a1", "sfence.w.inval", "sfence.inval.ir"],
  h: [
    "hfence.vvma a0,a1",
    "hfence.gvma a0,a1",
    ...["hlv.w a0,(a1)", "hsv.d a0,(a1)"].map((line) => `${line} # a load or store of a guest's memory`),
  ],
};

if (
  requires("the assembler's encodings of what is not there", ["riscv64-unknown-elf-gcc", "riscv64-unknown-elf-objcopy"])
) {
  for (const [extension, lines] of Object.entries(LINES)) {
    test(`given the instructions of ${extension}, when assembled, then each is named, and none is one that this machine has`, () =>
      withTemporaryFolder((folder) => {
        const at = (name: string): string => join(folder, name);
        writeFileSync(
          at("a.S"),
          `.option arch, +${extension}\n.option norvc\n${lines.map((line) => line.replace(/ *#.*/, "")).join("\n")}\n`,
        );
        execFileSync("riscv64-unknown-elf-gcc", ["-march=rv64gc", "-mabi=lp64d", "-c", "-o", at("a.o"), at("a.S")]);
        execFileSync("riscv64-unknown-elf-objcopy", ["-O", "binary", "-j", ".text", at("a.o"), at("a.bin")]);
        const code = readFileSync(at("a.bin"));
        assert.is(code.length, lines.length * 4);
        lines.forEach((line, index) => {
          const raw = code.readUInt32LE(index * 4);
          const found = foreignInstruction(raw);
          assert.is(decode(raw), undefined, line);
          assert.is(found?.extension.toLowerCase(), extension, line);
          assert.is(found?.name, /# (.*)$/.exec(line)?.[1] ?? line.split(" ")[0], line);
        });
        return Promise.resolve();
      }));
  }
}

test.run();
