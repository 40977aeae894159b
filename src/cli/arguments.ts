/** A command line as a table of options says it. QEMU's way of writing them, with one dash, is understood too. */
import { nearestOf } from "../options/nearest.js";
import { UsageError } from "./problems.js";
import { QEMU_HINTS } from "./qemu-hints.js";

export interface Option {
  readonly help: string;
  /** What the help calls its value; absent: it has none. */
  readonly value?: string;
  /** The value may be left out; where the command has an operand, it follows a `=`. */
  readonly isOptional?: boolean;
  /** An empty value means something; of any other option it is refused. */
  readonly mayBeEmpty?: true;
  readonly short?: string;
  /** Its value names a file that the command reads or writes. */
  readonly file?: FileUse;
  /** May be given more than once. */
  readonly isRepeatable?: true;
  /** It is taken because QEMU has it, and its value can only say what is so: no row of the help. */
  readonly isQemuOnly?: true;
}

export type FileUse = "read" | "written";

export type Options = Readonly<Record<string, Option>>;

export interface Arguments<O extends Options> {
  readonly operands: readonly string[];
  /** What is wrong with the words alone. */
  readonly problems: readonly string[];
  readonly wantsHelp: boolean;
  /** The value of an option, or undefined. */
  get(name: keyof O & string): string | undefined;
  /** Every value of an option, in the order in which they were given. */
  all(name: keyof O & string): readonly string[];
  /** Whether an option was given. */
  has(name: keyof O & string): boolean;
  /** Every value of the options that name a file which the command reads, or writes. */
  filesOf(use: FileUse): readonly FileOption[];
}

export interface FileOption {
  /** As it is written: `--output`. */
  readonly name: string;
  readonly value: string;
}

export const HELP_OPTION = { help: { short: "h", help: "this text" } } as const satisfies Options;

/** Reads all words, and finds all that is wrong with them. */
export function parseArguments<O extends Options>(
  words: readonly string[],
  options: O,
  operand?: string,
  moreOperands = 0,
): Arguments<O> {
  const { given, operands, problems } = new Reading({ ...options, ...HELP_OPTION }, operand, moreOperands).read(words);
  return {
    operands,
    problems,
    wantsHelp: given.has("help"),
    get: (name) => given.get(name)?.at(-1),
    all: (name) => given.get(name) ?? [],
    has: (name) => given.has(name),
    filesOf: (use) =>
      Object.entries(options).flatMap(([name, { file }]) =>
        file === use ? (given.get(name) ?? []).map((value) => ({ name: `--${name}`, value })) : [],
      ),
  };
}

/** An option as it was written. */
interface Written {
  readonly name: string;
  readonly written: string;
  readonly attached: string | undefined;
}

class Reading {
  readonly given = new Map<string, string[]>();
  readonly operands: string[] = [];
  readonly problems: string[] = [];
  private rest: string[] = [];

  constructor(
    private readonly options: Options,
    private readonly operand: string | undefined,
    private readonly moreOperands: number,
  ) {}

  read(words: readonly string[]): this {
    this.rest = [...words];
    for (let word = this.rest.shift(); word !== undefined; word = this.rest.shift()) {
      if (word === "--") this.operands.push(...this.rest.splice(0));
      else if (!word.startsWith("-") || word === "-") this.operands.push(word);
      else this.readOption(word);
    }
    this.checkOperands();
    return this;
  }

  private readOption(word: string): void {
    const option = this.split(word);
    if (option === undefined) {
      this.refuse(word);
      return;
    }
    const { name, written } = option;
    const before = this.given.get(name) ?? [];
    try {
      const value = this.valueOf(option);
      if (before.length > 0 && this.options[name]?.isRepeatable !== true)
        throw new UsageError(`${written} is given twice`);
      this.given.set(name, [...before, value]);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.problems.push(...error.problems);
    }
  }

  /** Which option a word names: --name, --name=value, -name (as QEMU writes it), -n or -nvalue. */
  private split(word: string): Written | undefined {
    const { isLong, name, attached } = parts(word);
    if (Object.hasOwn(this.options, name) && (isLong || name.length > 1))
      return { name, written: `${isLong ? "--" : "-"}${name}`, attached };
    if (isLong) return undefined;
    const short = Object.entries(this.options).find(([, option]) => option.short === word[1]);
    if (short === undefined) return undefined;
    const [known, { value }] = short;
    if (word.length === 2) return { name: known, written: word, attached: undefined };
    // -m256M; but a word that QEMU knows, or that is near to one of ours, is no value.
    const isWord = Object.hasOwn(QEMU_HINTS, name) || nearestOf(name, Object.keys(this.options)) !== undefined;
    if (value === undefined || isWord) return undefined;
    return { name: known, written: word.slice(0, 2), attached: word.slice(2) };
  }

  private valueOf({ name, written, attached }: Written): string {
    const option = this.options[name];
    if (option?.value === undefined) {
      if (attached !== undefined) throw new UsageError(`${written} takes no value: leave out ${attached}`);
      return "";
    }
    const isNext = option.isOptional !== true || (this.operand === undefined && this.isWordNext());
    // A value may begin with a dash: --append "-x" is a command line like any other.
    const value = attached ?? (isNext ? this.rest.shift() : undefined);
    if (value === undefined && option.isOptional === true) return "";
    // Mostly what is left of a shell's variable that is not set.
    if (value === undefined || (value === "" && option.mayBeEmpty !== true))
      throw new UsageError(
        `${written} needs a value: ${written} ${option.value}${value === "" ? "; it is empty" : ""}`,
      );
    return value;
  }

  private refuse(word: string): void {
    const { isLong, name, attached } = parts(word);
    const hint = Object.hasOwn(QEMU_HINTS, name) ? QEMU_HINTS[name] : undefined;
    // What follows an option that nobody knows may be its value: one problem, not two.
    const isValueNext = hint === undefined ? this.operand === undefined : hint.hasValue === true;
    if (attached === undefined && isValueNext && this.isWordNext()) this.rest.shift();
    this.problems.push(`there is no option ${isLong ? "--" : "-"}${name}; ${hint?.remedy ?? this.guess(name)}`);
  }

  private guess(name: string): string {
    const near = nearestOf(name, Object.keys(this.options));
    return near === undefined ? "--help lists those there are" : `is --${near} meant?`;
  }

  private isWordNext(): boolean {
    return this.rest[0]?.startsWith("-") === false;
  }

  private checkOperands(): void {
    const { operand } = this;
    const [first] = this.operands;
    const [second] = this.operands.slice(1 + this.moreOperands);
    // Without one, a command says itself what its user may have meant.
    if (operand === undefined) return;
    if (first === undefined) this.problems.push(`${operand} is missing`);
    if (first === "") this.problems.push(`${operand} is empty: give its name`);
    const one = this.moreOperands === 0 ? `one ${operand} at a time: ` : "";
    if (second !== undefined) this.problems.push(`${one}${second} is too much; a value with spaces needs quotes`);
  }
}

const parts = (word: string): { isLong: boolean; name: string; attached: string | undefined } => {
  const [, name = "", attached] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  return { isLong: word.startsWith("--"), name, attached };
};
