/** Random questions of every kind that is answered by rows, each with what brute force says of it. */
import { CSRS } from "../../../src/machine/hart/csr.js";
import { INTERRUPT, INTERRUPT_BIT, TRAP_CAUSE } from "../../../src/machine/hart/trap-causes.js";
import { integerOf } from "../../../src/machine/little-endian.js";
import { DRAM_BASE } from "../../../src/machine/memory-map.js";
import { devices as unitsOf } from "../../../src/reducers/devices.js";
import type { MomentView } from "../../../src/streams/past/moment-view.js";
import type { Range } from "../../../src/streams/past/query/index.js";
import * as ask from "../../../src/streams/past/query/index.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import { oneOf, type Random } from "../seeded-random.js";
import { CallsHeard } from "./calls-heard.js";
import type { Deed, DeedKind } from "./deeds.js";
import { Lines } from "./lines.js";
import { LinesHeard } from "./lines-heard.js";
import { TrapsHeard } from "./traps-heard.js";

export type Row = Record<string, unknown>;

export interface Question {
  readonly kind: string;
  /** What is asked for, to tell where an answer is wrong. */
  readonly name: string;
  readonly query: (recording: Recording, range: Range) => ask.Query<object>;
  /** A row has a line; one of a device, which may have any length, a line a byte. */
  readonly linesOf: (row: Row) => readonly string[];
  readonly expected: Expected;
  /** Rows come of what was before, so an answer is not one of its parts. */
  readonly isWhole?: boolean;
  /** A function is a part of it, so no other thread can answer it. */
  readonly hasFunction?: boolean;
}

/** Hears what is done, and says what the answer is: a line a row. */
export interface Expected {
  readonly kinds: readonly DeedKind[];
  /** Of arrivals: at these alone. Of stores and loads: in the pages of these. */
  readonly addresses?: readonly number[];
  hear(deed: Deed, ram: Uint8Array): void;
  readonly lines: Lines;
}

/** What may be asked about: deeds of the range, of which some are to be met again. */
export interface Material {
  readonly recording: Recording;
  readonly deeds: readonly Deed[];
  /** Functions that are entered, each by its one name, with where they lie. */
  readonly functions: readonly CalledFunction[];
}

export interface CalledFunction {
  readonly name: string;
  readonly virtual: bigint;
  readonly physical: number;
  /** How many low bits of what it returns are those of a0, whatever its type; 0: it may be no integer. */
  readonly resultBits: 64 | 8 | 0;
}

type Maker = (random: Random, material: Material) => Question | undefined;

const PAGE_BYTES = 4096;

const whenAndWho = ({ seq, icount, ns, hart, pc }: Pick<Deed, "seq" | "icount" | "ns" | "hart" | "pc">): string =>
  [seq, icount, ns, hart, pc].map(String).join(" ");
const line = (at: object, ...more: readonly unknown[]): string =>
  [whenAndWho(at as Deed), ...more.map(String)].join(" ");

/** Each deed of which `linesOf` says something. */
const heard = (
  kinds: readonly DeedKind[],
  linesOf: (deed: Deed) => readonly string[],
  addresses?: readonly number[],
): Expected => {
  const lines = new Lines();
  return {
    kinds,
    ...(addresses && { addresses }),
    lines,
    hear: (deed) => {
      lines.add(...linesOf(deed));
    },
  };
};

const some = <T>(random: Random, most: number, all: readonly T[]): readonly T[] =>
  Array.from({ length: 1 + random(most) }, () => oneOf(random, all));

const ofKind = ({ deeds }: Material, ...kinds: readonly DeedKind[]): readonly Deed[] =>
  deeds.filter(({ kind }) => kinds.includes(kind));

const memory =
  (kind: "writes" | "reads"): Maker =>
  (random, material) => {
    const all = ofKind(material, kind === "writes" ? "stored" : "loaded");
    const byDevices = all.filter(({ pc }) => pc === undefined);
    const candidates = byDevices.length > 0 && random(3) === 0 ? byDevices : all;
    const isMet = candidates.length > 0 && random(8) > 0;
    const address = isMet
      ? Math.max(DRAM_BASE, Number(oneOf(random, candidates).address) - random(8))
      : DRAM_BASE + random(2 ** 16);
    const most = material.recording.config.memoryBytes - (address - DRAM_BASE);
    const bytes = Math.min(most, 1 + random(oneOf(random, [8, 8, 600, 3 * PAGE_BYTES])));
    const isIn = (at: number): boolean => at >= address && at < address + bytes;
    const byteLines = (at: object, from: number, now: Uint8Array, before: Uint8Array | undefined): readonly string[] =>
      [...now].flatMap((byte, index) =>
        isIn(from + index) ? [line(at, "device", from + index, byte, before?.[index])] : [],
      );
    const linesOfDeed = (deed: Deed): readonly string[] => {
      const from = Number(deed.address);
      if (deed.pc === undefined)
        return byteLines(deed, from, deed.data, kind === "writes" ? deed.dataBefore : undefined);
      if (from >= address + bytes || from + deed.bytes <= address) return [];
      return [line(deed, "hart", from, deed.bytes, deed.value, kind === "writes" ? deed.before : undefined)];
    };
    const linesOf = (row: Row): readonly string[] => {
      const { by, address: from, bytes: length, value, before } = row as unknown as ask.Write;
      if (by === "hart") return [line(row, "hart", from, length, value, before)];
      const bytesOf = (whole: bigint): Uint8Array =>
        Uint8Array.from({ length }, (_, index) => Number((whole >> BigInt(8 * index)) & 0xffn));
      const was = before as bigint | undefined;
      return byteLines(row, from, bytesOf(value), was === undefined ? undefined : bytesOf(was));
    };
    const of = { address, bytes };
    const addresses = Array.from(
      { length: Math.floor((address + bytes - 1) / PAGE_BYTES) - Math.floor(address / PAGE_BYTES) + 1 },
      (_, page) => address + page * PAGE_BYTES,
    );
    return {
      kind,
      name: `${kind} ${JSON.stringify(of)}`,
      query: (recording, range) => ask[kind](recording, { of, ...range }),
      linesOf,
      expected: heard([kind === "writes" ? "stored" : "loaded"], linesOfDeed, addresses),
    };
  };

const visits: Maker = (random, material) => {
  const of = [...new Set(some(random, 4, ofKind(material, "reached")).map(({ address }) => Number(address)))];
  return {
    kind: "visits",
    name: `visits ${of.join(" ")}`,
    query: (recording, range) => ask.visits(recording, { of, ...range }),
    linesOf: (row) => [line(row)],
    expected: heard(["reached"], (deed) => (of.includes(Number(deed.address)) ? [line(deed)] : []), of),
  };
};

const calls: Maker = (random, { functions }) => {
  if (functions.length === 0) return undefined;
  const called = [...new Set(some(random, 4, functions))];
  const linesOfDeed = (deed: Deed): readonly string[] => {
    const { address, pc, passed } = deed;
    if (!called.some(({ physical, virtual }) => physical === Number(address) && virtual === pc)) return [];
    return [line(deed, passed.a.join(","), passed.ra)];
  };
  const of = called.map(({ name }) => name);
  return {
    kind: "calls",
    name: `calls ${of.join(" ")}`,
    query: (recording, range) => ask.calls(recording, { of, ...range }),
    linesOf: (row) => [line(row, (row["args"] as readonly bigint[]).join(","), row["returnAddress"])],
    expected: heard(
      ["reached"],
      linesOfDeed,
      called.map(({ physical }) => physical),
    ),
  };
};

const results: Maker = (random, { functions }) => {
  if (functions.length === 0) return undefined;
  const called = [...new Set(some(random, 3, functions))];
  const of = called.map(({ name }) => name);
  return {
    kind: "call results",
    name: `calls ${of.join(" ")} with results`,
    query: (recording, range) => ask.calls(recording, { of, results: true, ...range }),
    linesOf: (row) => {
      const { returned, function: name } = row as unknown as ask.Call;
      if (returned === undefined) return [line(row)];
      const { resultBits = 0 } = called.find((one) => one.name === name) ?? {};
      const value = resultBits === 0 ? "typed" : BigInt.asUintN(resultBits, returned.value as bigint);
      return [line(row, returned.seq, returned.icount, returned.ns, value)];
    },
    expected: new CallsHeard(called, whenAndWho),
    isWhole: true,
  };
};

const CAUSES = new Map<string, bigint>([
  ...Object.entries(TRAP_CAUSE).map(([name, cause]): [string, bigint] => [name, cause]),
  ...Object.entries(INTERRUPT).map(([name, cause]): [string, bigint] => [name, cause | INTERRUPT_BIT]),
]);

const traps: Maker = (random, material) => {
  const met = ofKind(material, "trapped").map(({ address }) => address);
  const names = [...CAUSES.keys()].filter((name) => met.includes(CAUSES.get(name) ?? -1n));
  const of = random(3) === 0 ? undefined : some(random, 2, names.length > 0 ? names : [...CAUSES.keys()]);
  const linesOfDeed = (deed: Deed): readonly string[] =>
    of?.some((name) => CAUSES.get(name) === deed.address) === false
      ? []
      : [line(deed, deed.address, deed.value, deed.passed.a.join(","))];
  return {
    kind: "traps",
    name: `traps ${String(of)}`,
    query: (recording, range) => ask.traps(recording, { of, ...range }),
    linesOf: (row) => {
      const { cause, trapValue, args } = row as unknown as ask.Trap;
      return [line(row, CAUSES.get(cause) ?? cause, trapValue, args.join(","))];
    },
    expected: heard(["trapped"], linesOfDeed),
  };
};

const XRETS: readonly (bigint | undefined)[] = [0x1020_0073n, 0x3020_0073n];

const trapResults: Maker = (random, material) => {
  const met = ofKind(material, "trapped").map(({ address }) => address);
  const names = [...CAUSES.keys()].filter((name) => met.includes(CAUSES.get(name) ?? -1n));
  const xrets = ofKind(material, "reached").filter(({ value }) => XRETS.includes(value));
  if (names.length === 0 || xrets.length === 0) return undefined;
  const of = random(2) === 0 ? undefined : some(random, 2, names);
  const isWanted = ({ address }: Deed): boolean => of?.some((name) => CAUSES.get(name) === address) !== false;
  const addresses = [...new Set(xrets.map(({ address }) => Number(address)))];
  return {
    kind: "trap results",
    name: `traps ${String(of)} with results`,
    query: (recording, range) => ask.traps(recording, { of, results: true, ...range }),
    linesOf: (row) => {
      const { cause, returned } = row as unknown as ask.Trap;
      const what = CAUSES.get(cause) ?? cause;
      if (returned === undefined) return [line(row, what)];
      return [line(row, what, returned.seq, returned.icount, returned.ns, returned.value ?? "none")];
    },
    expected: new TrapsHeard(isWanted, (deed) => line(deed, deed.address), addresses),
    isWhole: true,
  };
};

const csrName = ({ address }: Deed): string => CSRS.get(Number(address))?.name ?? "";

const csrs: Maker = (random, material) => {
  const met = [...new Set(ofKind(material, "csr").map(csrName))];
  const of = random(3) === 0 ? undefined : some(random, 3, met.length > 0 ? met : ["mstatus", "sepc"]);
  const linesOfDeed = (deed: Deed): readonly string[] =>
    of?.includes(csrName(deed)) === false ? [] : [line(deed, csrName(deed), deed.value, deed.before)];
  return {
    kind: "csrs",
    name: `csrs ${String(of)}`,
    query: (recording, range) => ask.csrs(recording, { of, ...range }),
    linesOf: (row) => [line(row, row["csr"], row["value"], row["before"])],
    expected: heard(["csr"], linesOfDeed),
  };
};

const devices: Maker = (random, material) => {
  const met = ofKind(material, "asked", "told");
  const units = unitsOf(material.recording.config);
  const range = (): { readonly address: number; readonly bytes: number } => ({
    address: met.length > 0 ? Number(oneOf(random, met).address) : 0x1000_0000,
    bytes: 1 + random(16),
  });
  const { device, label } = oneOf(random, units);
  const of = oneOf(random, [undefined, device.name, label, range()]);
  const places =
    typeof of === "string"
      ? units
          .filter((unit) => unit.label === of || unit.device.name === of)
          .map(({ place }) => ({ address: place.base, bytes: place.sizeBytes }))
      : [of ?? { address: 0, bytes: Infinity }];
  const linesOfDeed = (deed: Deed): readonly string[] => {
    const at = Number(deed.address);
    const isAsked = places.some(({ address, bytes }) => at < address + bytes && at + deed.bytes > address);
    return isAsked ? [line(deed, deed.kind === "asked" ? "load" : "store", at, deed.bytes, deed.value)] : [];
  };
  return {
    kind: "devices",
    name: `devices ${JSON.stringify(of)}`,
    query: (recording, asked) => ask.devices(recording, { of, ...asked }),
    linesOf: (row) => [line(row, row["access"], row["address"], row["bytes"], row["value"])],
    expected: heard(["asked", "told"], linesOfDeed),
  };
};

const output: Maker = (random, material) => {
  const printed = ofKind(material, "printed").map(({ data }) => Buffer.from(data).toString("latin1"));
  const text = printed.join("");
  const at = random(Math.max(1, text.length - 2));
  const part = text.slice(at, at + 1 + random(3)).replace(/[^\w ]/g, "");
  const of = oneOf(random, [undefined, part, new RegExp(`${part}.?`)]);
  return {
    kind: "output",
    name: `output ${String(of)}`,
    query: (recording, range) => ask.output(recording, { of, ...range }),
    linesOf: (row) => {
      const unfinished = row["isUnfinished"] === true ? ["unfinished"] : [];
      return [line(row, row["port"], JSON.stringify(row["text"]), ...unfinished)];
    },
    expected: new LinesHeard(of, whenAndWho),
    isWhole: true,
  };
};

const printed: Maker = (random, material) => {
  const of = oneOf(random, [undefined, ...ofKind(material, "printed").map(({ port }) => port)]);
  const linesOfDeed = (deed: Deed): readonly string[] =>
    of === undefined || deed.port === of
      ? [line(deed, deed.port, JSON.stringify(Buffer.from(deed.data).toString("latin1")))]
      : [];
  return {
    kind: "printed",
    name: `printed ${String(of)}`,
    query: (recording, range) => ask.printed(recording, { of, ...range }),
    linesOf: (row) => [line(row, row["port"], JSON.stringify(row["text"]))],
    expected: heard(["printed"], linesOfDeed),
  };
};

type Place = { readonly address: number; readonly bytes: number };

/** A function of memory: places one after the other, of which the last one is chosen by the value of the first. */
function someReading(random: Random, material: Material): (read: (place: Place) => bigint) => readonly bigint[] {
  const stored = ofKind(material, "stored");
  const place = (): Place => {
    const bytes = oneOf(random, [1, 2, 4, 8]);
    const near = stored.length > 0 ? Number(oneOf(random, stored).address) : DRAM_BASE + random(2 ** 16);
    return { address: near - (near % bytes), bytes };
  };
  const places = Array.from({ length: 1 + random(3) }, place);
  const table = random(3) === 0 ? place() : undefined;
  return (read) => {
    const values = places.map(read);
    if (table === undefined) return values;
    const { address, bytes } = table;
    return [...values, read({ address: address + bytes * Number((values[0] ?? 0n) & 7n), bytes })];
  };
}

const inRam =
  (ram: Uint8Array) =>
  ({ address, bytes }: Place): bigint =>
    integerOf(ram.subarray(address - DRAM_BASE, address - DRAM_BASE + bytes));

const valueText = (value: unknown): string =>
  value === undefined ? "undefined" : (value as readonly unknown[]).join(",");

const changeLine = (row: Row): readonly string[] => [line(row, valueText(row["before"]), valueText(row["value"]))];

/** What a value was, and what it is each time that it is another one. */
class ValuesHeard implements Expected {
  readonly lines = new Lines();
  private last: string | undefined;

  constructor(
    readonly kinds: readonly DeedKind[],
    private readonly valueOf: (deed: Deed, ram: Uint8Array) => readonly bigint[] | undefined,
    readonly addresses: readonly number[] = [],
  ) {}

  hear(deed: Deed, ram: Uint8Array): void {
    const value = this.valueOf(deed, ram);
    if (value === undefined) return;
    const now = valueText(value);
    if (now === this.last) return;
    this.lines.add(line(deed, String(this.last), now));
    this.last = now;
  }
}

const read = (moment: MomentView) => (place: Place) => moment.read(place) as bigint;

const changes: Maker = (random, material) => {
  const reading = someReading(random, material);
  return {
    kind: "changes",
    name: "changes",
    query: (recording, range) => ask.changes(recording, (moment) => reading(read(moment)), range),
    linesOf: changeLine,
    expected: new ValuesHeard(["began", "ended"], (_deed, ram) => reading(inRam(ram))),
    isWhole: true,
    hasFunction: true,
  };
};

const changesAt: Maker = (random, material) => {
  const reading = someReading(random, material);
  const at = Number(oneOf(random, ofKind(material, "reached")).address);
  const register = random(8);
  const said = (moment: MomentView): readonly bigint[] => [
    moment.read(`$a${String(register)}`) as bigint,
    moment.read("$ra") as bigint,
    ...reading(read(moment)),
  ];
  const valueOf = ({ address, passed }: Deed, ram: Uint8Array): readonly bigint[] | undefined =>
    Number(address) === at ? [passed.a[register] ?? 0n, passed.ra, ...reading(inRam(ram))] : undefined;
  return {
    kind: "changes at",
    name: `changes at ${String(at)}`,
    query: (recording, range) => ask.changes(recording, said, { at, ...range }),
    linesOf: changeLine,
    expected: new ValuesHeard(["reached"], valueOf, [at]),
    isWhole: true,
    hasFunction: true,
  };
};

const MAKERS: readonly Maker[] = [
  ...[memory("writes"), memory("writes"), memory("reads"), visits, calls, results, traps, csrs, devices, output],
  ...[printed, trapResults, changes, changesAt],
];

/** Of a kind that chance picks. */
export function someQuestion(random: Random, material: Material): Question {
  for (;;) {
    const question = oneOf(random, MAKERS)(random, material);
    if (question !== undefined) return question;
  }
}
