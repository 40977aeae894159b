/** Names for addresses and addresses for names, of the machine's images and of the files that the user named. */
import { hexAddress } from "../../../reducers/hex.js";
import { SymbolTable, type Symbol } from "../../../machine/symbol-table.js";
import { MonitorError } from "./monitor-error.js";
import { nearestWords } from "../../../options/nearest.js";

/** A compiler's own labels have the same name thousands of times. */
const MAX_PLACES_SHOWN = 8;

export class Names {
  private read: { readonly table: SymbolTable; readonly byName: ReadonlyMap<string, readonly Symbol[]> } | undefined;

  /** Asked once, when the first name is: a kernel has a hundred thousand. */
  constructor(private readonly symbols: () => readonly Symbol[]) {}

  has(name: string): boolean {
    return this.tables().byName.has(name);
  }

  /** @throws {MonitorError} where there is none, or the name is of several places. */
  named(name: string): Symbol {
    const [symbol, ...others] = this.tables().byName.get(name) ?? [];
    if (symbol === undefined) throw this.missing(name);
    if (others.length === 0) return symbol;
    const places = [symbol, ...others].map(({ address }) => hexAddress(address));
    const more = places.length > MAX_PLACES_SHOWN ? ` and ${String(places.length - MAX_PLACES_SHOWN)} more places` : "";
    const shown = `${places.slice(0, MAX_PLACES_SHOWN).join(", ")}${more}`;
    throw new MonitorError("AMBIGUOUS_NAME", `${name} is at ${shown}: give the address that is meant`);
  }

  /** `main+0x10`, where an address lies in what has a name. */
  of(address: bigint): string | undefined {
    const symbol = this.tables().table.find(address);
    if (symbol === undefined) return undefined;
    const offset = address - symbol.address;
    return offset === 0n ? symbol.name : `${symbol.name}+${hexAddress(offset)}`;
  }

  /** In order. */
  startingWith(prefix: string): readonly string[] {
    return [...this.tables().byName.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  private missing(name: string): MonitorError {
    const { byName } = this.tables();
    if (byName.size === 0) {
      return new MonitorError(
        "NO_SUCH_NAME",
        `${name} is not known: no image of the machine has names; give --symbols an ELF file or a System.map`,
      );
    }
    const near = nearestWords(name, byName.keys()).map(
      (other) => `${other} (${hexAddress(byName.get(other)?.[0]?.address ?? 0n)})`,
    );
    const hint = /^[0-9a-f]+$/i.test(name) ? "; a hexadecimal number begins with 0x" : "";
    return new MonitorError("NO_SUCH_NAME", `there is no ${name}; nearest are ${near.join(", ")}${hint}`);
  }

  private tables(): NonNullable<Names["read"]> {
    return (this.read ??= tablesOf(this.symbols()));
  }
}

function tablesOf(symbols: readonly Symbol[]): NonNullable<Names["read"]> {
  const byName = new Map<string, Symbol[]>();
  const known = new Set<string>();
  for (const symbol of symbols) {
    const place = `${String(symbol.address)} ${symbol.name}`;
    // An image and its symbol file name the same thing.
    if (known.has(place)) continue;
    known.add(place);
    const same = byName.get(symbol.name);
    if (same === undefined) byName.set(symbol.name, [symbol]);
    else same.push(symbol);
  }
  return { table: new SymbolTable(symbols), byName };
}
