/**
 * A hart's notes on why it got stuck, for later diagnosis. They are not part of its state, and nothing of the guest
 * depends on them. A hart whose state was just loaded has none.
 */
export const HART_NOTES = [
  /** The first trap of the last chain of traps. Each later one came at the first instruction of a handler. */
  "trapCause",
  "trapValue",
  "trapPc",
  "trapPrivilege",
  /** Roughly the retired instructions at the last trap, and the address of its handler. 0: no trap was taken. */
  "trapPlace",
  "handlerPc",
  /** The last value for satp that was ignored because of its unsupported mode. 0: none. */
  "refusedSatp",
  "refusedSatpPc",
] as const;

export type HartNote = (typeof HART_NOTES)[number];

/** Keyed by name. A note that was never made is 0. */
export interface HartNotes {
  note(name: HartNote): bigint;
  forgetNotes(): void;
}
