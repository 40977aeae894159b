/** A view of a machine that notes which memory is read of it, and refuses what changes without a store. */
import type { MemoryRange } from "../../../machine/engine/ranges.js";
import type { Inspected } from "../../../machine/inspect.js";
import { floatRegister, integerRegister } from "../../../machine/isa/registers.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { overlaid, type BytesAt } from "../../../machine/overlaid.js";

/** What was read. */
export class ReadPlaces {
  readonly memory: MemoryRange[] = [];
  /** A virtual address was translated, so what it means may change with satp. */
  translates = false;
}

/** What was asked of the machine changes at each instruction. */
export class UntrackedError extends Error {
  override readonly name = "UntrackedError";
  readonly code = "NOT_MEMORY";

  constructor(what: string) {
    super(
      `${what} may change at any instruction, so its changes can't be watched: read memory only, ` +
        'or say where to ask, as in { at: "main+0x68" }',
    );
  }
}

/** What one look at the machine reads, and what it is shown in the place of bytes that are not stored yet. */
export interface Look {
  places: ReadPlaces;
  overlays: readonly BytesAt[];
}

/** At nothing yet. */
export const unlooked = (): Look => ({ places: new ReadPlaces(), overlays: [] });

/** One for all looks: `look` is of the present one. */
export const trackedView = (machine: Inspected, look: Look): Inspected => ({
  config: machine.config,
  rom: machine.rom,
  // Whose turn it is changes too. Any hart has a kernel's memory mapped.
  hart: 0,
  ram: {
    byteLength: machine.ram.byteLength,
    read(offset, length) {
      const bytes = machine.ram.read(offset, length);
      const address = DRAM_BASE + offset;
      look.places.memory.push({ address, bytes: length });
      return overlaid({ address, bytes }, look.overlays);
    },
  },
  harts: machine.harts.map(({ fields }) => ({
    x: refusedRegisters("x"),
    f: refusedRegisters("f"),
    fields: new Proxy(fields, {
      get(_target, name) {
        if (name !== "satp") return refuse(`the register ${String(name)}`);
        look.places.translates = true;
        return fields.satp;
      },
    }),
  })),
  get position() {
    return refuse("the position");
  },
  get clock() {
    return refuse("the clock");
  },
  get schedule() {
    return refuse("which hart executes");
  },
  get platform() {
    return refuse("a device");
  },
});

/** Of the integer registers, or of those of floating point. */
const refusedRegisters = (letter: "x" | "f"): readonly bigint[] =>
  new Proxy<readonly bigint[]>([], {
    get(_target, index) {
      const name = letter === "x" ? integerRegister(Number(index)) : floatRegister(Number(index));
      return refuse(`the register ${name}`);
    },
  });

const refuse = (what: string): never => {
  throw new UntrackedError(what);
};
