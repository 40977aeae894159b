/**
 * Whether a type of BTF has an end: none that contains itself, and none that is an alias of itself. Damaged records may
 * describe such ones, and whoever walks through a type would never come back.
 */
import { BTF_KIND, type BtfSection } from "./btf-section.js";

/** Types within types, not counting those behind a pointer; the kernel's own checker refuses the same. */
export const MAX_NESTING = 32;

export class Nesting {
  private readonly verdicts = new Map<number, "looked at" | "finite" | "endless">();

  constructor(private readonly section: BtfSection) {}

  isFinite(id: number, depth = 0): boolean {
    const known = this.verdicts.get(id);
    if (known !== undefined) return known === "finite";
    if (depth > MAX_NESTING) return false;
    this.verdicts.set(id, "looked at");
    const isFinite = this.containedBy(id).every((contained) => this.isFinite(contained, depth + 1));
    this.verdicts.set(id, isFinite ? "finite" : "endless");
    return isFinite;
  }

  /** The types of which a value lies within a value of this one. */
  private containedBy(id: number): readonly number[] {
    const record = this.section.record(id);
    if (record === undefined) return [];
    switch (record.kind) {
      case BTF_KIND.struct:
      case BTF_KIND.union:
        return Array.from({ length: record.count }, (_, index) => record.word(3 * index + 1));
      case BTF_KIND.array:
        return [record.word(0)];
      case BTF_KIND.typedef:
      case BTF_KIND.volatile:
      case BTF_KIND.const:
      case BTF_KIND.restrict:
      case BTF_KIND.typeTag:
      case BTF_KIND.func:
      case BTF_KIND.variable:
        return [record.sizeOrType];
      default:
        return [];
    }
  }
}
