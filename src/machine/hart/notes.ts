/**
 * What a hart remembers for whoever asks later why it got stuck. No part of its state, and nothing of the guest depends
 * on it: a hart whose state was loaded has none.
 */
export const HART_NOTES = [
  /** The first of the last chain of traps: those that follow it began at a handler's own first instruction. */
  "trapCause",
  "trapValue",
  "trapPc",
  "trapPrivilege",
  /** About how many instructions had retired when the last trap was taken, and where its handler begins; 0: none was. */
  "trapPlace",
  "handlerPc",
  /** What satp was to be, where it keeps what it had since it knows no such mode; 0: nothing. */
  "refusedSatp",
  "refusedSatpPc",
] as const;

export type HartNote = (typeof HART_NOTES)[number];

/** By name; all 0 where nothing was noted. */
export interface HartNotes {
  note(name: HartNote): bigint;
  forgetNotes(): void;
}
