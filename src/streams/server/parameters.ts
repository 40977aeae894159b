/** What a request's query says, held against what its route takes. */
import { nearestOf } from "../../options/nearest.js";
import { Refusal } from "./refusal.js";

export interface Parameter {
  readonly description: string;
  /** JSON Schema, for the description of the API. */
  readonly schema: object;
  readonly isNeeded?: true;
  readonly isRepeatable?: true;
}

export type Parameters = Readonly<Record<string, Parameter>>;

/** Those of a request, each by its name. */
export class Given {
  /** @throws {Refusal} for one that the route has not, or that is there twice. */
  constructor(
    private readonly given: URLSearchParams,
    taken: Parameters,
  ) {
    const names = Object.keys(taken);
    for (const name of new Set(given.keys())) {
      // Of the server, and not of the route.
      if (name === "token") continue;
      if (!Object.hasOwn(taken, name)) throw wrong(name, unknownWords(name, names));
      if (given.getAll(name).length > 1 && taken[name]?.isRepeatable !== true) throw wrong(name, "give it once");
    }
    for (const [name, { isNeeded, description }] of Object.entries(taken))
      if (isNeeded === true && !given.get(name)) throw wrong(name, `is missing: ${description}`);
  }

  text(name: string): string | undefined {
    return this.given.get(name) ?? undefined;
  }

  all(name: string): readonly string[] {
    return this.given.getAll(name);
  }

  /** @throws {Refusal} */
  whole(
    name: string,
    standard: number,
    { least = 0, most }: { readonly least?: number; readonly most: number },
  ): number {
    const text = this.text(name);
    if (text === undefined) return standard;
    const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (number >= least && number <= most) return number;
    throw wrong(name, `${JSON.stringify(text)} is not from ${String(least)} to ${String(most)}`);
  }

  /** @throws {Refusal} */
  flag(name: string): boolean {
    return this.word(name, ["0", "1"] as const, "0") === "1";
  }

  /** @throws {Refusal} */
  word<Word extends string>(name: string, words: readonly Word[], standard: Word): Word {
    const text = this.text(name);
    const found = text === undefined ? standard : words.find((word) => word === text);
    if (found !== undefined) return found;
    throw wrong(name, `${JSON.stringify(text)} is none of ${words.join(", ")}`);
  }
}

function unknownWords(name: string, names: readonly string[]): string {
  const near = nearestOf(name, names);
  if (near !== undefined) return `there is no such parameter; is ${near} meant?`;
  return names.length === 0 ? "nothing is taken here" : `there is no such parameter; there are ${names.join(", ")}`;
}

/** To be thrown. */
export const wrong = (name: string, what: string): Refusal => new Refusal(400, "INVALID_PARAMETER", `${name}: ${what}`);
