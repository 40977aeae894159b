/** The options that say what is otherwise in a branch. */
import { edits, type InputEdit, type Patch } from "../streams/past/branch/index.js";
import type { Recording } from "../streams/past/recording.js";
import { eventFromWords, membersFromWords } from "../streams/session/event-words.js";
import type { Arguments } from "./arguments.js";
import { readAll, readEach, UsageError } from "./problems.js";
import { integer, placeValue } from "./values.js";

const repeated = { isRepeatable: true } as const;

export const EDIT_OPTIONS = {
  drop: { ...repeated, value: "seq:N,...", help: "without these inputs; may be repeated, as all of these" },
  delay: {
    ...repeated,
    value: "seq:N=BY",
    help: "that input comes later: by instructions, or ns, us, ms or s as in 5ms",
  },
  change: { ...repeated, value: "seq:N=FIELD=VALUE,...", help: "that input has another payload, such as byte=66" },
  fault: { ...repeated, value: "seq:N,...", help: "those come as from a broken host: an I/O error, a flipped bit" },
  insert: { ...repeated, value: "WHERE=TYPE,FIELD=VALUE,...", help: "one more input, before what stands at WHERE" },
  type: { ...repeated, value: "WHERE=TEXT", help: "a text typed at the UART; \\n and \\r are line ends" },
  patch: {
    ...repeated,
    value: "PLACE=VALUE",
    help: "at --at: a register, or memory by symbol or address, as in link.count:4=0",
  },
} as const;

type EditArguments = Arguments<typeof EDIT_OPTIONS>;

export interface ReadEdits {
  /** In the order of the options' table. */
  readonly editsOf: (recording: Recording) => readonly InputEdit[];
  readonly patches: readonly Patch[];
  /** Each as it was written. */
  readonly changes: readonly string[];
}

type MadeEdit = (recording: Recording) => InputEdit;

/** @throws {UsageError} with all that is wrong */
export function editArguments(args: EditArguments): ReadEdits {
  const kinds: readonly (readonly [keyof typeof EDIT_OPTIONS, (option: string, text: string) => MadeEdit])[] = [
    ["drop", (option, text) => of(seqOf(option, text), (seq) => (recording) => edits(recording).drop(seq))],
    ["delay", delayOf],
    ["change", changeOf],
    ["fault", (option, text) => of(seqOf(option, text), (seq) => (recording) => edits(recording).fault(seq))],
    ["insert", insertOf],
    ["type", typeOf],
  ];
  const words = kinds.flatMap(([name, read]) =>
    args
      .all(name)
      .flatMap((text) => (name === "drop" || name === "fault" ? text.split(",") : [text]))
      .map((text) => ({ name, text, read })),
  );
  const { made, patches } = readAll({
    made: () => readEach(words, ({ name, text, read }) => read(`--${name}`, text)),
    patches: () => readEach(args.all("patch"), patchOf),
  });
  return {
    editsOf: (recording) => made.map((edit) => edit(recording)),
    patches,
    changes: [...words.map(({ name, text }) => `${name} ${text}`), ...args.all("patch").map((text) => `patch ${text}`)],
  };
}

const of = <A, B>(value: A, make: (value: A) => B): B => make(value);

/** seq:17, or 17. */
function seqOf(option: string, text: string): number {
  const digits = /^(?:seq:)?(\d[\d_]*)$/.exec(text)?.[1];
  if (digits === undefined) throw new UsageError(`${option} ${text}: give the number of an event, as in seq:17`);
  return integer(option, digits);
}

/** What stands before and behind the first `=`. */
function split(option: string, text: string, form: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`${option} ${text}: give ${form}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The same behind a place, where a `=` may be within a /TEXT/. */
function splitPlace(option: string, text: string, form: string): readonly [string, string] {
  const [, place, rest] = /^(\/(?:[^/\\]|\\.)*\/[a-z]*)=(.*)$/s.exec(text) ?? [];
  return place === undefined || rest === undefined ? split(option, text, form) : [place, rest];
}

const NS_A_UNIT: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

function delayOf(option: string, text: string): MadeEdit {
  const [event, by] = split(option, text, "seq:N=BY");
  const seq = seqOf(option, event);
  const [, sign = "", digits = "", unit] = /^([+-]?)(\d[\d_]*)(ns|us|ms|s)?$/.exec(by) ?? [];
  if (digits === "")
    throw new UsageError(`${option} ${text}: give instructions, or a time such as 5ms; -5ms is earlier`);
  const amount = integer(option, digits) * (sign === "-" ? -1 : 1);
  const delay = unit === undefined ? { insns: amount } : { ns: BigInt(amount) * BigInt(NS_A_UNIT[unit] ?? 1) };
  return (recording) => edits(recording).delay(seq, delay);
}

function changeOf(option: string, text: string): MadeEdit {
  const [event, members] = split(option, text, "seq:N=FIELD=VALUE");
  const seq = seqOf(option, event);
  return (recording) => {
    const { value: row } = recording.eventsFrom(seq).next();
    // Of an event that is not there, the edit itself says so.
    const given = row !== undefined && row.seq === seq ? membersFromWords(option, row.type, members) : {};
    return edits(recording).change(seq, given);
  };
}

function insertOf(option: string, text: string): MadeEdit {
  const [where, words] = splitPlace(option, text, "WHERE=TYPE,FIELD=VALUE");
  const at = placeValue(option, where);
  const event = eventFromWords(option, words);
  return (recording) => edits(recording).insert(at(recording), event);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\" };

function typeOf(option: string, text: string): MadeEdit {
  const [where, typed] = splitPlace(option, text, "WHERE=TEXT");
  const at = placeValue(option, where);
  const letters = typed.replace(/\\([nrt\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
  return (recording) => edits(recording).type(at(recording), letters);
}

function patchOf(text: string): Patch {
  const [place, value] = split("--patch", text, "PLACE=VALUE");
  if (/^-?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(value))
    return { place, value: value.startsWith("-") ? -BigInt(value.slice(1)) : BigInt(value) };
  throw new UsageError(`--patch ${text}: give a number, such as 5 or 0x80000000`);
}
