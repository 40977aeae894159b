/**
 * Reads and writes a CSR by its number. Checks privilege, gate and read-only as the number says (privileged spec,
 * §2.1).
 */
import type { Procedure } from "./system-ops.js";
import { CSRS, type Csr } from "./csr.js";

const csrs: readonly (readonly [number, Csr])[] = [...CSRS];

export const readCsr: Procedure<1> = {
  name: "readCsr",
  arity: 1,
  body: (o, ...inputs) => {
    const number = inputs[0] as (typeof inputs)[number];
    // Bits 9 and 8: the lowest privilege that may access the CSR.
    o.when(o.ltU(o.field("privilege"), o.and(o.shrU(number, o.i64(8n)), o.i64(3n))), () => {
      o.illegal();
    });
    return o.choose(
      number,
      csrs.map(([index, { gate, read }]) => [
        index,
        () => {
          gate?.(o);
          return read(o);
        },
      ]),
      () => {
        o.illegal();
        return o.i64(0n);
      },
    );
  },
};

/** Inputs: number, value, and the mask of the bits to change. Comes after `readCsr`, which makes the checks. */
export const writeCsr: Procedure<3> = {
  name: "writeCsr",
  arity: 3,
  body: (o, ...inputs) => {
    const [number, value, mask] = inputs as [
      V: (typeof inputs)[number],
      (typeof inputs)[number],
      (typeof inputs)[number],
    ];
    // Bits 11 and 10: both are set if the CSR is read-only.
    o.when(o.eq(o.and(number, o.i64(0xc00n)), o.i64(0xc00n)), () => {
      o.illegal();
    });
    return o.choose(
      number,
      csrs.flatMap(([index, { write, read, modified = read }]) =>
        write === undefined
          ? []
          : [
              [
                index,
                () => {
                  const kept = o.and(modified(o), o.xor(mask, o.i64(-1n)));
                  write(o, o.bind(o.or(kept, o.and(value, mask))));
                  return o.i64(0n);
                },
              ] as const,
            ],
      ),
      () => o.i64(0n),
    );
  },
};
