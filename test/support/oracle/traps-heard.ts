/** What `traps` should say of results: each trap is looked up at every xRET of its hart, the innermost first. */
import type { Deed } from "./deeds.js";
import { Lines } from "./lines.js";
import type { Expected } from "./questions.js";

interface Begun {
  readonly row: string;
  readonly hart: number;
  readonly sp: bigint;
  /** Behind an ecall. */
  readonly behind: bigint | undefined;
  returned: string;
}

const ECALLS: readonly bigint[] = [8n, 9n, 11n];

export class TrapsHeard implements Expected {
  readonly kinds = ["trapped", "reached"] as const;
  private readonly all: Begun[] = [];
  private open: readonly Begun[] = [];

  /** `addresses`: of the guest's xRETs. */
  constructor(
    private readonly isWanted: (deed: Deed) => boolean,
    private readonly rowOf: (deed: Deed) => string,
    readonly addresses: readonly number[],
  ) {}

  hear(deed: Deed): void {
    const { hart, pc = 0n, passed } = deed;
    if (deed.kind === "reached") this.settle(deed);
    else if (this.isWanted(deed)) {
      const behind = ECALLS.includes(deed.address) ? pc + 4n : undefined;
      const begun = { row: this.rowOf(deed), hart, sp: passed.sp, behind, returned: "" };
      this.all.push(begun);
      this.open = [begun, ...this.open];
    }
  }

  get lines(): Lines {
    const lines = new Lines();
    for (const { row, returned } of this.all) lines.add(row + returned);
    return lines;
  }

  /** Whether the handler goes back behind an ecall shows at the next trap at latest; a0 is there either way. */
  private settle({ seq, icount, ns, hart, passed }: Deed): void {
    const found = this.open.find((begun) => begun.hart === hart && begun.sp === passed.sp);
    if (found === undefined) return;
    const value = found.behind === undefined ? "none" : passed.a[0];
    found.returned = ` ${[seq, icount, ns, value].map(String).join(" ")}`;
    this.open = this.open.filter((begun) => begun !== found);
  }
}
