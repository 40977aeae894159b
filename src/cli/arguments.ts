/** A command line as a table of options says it. QEMU's way of writing them, with one dash, is understood too. */

export interface Option {
  readonly help: string;
  /** What the help calls its value; absent: it has none. */
  readonly value?: string;
  /** The value may be left out; where it is not, it follows a `=`. */
  readonly isOptional?: boolean;
  readonly short?: string;
  /** May be given more than once. */
  readonly isRepeatable?: true;
}

export type Options = Readonly<Record<string, Option>>;

export interface Arguments<O extends Options> {
  readonly operands: readonly string[];
  /** The value of an option, or undefined. */
  get(name: keyof O & string): string | undefined;
  /** Every value of an option, in the order in which they were given. */
  all(name: keyof O & string): readonly string[];
  /** Whether an option was given. */
  has(name: keyof O & string): boolean;
}

/** The command line is wrong; the message names the word and the remedy. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} */
export function parseArguments<O extends Options>(
  words: readonly string[],
  options: O,
  operand?: string,
): Arguments<O> {
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      operands.push(...rest.splice(0));
    } else if (!word.startsWith("-") || word === "-") {
      operands.push(word);
    } else {
      const { name, written, attached } = split(word, options);
      const before = given.get(name) ?? [];
      if (before.length > 0 && options[name]?.isRepeatable !== true) throw new UsageError(`${written} is given twice`);
      given.set(name, [...before, valueOf(written, options[name], attached, rest)]);
    }
  }
  checkOperands(operands, operand);
  return {
    operands,
    get: (name) => given.get(name)?.at(-1),
    all: (name) => given.get(name) ?? [],
    has: (name) => given.has(name),
  };
}

function valueOf(written: string, option: Option | undefined, attached: string | undefined, rest: string[]): string {
  if (option?.value === undefined) {
    if (attached !== undefined) throw new UsageError(`${written} takes no value: leave out ${attached}`);
    return "";
  }
  if (option.isOptional === true) return attached ?? "";
  // A value may begin with a dash: --append "-x" is a command line like any other.
  const value = attached ?? rest.shift();
  if (value === undefined) throw new UsageError(`${written} needs a value: ${written} ${option.value}`);
  return value;
}

function checkOperands(operands: readonly string[], operand: string | undefined): void {
  const [first, second] = operands;
  if (operand === undefined && first !== undefined) {
    throw new UsageError(`what is ${first} for? No option takes it; a value with spaces needs quotes`);
  }
  if (operand !== undefined && first === undefined) throw new UsageError(`${operand} is missing`);
  if (second !== undefined) {
    throw new UsageError(
      `one ${operand ?? "operand"} at a time: ${second} is too much; a value with spaces needs quotes`,
    );
  }
}

/** Which option a word names: --name, --name=value, -name (as QEMU writes it), -n or -nvalue. */
function split(word: string, options: Options): { name: string; written: string; attached: string | undefined } {
  const match = /^--?([^=]+)(?:=(.*))?$/s.exec(word);
  const name = match?.[1] ?? "";
  const isLong = word.startsWith("--");
  if (Object.hasOwn(options, name) && (isLong || name.length > 1)) {
    return { name, written: `${isLong ? "--" : "-"}${name}`, attached: match?.[2] };
  }
  const short = isLong ? undefined : Object.entries(options).find(([, option]) => option.short === word[1]);
  const asValue = short?.[1].value !== undefined;
  // -m256M, but not -machine: a word that QEMU knows is no value.
  if (short !== undefined && (word.length === 2 || (asValue && !Object.hasOwn(HINTS, name)))) {
    return { name: short[0], written: word.slice(0, 2), attached: word.length === 2 ? undefined : word.slice(2) };
  }
  throw new UsageError(`there is no option ${isLong ? "--" : "-"}${name}${remedy(name, options)}`);
}

/** What to do instead of options that QEMU has. */
const HINTS: Readonly<Record<string, string>> = {
  hda: "name disks with --drive file=FILE",
  blockdev: "name disks with --drive file=FILE",
  net: "name a network card with --nic, such as --nic user",
  machine: "there is one machine, QEMU's virt; leave it out",
  M: "there is one machine, QEMU's virt; leave it out",
  cpu: "there is one hart, RV64GC; leave it out",
  nographic: "the console is always on the terminal; leave it out",
  display: "the console is always on the terminal; leave it out",
  monitor: "a recording has one: foldvm replay FILE --monitor",
  chardev: "say where a console ends with --serial PLACE or --console SLOT=PLACE",
  gdb: "not yet: this version has no gdb server",
  s: "not yet: this version has no gdb server",
  S: "not yet: this version has no gdb server",
  loadvm: "begin in a saved state with --from, such as --from booted.fsnap or --from boot.fold#booted",
  rtc: "the real-time clock is the host's; leave it out",
  snapshot: "nothing on the host is written anyway; leave it out",
};

function remedy(name: string, options: Options): string {
  const hint = Object.hasOwn(HINTS, name) ? HINTS[name] : undefined;
  if (hint !== undefined) return `; ${hint}`;
  const [nearest] = Object.keys(options)
    .map((known) => ({ known, distance: editDistance(name, known) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance);
  return nearest === undefined ? "; --help lists those there are" : `; is --${nearest.known} meant?`;
}

/** Levenshtein's. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
