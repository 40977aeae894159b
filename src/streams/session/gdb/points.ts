/** gdb's breakpoints and watchpoints (its manual, "Packets": `Z` and `z`). */
import { MAX_PROBES } from "../../../machine/engine/probes.js";
import { readVirtual, type Inspected } from "../../../machine/inspect.js";
import { integerOf } from "../../../machine/little-endian.js";
import { bytesOfHex, hexAddress } from "../../../reducers/hex.js";
import { PlaceError } from "../../past/names/place-error.js";
import { codeIn, MAX_STOP_POINTS, rangesIn, type NewStopPoint, type StopKind } from "../stop-points/stop-point.js";
import type { Stops } from "../target/target.js";
import { AgentExpressionError, evaluateAgent, MAX_AGENT_BYTES } from "./agent-expression.js";
import { EFAULT, EINVAL, GdbError } from "./errors.js";
import { GDB_REGISTERS } from "./registers.js";

const KINDS: readonly StopKind[] = ["break", "break", "watch", "rwatch", "awatch"];
const INSTRUCTION_BYTES = 2;
const MAX_WATCHED_BYTES = 1 << 20;

/**
 * Those that gdb wants. At each stop it takes all away, and sets all again before it lets the machine go on: so they
 * are given to the machine only then, and what stays is left alone.
 */
export class GdbPoints {
  /** By what takes it away. */
  private readonly wanted = new Map<string, Wanted>();
  /** The numbers of those that the machine has. */
  private readonly set = new Map<GdbPoint, number>();

  constructor(
    private readonly stops: Stops,
    /** As the hart sees it that gdb has chosen. */
    private readonly at: () => Inspected,
  ) {}

  /** `KIND,ADDRESS,BYTES` and conditions. @throws {GdbError} */
  add(text: string): void {
    const key = keyOf(text);
    // What comes again may have another condition.
    this.wanted.delete(key);
    if (this.wanted.size === MAX_STOP_POINTS) {
      throw new GdbError(EINVAL, `there are ${String(MAX_STOP_POINTS)} breakpoints already`);
    }
    const before = [...this.set.keys()].find((point) => point.text === text && isMapped(point));
    const point = before ?? this.pointHere(text);
    const points = [point, ...[...this.wanted.values()].map((one) => one.point)];
    const ranges = points.reduce((sum, one) => sum + (one?.ranges.length ?? 0), 0);
    if (ranges > MAX_PROBES) throw new GdbError(EINVAL, "more memory is watched already than an engine can tell of");
    this.wanted.set(key, { text, point });
  }

  /** @throws {GdbError} where that is none that could have been set */
  remove(text: string): void {
    placeIn(text);
    this.wanted.delete(keyOf(text));
  }

  /** Before the machine goes on. Answers which of them are of memory that is nowhere. */
  give(): readonly string[] {
    const nowhere: string[] = [];
    for (const [key, { text, point }] of this.wanted) {
      if (point !== undefined && (isMapped(point) || !this.hasElsewhere)) continue;
      try {
        this.wanted.set(key, { text, point: pointOf(text, [this.at, ...this.stops.mapped()]) });
      } catch (fault) {
        if (!(fault instanceof GdbError)) throw fault;
        this.wanted.delete(key);
        nowhere.push(fault.message);
      }
    }
    this.exchange(new Set([...this.wanted.values()].flatMap(({ point }) => point ?? [])));
    return nowhere;
  }

  private exchange(wanted: ReadonlySet<GdbPoint>): void {
    const isSame = wanted.size === this.set.size && [...wanted].every((point) => this.set.has(point));
    if (isSame) return;
    this.stops.set(() => {
      for (const [point, number] of this.set) if (!wanted.has(point)) this.forget(point, number);
      for (const point of wanted) if (!this.set.has(point)) this.set.set(point, this.stops.points.add(point).number);
    });
  }

  /** Whether another state may have mapped what this one has not: a replay goes there, when gdb waits for it. */
  private get hasElsewhere(): boolean {
    return this.stops.mapped().length > 1;
  }

  /** Undefined: it is not here, and may be elsewhere. */
  private pointHere(text: string): GdbPoint | undefined {
    try {
      return pointOf(text, [this.at]);
    } catch (fault) {
      if (fault instanceof GdbError && fault.number === EFAULT && this.hasElsewhere) return undefined;
      throw fault;
    }
  }

  /** Of a gdb that leaves. */
  clear(): void {
    this.wanted.clear();
    this.give();
  }

  private forget(point: GdbPoint, number: number): void {
    this.stops.points.remove(number);
    this.set.delete(point);
  }
}

interface GdbPoint extends NewStopPoint {
  /** What gdb asked for. */
  readonly text: string;
}

/** `point`: undefined until it is known where it lies. */
interface Wanted {
  readonly text: string;
  readonly point: GdbPoint | undefined;
}

const isMapped = ({ unmapped = [] }: NewStopPoint): boolean => unmapped.length === 0;

/** What `z` says again. */
const keyOf = (text: string): string => text.split(";", 1)[0] ?? "";

interface Asked {
  readonly kind: StopKind;
  readonly digits: string;
  readonly length: string;
  readonly rest: string;
}

/** @throws {GdbError} */
function placeIn(text: string): Asked {
  const [, type = "", digits = "", length = "", rest = ""] =
    /^(\d+),([0-9a-f]{1,16}),([0-9a-f]{1,8})(?:;(.*))?$/i.exec(text) ?? [];
  const kind = KINDS[Number(type === "" ? KINDS.length : type)];
  if (kind === undefined) throw new GdbError(EINVAL, `${text}: there is no such breakpoint`);
  return { kind, digits, length, rest };
}

function pointOf(text: string, mapped: ReturnType<Stops["mapped"]>): GdbPoint {
  const { kind, digits, length, rest } = placeIn(text);
  const address = BigInt(`0x${digits}`);
  const bytes = kind === "break" ? INSTRUCTION_BYTES : Number.parseInt(length, 16);
  if (bytes < 1 || bytes > MAX_WATCHED_BYTES) {
    throw new GdbError(EINVAL, `a watchpoint has 1 to ${String(MAX_WATCHED_BYTES)} bytes, not ${String(bytes)}`);
  }
  const conditions = conditionsOf(rest);
  try {
    return {
      kind,
      text,
      place: hexAddress(address),
      addresses: [address],
      ...(kind === "break" ? codeIn([address], mapped) : { ranges: rangesIn({ address, bytes }, mapped) }),
      condition: undefined,
      isMet: (at) => conditions.length === 0 || conditions.some((code) => holds(code, at)),
      isSteppedOver: true,
      isOnce: false,
    };
  } catch (fault) {
    if (fault instanceof PlaceError) throw new GdbError(EFAULT, `${hexAddress(address)}: ${fault.message}`);
    throw fault;
  }
}

/** `X LENGTH,CODE`, one after the other; that any of them holds is enough. @throws {GdbError} */
function conditionsOf(text: string): readonly Uint8Array[] {
  const conditions: Uint8Array[] = [];
  let left = text;
  while (left !== "") {
    const [all = "", length = "", code = ""] = /^;?X([0-9a-f]{1,8}),((?:[0-9a-f]{2})+)/i.exec(left) ?? [];
    const bytes = Number.parseInt(length, 16);
    if (bytes > MAX_AGENT_BYTES) {
      throw new GdbError(EINVAL, `a condition has at most ${String(MAX_AGENT_BYTES)} bytes of code`);
    }
    // Digits follow to the end of a condition, whose next one begins with X.
    if (code.length !== 2 * bytes) throw new GdbError(EINVAL, `${left} is no XLENGTH,CODE of a condition`);
    conditions.push(bytesOfHex(code));
    left = left.slice(all.length);
  }
  return conditions;
}

/** As gdb itself has it: where a condition can't be evaluated, the machine stops, so that gdb sees why. */
function holds(code: Uint8Array, at: Inspected): boolean {
  try {
    const isTrue = evaluateAgent(code, {
      register: (number) => GDB_REGISTERS[number]?.read(at),
      memory: (address, bytes) => {
        const read = readVirtual(at, address, bytes);
        return read && integerOf(read);
      },
    });
    return isTrue !== 0n;
  } catch (fault) {
    if (fault instanceof AgentExpressionError) return true;
    throw fault;
  }
}
