/** How fast the guest ran: instructions in each stretch of the virtual clock. */
import type { FormRow } from "../form-rows.js";

const STRETCH_NS = 5_000_000n;

export class Speed {
  private sinceNs = 0n;
  private sinceIcount = 0;

  /** Once a stretch is over: where it began, and its millions of instructions a second. */
  at({ ns, icount }: FormRow): { readonly sinceNs: bigint; readonly value: number } | undefined {
    const { sinceNs, sinceIcount } = this;
    if (ns - sinceNs < STRETCH_NS || icount < sinceIcount) return undefined;
    [this.sinceNs, this.sinceIcount] = [ns, icount];
    return { sinceNs, value: (1000 * (icount - sinceIcount)) / Number(ns - sinceNs) };
  }
}
