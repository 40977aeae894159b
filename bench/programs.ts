/** The benchmark programs of guests/bench, with the checksum that each one must print on any machine. */
import { fileURLToPath } from "node:url";

export interface Program {
  readonly name: string;
  readonly title: string;
  readonly checksum: string;
  /** `compute` programs make the geometric mean; the others strain what surrounds the instructions. */
  readonly kind: "compute" | "system";
}

const compute = (name: string, title: string, checksum: string): Program => ({
  name,
  title,
  checksum,
  kind: "compute",
});
const system = (name: string, title: string, checksum: string): Program => ({ name, title, checksum, kind: "system" });

export const PROGRAMS: readonly Program[] = [
  compute("mix", "mix of lists, matrices, states, crc", "5b7138c99d41696c"),
  compute("sort", "sort with a callback", "785d6778177e5ab3"),
  compute("fib", "recursive calls", "000015f8b26bafa8"),
  compute("sieve", "sieve", "0000047e0f182b04"),
  compute("imatrix", "integer matrix", "5a8f1cf1dd9ed052"),
  compute("dmatrix", "double matrix", "04d792d8b99ac6d1"),
  compute("crc32", "crc32", "0000000077f5acf0"),
  compute("sha256", "sha256", "8b5f76b1bb15a73b"),
  compute("list", "linked list", "550ebe01ca77b008"),
  compute("switch", "switch interpreter", "3a389316c7ac138c"),
  compute("random", "random memory over 16 MiB", "cc530a5f5a3df9bc"),
  compute("copy", "memcpy", "7de53281533a3204"),
  compute("cold", "3,000 functions of cold code", "ff799d84bf3dcca4"),
  system("sv39", "Sv39 with remaps and fences", "aefafea64f79bf69"),
  system("ecall", "1 million ecalls", "354eafa07320d280"),
  system("timer", "a storm of 100,000 timer interrupts", "00000000000186a0"),
];

export const elfOf = (name: string): string =>
  fileURLToPath(new URL(`../guests/bench/elf/${name}.elf`, import.meta.url));

export const consoleOf = (program: Pick<Program, "name" | "checksum">): string =>
  `${program.name} checksum ${program.checksum}`;
