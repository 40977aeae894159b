/**
 * What was done at the present icount before its instruction did anything: entries of page tables that walks marked as
 * used, and traps. Whoever stops the hart before the instruction has the marks taken back, so that the machine is as it
 * is at that icount for whom runs there without stopping.
 */
export interface Mark {
  /** An offset in RAM. */
  readonly offset: number;
  /** What was there. */
  readonly bytes: Uint8Array;
}

export class Attempt {
  private icount: number | undefined;
  private marks: Mark[] = [];
  /** Where the last trap of this run came. */
  trappedAt: number | undefined;

  /** A run begins. */
  begin(): void {
    this.icount = undefined;
    this.marks = [];
    this.trappedAt = undefined;
  }

  /** Before a walk marks an entry. */
  marking(icount: number, mark: Mark): void {
    if (icount !== this.icount) this.marks = [];
    this.icount = icount;
    this.marks.push(mark);
  }

  /** What an instruction did that trapped stays done. */
  trapping(icount: number): void {
    this.trappedAt = icount;
    this.marks = [];
  }

  /** The hart is stopped before the instruction. Answers what is to be put back, in this order. */
  leave(icount: number): readonly Mark[] {
    const marks = icount === this.icount ? this.marks.reverse() : [];
    this.marks = [];
    return marks;
  }
}
