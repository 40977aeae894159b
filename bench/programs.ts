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
  compute("mix", "mix of lists, matrices, states, crc", "df78122feac2a0da"),
  compute("sort", "sort with a callback", "585d38373861fa22"),
  compute("fib", "recursive calls", "000001fb2db9464c"),
  compute("sieve", "sieve", "0000008fc1e3f24f"),
  compute("imatrix", "integer matrix", "b4fbbca99a5954b4"),
  compute("dmatrix", "double matrix", "ec13d88c7a4ba5f6"),
  compute("crc32", "crc32", "00000000c5c26e3c"),
  compute("sha256", "sha256", "76dc7a1eec079d99"),
  compute("list", "linked list", "8a7beee9eb5c6df4"),
  compute("switch", "switch interpreter", "3c1faf08c4f5e54f"),
  compute("random", "random memory over 16 MiB", "b0aabce341b4ce65"),
  compute("copy", "memcpy", "687e7fdf7a44053f"),
  compute("cold", "3,000 functions of cold code", "ff799d84bf3dcca4"),
  system("sv39", "Sv39 with remaps and fences", "aefafea64f79bf69"),
  system("ecall", "1 million ecalls", "354eafa07320d280"),
  system("timer", "a storm of 100,000 timer interrupts", "00000000000186a0"),
];

export const elfOf = (name: string): string =>
  fileURLToPath(new URL(`../guests/bench/elf/${name}.elf`, import.meta.url));

export const consoleOf = (program: Pick<Program, "name" | "checksum">): string =>
  `${program.name} checksum ${program.checksum}`;
