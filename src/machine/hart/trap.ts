/** Traps and returns from them (privileged spec, §3.1.6.1, §3.1.7, §3.3.2). `pc` holds the trapped instruction. */
import { INTERRUPT, INTERRUPT_BIT } from "./trap-causes.js";
import type { Procedure, SystemOps } from "./system-ops.js";
import { NO_RESERVATION, WAITING } from "./fields.js";
import { MIE, MPIE, MPP_MASK, MPP_SHIFT, MPRV, PRIVILEGE, SIE, SPIE, SPP } from "./mstatus.js";

const SPP_SHIFT = 8n;
/** The shift from xIE to xPIE. */
const PREVIOUS_SHIFT = 4n;
const VECTORED = 1n;

const input = <V>(inputs: readonly V[], index: number): V => inputs[index] as V;

function enter<V, C, R>(o: SystemOps<V, C, R>, privilege: bigint, vector: V, cause: V): void {
  const vectored = o.both(o.ne(o.and(vector, o.i64(VECTORED)), o.i64(0n)), o.ltS(cause, o.i64(0n)));
  const offset = o.select(vectored, o.shl(o.and(cause, o.i64(0x3fn)), o.i64(2n)), o.i64(0n));
  o.setField("pc", o.add(o.and(vector, o.i64(-4n)), offset));
  setPrivilege(o, o.i64(privilege));
}

/** Drops the reservation: the SC of another context must not succeed by it. */
function setPrivilege<V, C, R>(o: SystemOps<V, C, R>, privilege: V): void {
  o.setField("privilege", privilege);
  o.setField("reservation", o.i64(NO_RESERVATION));
  o.contextChanged();
}

/**
 * Notes the first of a chain of traps, for diagnosing a stuck hart. The next ones come at the first instruction of the
 * handler, and overwrite xepc and xcause. Returns what must be done once the trap is taken.
 */
function noteTrap<V, C, R>(o: SystemOps<V, C, R>, cause: V, trapValue: V, pc: V, privilege: V): () => void {
  // Traps differ in whether the present instruction is already counted. The difference of one does not matter: no hart
  // returns to a handler's first instruction by retiring only one instruction.
  const place = o.bind(o.add(o.input("icount"), o.i64(2n)));
  const isNear = o.ltU(o.add(o.sub(place, o.note("trapPlace")), o.i64(1n)), o.i64(3n));
  const follows = o.both(isNear, o.eq(pc, o.note("handlerPc")));
  o.when(o.not(o.both(follows, o.ne(o.note("trapPlace"), o.i64(0n)))), () => {
    o.setNote("trapCause", cause);
    o.setNote("trapValue", trapValue);
    o.setNote("trapPc", pc);
    o.setNote("trapPrivilege", privilege);
  });
  o.setNote("trapPlace", place);
  return () => {
    o.setNote("handlerPc", o.field("pc"));
  };
}

/** Inputs: xcause (with the interrupt bit for an interrupt) and xtval. */
export const takeTrap: Procedure<2> = {
  name: "takeTrap",
  arity: 2,
  body: (o, ...inputs) => {
    const cause = input(inputs, 0);
    const trapValue = input(inputs, 1);
    const trappedPc = o.bind(o.field("pc"));
    const privilege = o.bind(o.field("privilege"));
    const noteHandler = noteTrap(o, cause, trapValue, trappedPc, privilege);
    const status = o.bind(o.field("mstatus"));
    const delegation = o.select(o.ltS(cause, o.i64(0n)), o.field("mideleg"), o.field("medeleg"));
    const isDelegated = o.ne(o.and(o.shrU(delegation, o.and(cause, o.i64(0x3fn))), o.i64(1n)), o.i64(0n));
    o.when(
      o.both(o.ltU(privilege, o.i64(PRIVILEGE.machine)), isDelegated),
      () => {
        const cleared = o.and(status, o.i64(~(SIE | SPIE | SPP)));
        const previous = o.shl(o.and(status, o.i64(SIE)), o.i64(PREVIOUS_SHIFT));
        o.setField("mstatus", o.or(o.or(cleared, previous), o.shl(privilege, o.i64(SPP_SHIFT))));
        o.setField("sepc", o.field("pc"));
        o.setField("scause", cause);
        o.setField("stval", trapValue);
        enter(o, PRIVILEGE.supervisor, o.bind(o.field("stvec")), cause);
      },
      () => {
        const cleared = o.and(status, o.i64(~(MIE | MPIE | MPP_MASK)));
        const previous = o.shl(o.and(status, o.i64(MIE)), o.i64(PREVIOUS_SHIFT));
        o.setField("mstatus", o.or(o.or(cleared, previous), o.shl(privilege, o.i64(MPP_SHIFT))));
        o.setField("mepc", o.field("pc"));
        o.setField("mcause", cause);
        o.setField("mtval", trapValue);
        enter(o, PRIVILEGE.machine, o.bind(o.field("mtvec")), cause);
      },
    );
    noteHandler();
    // The hart is where it was before. It would trap in the same way forever, and no instruction would retire.
    const isAgain = o.both(o.eq(o.field("pc"), trappedPc), o.eq(o.field("privilege"), privilege));
    o.when(o.both(isAgain, o.eq(o.field("mstatus"), status)), () => {
      o.setField("waiting", o.i64(WAITING.forTaken));
    });
    return o.i64(0n);
  },
};

export const machineReturn: Procedure<0> = {
  name: "machineReturn",
  arity: 0,
  body: (o) => {
    const status = o.bind(o.field("mstatus"));
    const privilege = o.bind(o.and(o.shrU(status, o.i64(MPP_SHIFT)), o.i64(3n)));
    const enabled = o.and(o.shrU(status, o.i64(PREVIOUS_SHIFT)), o.i64(MIE));
    // A return to a mode below M clears MPRV.
    const kept = o.select(
      o.eq(privilege, o.i64(PRIVILEGE.machine)),
      o.i64(~(MIE | MPP_MASK)),
      o.i64(~(MIE | MPP_MASK | MPRV)),
    );
    o.setField("mstatus", o.or(o.or(o.and(status, kept), enabled), o.i64(MPIE)));
    o.setField("pc", o.field("mepc"));
    setPrivilege(o, privilege);
    return o.i64(0n);
  },
};

export const supervisorReturn: Procedure<0> = {
  name: "supervisorReturn",
  arity: 0,
  body: (o) => {
    const status = o.bind(o.field("mstatus"));
    const privilege = o.bind(o.and(o.shrU(status, o.i64(SPP_SHIFT)), o.i64(1n)));
    const enabled = o.and(o.shrU(status, o.i64(PREVIOUS_SHIFT)), o.i64(SIE));
    const kept = o.and(status, o.i64(~(SIE | SPP | MPRV)));
    o.setField("mstatus", o.or(o.or(kept, enabled), o.i64(SPIE)));
    o.setField("pc", o.field("sepc"));
    setPrivilege(o, privilege);
    return o.i64(0n);
  },
};

/** §3.1.9: the order in which pending interrupts are taken. */
const PRIORITY = [INTERRUPT.mei, INTERRUPT.msi, INTERRUPT.mti, INTERRUPT.sei, INTERRUPT.ssi, INTERRUPT.sti];

const pendingInterrupts = <V, C, R>(o: SystemOps<V, C, R>): V =>
  o.and(o.or(o.field("mip"), o.input("interruptLines")), o.field("mie"));

/** Ends a WFI if an interrupt is pending, enabled or not (§3.3.3). Takes the first enabled one. */
export const takePendingInterrupt: Procedure<0> = {
  name: "takePendingInterrupt",
  arity: 0,
  body: (o) => {
    const pending = o.bind(pendingInterrupts(o));
    o.when(o.ne(pending, o.i64(0n)), () => {
      o.when(o.eq(o.field("waiting"), o.i64(WAITING.forPending)), () => {
        o.setField("waiting", o.i64(WAITING.no));
      });
      const privilege = o.bind(o.field("privilege"));
      const status = o.bind(o.field("mstatus"));
      const enabledAt = (level: bigint, enable: bigint): ReturnType<typeof o.eq> =>
        o.either(
          o.ltU(privilege, o.i64(level)),
          o.both(o.eq(privilege, o.i64(level)), o.ne(o.and(status, o.i64(enable)), o.i64(0n))),
        );
      const delegation = o.bind(o.field("mideleg"));
      const forM = o.and(pending, o.xor(delegation, o.i64(-1n)));
      const forS = o.and(pending, delegation);
      const takenByM = o.bind(o.select(enabledAt(PRIVILEGE.machine, MIE), forM, o.i64(0n)));
      const takenByS = o.bind(o.select(enabledAt(PRIVILEGE.supervisor, SIE), forS, o.i64(0n)));
      const taken = o.bind(o.select(o.ne(takenByM, o.i64(0n)), takenByM, takenByS));
      o.when(o.ne(taken, o.i64(0n)), () => {
        o.setField("waiting", o.i64(WAITING.no));
        let cause = o.i64(0n);
        for (const interrupt of [...PRIORITY].reverse()) {
          const isPending = o.ne(o.and(taken, o.i64(1n << interrupt)), o.i64(0n));
          cause = o.select(isPending, o.i64(INTERRUPT_BIT | interrupt), cause);
        }
        o.invoke(takeTrap, o.bind(cause), o.i64(0n));
      });
    });
    return o.i64(0n);
  },
};
