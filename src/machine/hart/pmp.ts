/** Physical memory protection (privileged spec, §3.7): whether an access is allowed. */
import type { Procedure, SystemOps } from "./system-ops.js";
import { PRIVILEGE } from "./mstatus.js";

export const PMP_PERMISSION = { load: 1n, store: 2n, fetch: 4n } as const;

const ENTRIES = 16n;
const ENTRIES_A_REGISTER = 8n;
const MODE_SHIFT = 3n;
const MODE = { off: 0n, topOfRange: 1n, naturallyAligned4: 2n } as const;
const LOCK = 0x80n;
/** pmpaddr holds bits 55 to 2 of an address. */
const GRAIN_SHIFT = 2n;

/** The bytes [start, end) of the entry `index`, which must not be off. */
function entryRange<V, C, R>(o: SystemOps<V, C, R>, index: V, mode: V): { start: V; end: V } {
  const address = o.bind(o.pmpAddress(index));
  const grain = o.i64(GRAIN_SHIFT);
  const top = o.shl(address, grain);
  const previous = o.select(
    o.eq(index, o.i64(0n)),
    o.i64(0n),
    o.shl(o.pmpAddress(o.select(o.eq(index, o.i64(0n)), index, o.sub(index, o.i64(1n)))), grain),
  );
  // NAPOT: the trailing ones give the size. address ^ (address + 1) masks them and the zero above.
  const ones = o.bind(o.xor(address, o.add(address, o.i64(1n))));
  const napotStart = o.shl(o.and(address, o.xor(ones, o.i64(-1n))), grain);
  const napotSize = o.shl(o.add(ones, o.i64(1n)), grain);
  const isTop = o.eq(mode, o.i64(MODE.topOfRange));
  const isNa4 = o.eq(mode, o.i64(MODE.naturallyAligned4));
  const start = o.bind(o.select(isTop, previous, o.select(isNa4, top, napotStart)));
  const size = o.select(isNa4, o.i64(4n), napotSize);
  return { start, end: o.bind(o.select(isTop, top, o.add(start, size))) };
}

/**
 * Inputs: address, bytes, the needed permission, the privilege. Returns 1 if the access is allowed. The lowest-numbered
 * entry that matches any byte decides, and must match all bytes.
 */
export const pmpAllows: Procedure<4> = {
  name: "pmpAllows",
  arity: 4,
  body: (o, ...inputs) => {
    type Value = (typeof inputs)[number];
    const [address, bytes, needed, privilege] = inputs as [Value, Value, Value, Value];
    const isMachine = o.eq(privilege, o.i64(PRIVILEGE.machine));
    // Without a match, M mode may do everything and the others nothing.
    const allowed = o.variable(o.bit(isMachine));
    const index = o.variable(o.i64(0n));
    const configs = o.variable(o.field("pmpcfg0"));
    const last = o.bind(o.add(address, bytes));
    const one = o.i64(1n);
    o.loop(
      // All further entries are off: done.
      () =>
        o.either(
          o.ne(configs.get(), o.i64(0n)),
          o.both(o.ltU(index.get(), o.i64(ENTRIES_A_REGISTER)), o.ne(o.field("pmpcfg2"), o.i64(0n))),
        ),
      () => {
        const config = o.bind(o.and(configs.get(), o.i64(0xffn)));
        const mode = o.bind(o.and(o.shrU(config, o.i64(MODE_SHIFT)), o.i64(3n)));
        const decided = o.variable(o.i64(0n));
        o.when(o.ne(mode, o.i64(MODE.off)), () => {
          const { start, end } = entryRange(o, index.get(), mode);
          // A TOR entry with equal or reversed bounds matches nothing, even within its bounds.
          const overlaps = o.both(o.ltU(address, end), o.ltU(start, last));
          o.when(o.both(overlaps, o.ltU(start, end)), () => {
            decided.set(one);
            const whole = o.both(o.geU(address, start), o.geU(end, last));
            const permitted = o.ne(o.and(config, needed), o.i64(0n));
            const unbound = o.both(isMachine, o.eq(o.and(config, o.i64(LOCK)), o.i64(0n)));
            allowed.set(o.bit(o.both(whole, o.either(permitted, unbound))));
          });
        });
        const next = o.bind(o.add(index.get(), one));
        index.set(o.select(o.ne(decided.get(), o.i64(0n)), o.i64(ENTRIES), next));
        configs.set(
          o.select(
            o.ne(decided.get(), o.i64(0n)),
            o.i64(0n),
            o.select(o.eq(next, o.i64(ENTRIES_A_REGISTER)), o.field("pmpcfg2"), o.shrU(configs.get(), o.i64(8n))),
          ),
        );
      },
    );
    return allowed.get();
  },
};
