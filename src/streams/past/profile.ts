/**
 * A profile of the guest's code: a recording replayed, and looked at every so many instructions. It is the same every
 * time.
 */
import { aRecording } from "../../options/parts.js";
import { check } from "../../options/check.js";
import { anything, distance, exactly, having, list, maybe, wholeFrom } from "../../options/codecs.js";
import { disassemble } from "../../machine/isa/disassemble.js";
import { SampledMachine } from "../../machine/sampled-machine.js";
import { isCode, SymbolTable, type Symbol } from "../../machine/symbol-table.js";
import type { Recording } from "./recording.js";
import { replay } from "./replayer.js";
import { Samples, type Spot } from "./samples.js";
import { hexAddress } from "../../reducers/hex.js";

export interface ProfileOptions {
  /** Instructions from one sample to the next. Default: such that there are some 10,000. */
  readonly everyInsns?: number | undefined;
  /** Samples at which another hart executes are left out. Default: none is. */
  readonly hart?: number | undefined;
  /** Names for addresses, beside those of the recording's own images. */
  readonly symbols?: readonly Symbol[] | undefined;
}

export interface ProfiledInstruction {
  readonly address: bigint;
  readonly samples: number;
  /** Undefined where its page was not mapped when it was looked at. */
  readonly text: string | undefined;
}

/** Instructions close to each other: mostly one loop. */
export interface ProfiledStretch {
  readonly privilege: "U" | "S" | "M";
  readonly symbol: string | undefined;
  readonly samples: number;
  /** The same by hart: which of them executed it. */
  readonly byHart: readonly number[];
  /** Those that were seen, by address. */
  readonly instructions: readonly ProfiledInstruction[];
}

export interface ProfiledFunction {
  readonly privilege: "U" | "S" | "M";
  readonly name: string;
  readonly samples: number;
  /** The same by hart. */
  readonly byHart: readonly number[];
}

export interface Profile {
  readonly instructions: number;
  readonly everyInsns: number;
  readonly samples: number;
  /** The same by hart. */
  readonly byHart: readonly number[];
  /** Those of the samples that no function and no stretch has: at places seen after the first 262,144 others. */
  readonly elsewhere: number;
  /** The hottest first. */
  readonly functions: readonly ProfiledFunction[];
  readonly stretches: readonly ProfiledStretch[];
}

const RECORDING = exactly<{ readonly recording: Recording }>({ recording: aRecording });
const PROFILE_OPTIONS = exactly<ProfileOptions>({
  everyInsns: maybe(distance),
  hart: maybe(anything),
  symbols: maybe(list(having("a symbol", "name", "address"))),
});

const SAMPLES = 10_000;
/** What lies farther apart belongs to another stretch. */
const STRETCH_GAP_BYTES = 64n;

/** @throws {OptionError} for a hart that is not there @throws {Divergence} @throws {LogError} @throws {ImageError} */
export function profile(recording: Recording, options: ProfileOptions = {}): Profile {
  check("profile", RECORDING, { recording });
  check("profile", PROFILE_OPTIONS, options);
  const { instructions, machine: config } = recording.info;
  const { hart: wanted } = options;
  check("profile", exactly<Pick<ProfileOptions, "hart">>({ hart: maybe(wholeFrom(0, config.harts - 1)) }), {
    hart: wanted,
  });
  const everyInsns = options.everyInsns ?? primeFrom(Math.max(1, Math.floor(instructions / SAMPLES)));
  const symbols = new SymbolTable([...recording.names.symbols(), ...(options.symbols ?? [])].filter(isCode));
  const samples = new Samples(config.harts);
  const machine = recording.openMachine(
    (initial, machineOptions) =>
      new SampledMachine(initial, machineOptions, everyInsns, (at) => {
        const { hart } = at;
        if (wanted !== undefined && hart !== wanted) return;
        const { pc, privilege } = at.whereabouts;
        samples.take(hart, privilege, pc, at.codeAt(pc));
      }),
  );
  replay(machine, recording.log);
  machine.release();
  const stretches = stretchesOf(samples.spots, symbols);
  const { count, byHart, elsewhere } = samples;
  return { instructions, everyInsns, samples: count, byHart, elsewhere, functions: functionsOf(stretches), stretches };
}

function stretchesOf(spots: readonly Spot[], symbols: SymbolTable): readonly ProfiledStretch[] {
  const sorted = [...spots].sort(
    (a, b) => compare(a.privilege, b.privilege) || compare(a.address, b.address) || compare(a.raw ?? -1, b.raw ?? -1),
  );
  const groups: { privilege: Spot["privilege"]; symbol: string | undefined; spots: Spot[] }[] = [];
  for (const spot of sorted) {
    const symbol = symbols.find(spot.address)?.name;
    const group = groups.at(-1);
    const last = group?.spots.at(-1);
    const isNear = last !== undefined && spot.address - last.address <= STRETCH_GAP_BYTES;
    if (group !== undefined && isNear && group.privilege === spot.privilege && group.symbol === symbol) {
      group.spots.push(spot);
    } else groups.push({ privilege: spot.privilege, symbol, spots: [spot] });
  }
  return groups
    .map(({ privilege, symbol, spots: members }) => ({
      ...{ privilege, symbol, samples: members.reduce((sum, { samples }) => sum + samples, 0) },
      byHart: sumByHart(members),
      instructions: members.map(({ address, samples, raw }) => ({
        ...{ address, samples, text: raw === undefined ? undefined : disassemble(raw) },
      })),
    }))
    .sort((a, b) => b.samples - a.samples);
}

/** What has no symbol is told by where its hottest stretch begins. */
function functionsOf(stretches: readonly ProfiledStretch[]): readonly ProfiledFunction[] {
  const functions = new Map<string, ProfiledStretch[]>();
  for (const stretch of stretches) {
    const name = stretch.symbol ?? hexAddress(stretch.instructions[0]?.address ?? 0n);
    const key = `${stretch.privilege} ${name}`;
    functions.set(key, [...(functions.get(key) ?? []), stretch]);
  }
  return [...functions]
    .map(([key, parts]): ProfiledFunction => {
      const [privilege, name] = [key.slice(0, 1) as ProfiledFunction["privilege"], key.slice(2)];
      const samples = parts.reduce((sum, part) => sum + part.samples, 0);
      return { privilege, name, samples, byHart: sumByHart(parts) };
    })
    .sort((a, b) => b.samples - a.samples);
}

const sumByHart = (parts: readonly { readonly byHart: readonly number[] }[]): readonly number[] =>
  (parts[0]?.byHart ?? []).map((_, hart) => parts.reduce((sum, { byHart }) => sum + (byHart[hart] ?? 0), 0));

const compare = <T extends string | bigint | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** A loop whose length divides the distance of the samples would be seen at one instruction only. */
function primeFrom(value: number): number {
  const isPrime = (candidate: number): boolean => {
    for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) if (candidate % divisor === 0) return false;
    return true;
  };
  let candidate = Math.max(1, value);
  while (!isPrime(candidate)) candidate += 1;
  return candidate;
}
