/** The names of a machine that runs: of its images, of files that the user named, of the kernel in memory by now. */
import type { Images } from "../../../machine/initial-state.js";
import type { Machine } from "../../../machine/machine.js";
import type { Symbol } from "../../../machine/symbol-table.js";
import { bootNames } from "../../past/names/boot-names.js";
import { linuxNames, type LinuxNames } from "../../past/names/linux/index.js";
import { Names } from "../../past/names/names.js";
import type { NameSource } from "../../past/names/name-source.js";

export class LiveNames {
  private lookedAt = "";
  private found: LinuxNames | undefined;
  private known: { readonly symbols: readonly Symbol[] | undefined; readonly names: Names } | undefined;
  private read: readonly NameSource[] | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly images: Images,
    private readonly files: readonly NameSource[],
  ) {}

  /** As it stands. The same ones as long as the kernel has the same symbols: a table of them takes a while. */
  get names(): Names {
    const { kernel } = this;
    const symbols = kernel?.symbols();
    if (this.known === undefined || this.known.symbols !== symbols) {
      this.known = { symbols, names: new Names(() => [...this.lasting, ...(kernel === undefined ? [] : [kernel])]) };
    }
    return this.known.names;
  }

  /** Undefined: there is none, or not yet. */
  get kernel(): LinuxNames | undefined {
    const { seq, icount } = this.machine.position;
    const place = `${String(seq)} ${String(icount)}`;
    // It is firmware that may start one, as in a recording.
    if (this.images.bios !== undefined && place !== this.lookedAt) {
      this.lookedAt = place;
      this.found = linuxNames(this.machine.state(), this.images.kernel);
    }
    return this.found;
  }

  private get lasting(): readonly NameSource[] {
    return (this.read ??= [...bootNames(this.machine.present.config.memoryBytes, this.images), ...this.files]);
  }
}
