/** Queries find what brute force finds: forwards, back, in parts, and whatever states are kept. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { lastValueFrom, toArray } from "rxjs";

import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { CSRS } from "../../../../src/machine/hart/csr.js";
import { devices as units } from "../../../../src/reducers/devices.js";
import {
  csrs,
  devices,
  reads,
  traps,
  TRAP_NAMES,
  visits,
  writes,
  type Query,
} from "../../../../src/streams/past/query/index.js";
import type { Instant } from "../../../../src/reducers/stream-event.js";
import { deedsBetween, type Deed } from "../../../support/brute-force.js";
import { freshSeed, oneOf, seededRandom, type Random } from "../../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    queries: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);
const logs = fileURLToPath(new URL("../../../../logs", import.meta.url));

const WINDOWS = Number(process.env["FOLDVM_WINDOWS"] ?? 3);
const QUERIES = Number(process.env["FOLDVM_QUERIES"] ?? 12);
const LONGEST_INSNS = 3000;
const PAGE_BYTES = 4096;
const CSR_SETS = [undefined, ["mstatus"], ["mscratch", "mepc", "mie"], ["satp", "sstatus", "stvec"]];

interface Asked {
  readonly name: string;
  readonly query: Query<Instant & { readonly hart: number }>;
  readonly expected: readonly string[];
}

const rowLine = (row: object): string => {
  const { seq, icount, hart, pc, csr, address = csr, bytes, value, before } = row as Record<string, unknown>;
  return [seq, icount, hart, pc, address, bytes, value, before].map(String).join(" ");
};

const deedLine = ({ kind, seq, icount, hart, pc, address, bytes, value, before }: Deed): string => {
  const own = ownParts[kind]?.({ address, bytes, value, before }) ?? [];
  return [...[seq, icount, hart, pc], ...own, ...Array.from({ length: 4 - own.length })].map(String).join(" ");
};

const ownParts: Partial<
  Record<Deed["kind"], (deed: Pick<Deed, "address" | "bytes" | "value" | "before">) => unknown[]>
> = {
  stored: ({ address, bytes, value, before }) => [address, bytes, value, before],
  loaded: ({ address, bytes, value }) => [address, bytes, value],
  asked: ({ address, bytes, value }) => [address, bytes, value],
  told: ({ address, bytes, value }) => [address, bytes, value],
  csr: ({ address, value, before }) => [CSRS.get(Number(address))?.name, undefined, value, before],
};

/** Brute force knows of no devices' own accesses. */
const isOfHart = (row: object): boolean => !("by" in row) || row.by === "hart";

function ask(recording: ReturnType<typeof openRecording>, deeds: readonly Deed[], range: object): Asked {
  const of = (kind: Deed["kind"]): readonly Deed[] => deeds.filter((deed) => deed.kind === kind);
  switch (random(6)) {
    case 0:
    case 1: {
      const isWrite = random(2) === 0;
      const candidates = of(isWrite ? "stored" : "loaded");
      const address =
        candidates.length > 0 && random(8) > 0
          ? Number(oneOf(random, candidates).address)
          : 0x8000_0000 + random(2 ** 16);
      const bytes = 1 + random(random(2) === 0 ? 8 : 600);
      // An access that crosses a page has two rows, of which brute force knows nothing.
      const place = { address, bytes: Math.min(bytes, PAGE_BYTES - (address % PAGE_BYTES)) };
      const touches = (deed: Deed): boolean =>
        Number(deed.address) < place.address + place.bytes && Number(deed.address) + deed.bytes > place.address;
      const expected = candidates.filter(touches).map(deedLine);
      const query = isWrite ? writes(recording, { of: place, ...range }) : reads(recording, { of: place, ...range });
      return { name: `${isWrite ? "writes" : "reads"} ${JSON.stringify(place)}`, query, expected };
    }
    case 2: {
      const candidates = of("reached");
      const places = Array.from({ length: 1 + random(4) }, () => oneOf(random, candidates).address);
      const expected = candidates.filter(({ address }) => places.includes(address)).map(deedLine);
      return { name: `visits ${places.join(" ")}`, query: visits(recording, { of: places, ...range }), expected };
    }
    case 3: {
      const names = CSR_SETS[random(CSR_SETS.length)];
      const found = of("csr").filter(
        ({ address }) => names === undefined || names.includes(CSRS.get(Number(address))?.name ?? ""),
      );
      return {
        name: `csrs ${String(names)}`,
        query: csrs(recording, { of: names, ...range }),
        expected: found.map(deedLine),
      };
    }
    case 4: {
      const name = oneOf(random, [undefined, "uart16550", "clint", "virtio", "plic", "goldfishRtc"]);
      const bases = units(recording.config).filter(({ device }) => name === undefined || device.name === name);
      const isOf = ({ address }: Deed): boolean =>
        bases.some(({ place }) => address >= place.base && address < place.base + place.sizeBytes);
      const found = deeds.filter((deed) => (deed.kind === "asked" || deed.kind === "told") && isOf(deed));
      return {
        name: `devices ${String(name)}`,
        query: devices(recording, { of: name, ...range }),
        expected: found.map(deedLine),
      };
    }
    default: {
      const names = random(2) === 0 ? undefined : ["mei", "mti", "ecallFromM", oneOf(random, TRAP_NAMES)];
      const numbers = [(1n << 63n) | 11n, (1n << 63n) | 7n, 11n];
      const found = of("trapped").filter(({ address }) => names === undefined || numbers.includes(address));
      const query = traps(recording, { of: names, ...range });
      return { name: `traps ${String(names)}`, query, expected: found.map(deedLine) };
    }
  }
}

async function compare(name: string, fromIcount: number, untilIcount: number, choose: Random): Promise<number> {
  const path = join(logs, `${name}.fold`);
  const deeds = deedsBetween(openRecording(path), fromIcount, untilIcount);
  // Few states, many, or what fits.
  const keptBytes = oneOf(choose, [0, 2 ** 18, undefined]);
  const recording = openRecording(path, keptBytes === undefined ? {} : { keptBytes });
  let rowCount = 0;
  for (let index = 0; index < QUERIES; index += 1) {
    if (choose(3) === 0) recording.at(fromIcount + choose(untilIcount - fromIcount));
    const asked = ask(recording, deeds, { from: fromIcount, until: untilIcount });
    const where = `FOLDVM_SEED=${String(seed)}, ${name} ${String(fromIcount)} to ${String(untilIcount)}, ${asked.name}`;
    const found = choose(2) === 0 ? asked.query.toArray() : await lastValueFrom(asked.query.pipe(toArray()));
    const rows = found.map(rowLine);
    assert.equal(found.filter(isOfHart).map(rowLine), asked.expected, where);
    const lineOf = (row: object | undefined): string | undefined => (row === undefined ? undefined : rowLine(row));
    assert.is(lineOf(asked.query.last()), rows.at(-1), `${where}: last`);
    assert.is(lineOf(asked.query.first()), rows[0], `${where}: first`);
    rowCount += found.length;
  }
  recording.close();
  return rowCount;
}

for (const name of ["session", "race-fails", "virtio", "clock"]) {
  test(`given windows of the golden log ${name}, when random questions are asked, then the rows are those of brute force`, async () => {
    const { instructions } = openRecording(join(logs, `${name}.fold`)).info;
    let rowCount = 0;
    for (let index = 0; index < WINDOWS; index += 1) {
      const insns = Math.min(instructions, 100 + random(LONGEST_INSNS));
      const from = random(instructions - insns + 1);
      rowCount += await compare(name, from, from + insns, random);
    }
    assert.ok(rowCount > WINDOWS, `only ${String(rowCount)} rows were compared`);
  });
}

test.run();
