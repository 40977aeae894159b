/** `signals`: the values of devices' lines and registers over time. */
import { maybe, value } from "../../../options/codecs.js";
import { orList } from "../../../options/nearest.js";
import type { Machine } from "../../../machine/machine.js";
import type { Recording } from "../recording.js";
import { PlaceError } from "../names/place-error.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { DeviceSignals, type Signal } from "./device-signals.js";
import { Query } from "./query.js";
import type { Kind, Reading } from "./question.js";
import { hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";

export interface SignalsOptions extends AskedOptions {
  /** Those whose names have this in them, as `uart16550` or `/irq$/`; all where it is left out. */
  readonly of?: string | RegExp | undefined;
}

/** A signal has another value from here on. */
export interface SignalChange extends RowOfHart {
  /** `uart16550.LSR`, `virtio0.irq`, `hart0.mtip`: the device, and its line or register. */
  readonly signal: string;
  readonly bits: number;
  readonly value: bigint;
  /** That is its value where the range begins. Each signal has one such row, before all others. */
  readonly isInitial?: true;
}

const PATTERN = value("a text or a RegExp", (given) => typeof given === "string" || given instanceof RegExp);

/** @throws {PlaceError} where no signal has such a name; when it is read, as a replay does */
export function signals(recording: Recording, options: SignalsOptions = {}): Query<SignalChange> {
  checkQuery("signals", recording, options, { of: maybe(PATTERN) });
  const { of, from, until } = options;
  const wanted = new DeviceSignals(recording).signals.filter(({ name }) => isWanted(name, of));
  if (wanted.length === 0) {
    const names = new DeviceSignals(recording).signals.map(({ name }) => name);
    throw new PlaceError("NO_SUCH_NAME", `no signal is called ${String(of)}; there are ${orList(names)}`);
  }
  const names = new Set(wanted.map(({ name }) => name));
  const open = (): Reading<SignalChange> => {
    const namer = new Namer(recording.names);
    return {
      question: undefined,
      listen: () => signalsKind.listen(undefined),
      take(found, emit) {
        const { changes, ...where } = found as FoundChanges;
        for (const change of changes)
          if (names.has(change.signal)) emit(namer.name<SignalChange>({ ...where, ...change }));
      },
    };
  };
  return new Query(recording, open, { from, until });
}

const isWanted = (name: string, of: SignalsOptions["of"]): boolean =>
  of === undefined || (typeof of === "string" ? name.includes(of) : name.search(of) >= 0);

interface FoundChanges extends Unnamed<RowOfHart> {
  readonly changes: readonly Pick<SignalChange, "signal" | "bits" | "value" | "isInitial">[];
}

/** Devices change where a hart asks them, and by events. */
export const signalsKind: Kind<undefined, FoundChanges> = {
  name: "signals",
  listen: () => {
    let all: DeviceSignals | undefined;
    let values: readonly bigint[] | undefined;
    const changed = (machine: Machine, icount: number): FoundChanges | undefined => {
      const seen = machine.present;
      all ??= new DeviceSignals(seen);
      const now = all.valuesIn(seen);
      const before = values;
      values = now;
      const changes = all.signals.flatMap(({ name, bits }: Signal, index) => {
        const present = now[index] ?? 0n;
        if (present === before?.[index]) return [];
        return [{ signal: name, bits, value: present, ...(before === undefined && { isInitial: true as const }) }];
      });
      return changes.length === 0 ? undefined : { ...hartThere(machine, icount), changes };
    };
    return {
      probes: { devices: [EVERYWHERE] },
      needsAll: true,
      told: (machine, icount) => changed(machine, icount),
      stands: (machine) => {
        const found = changed(machine, machine.position.icount);
        return found === undefined ? [] : [found];
      },
    };
  },
};

const EVERYWHERE = { address: 0, bytes: 2 ** 64 };
