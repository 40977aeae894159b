/** What an option may be: io-ts codecs whose failures say what was expected, and what was probably meant. */
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import { nearestOf, nearestWords } from "./nearest.js";

export type Codec = t.Mixed;

/** A value that a predicate knows; `expected` completes "expected ...". */
export const value = <A = unknown>(expected: string, is: (given: unknown) => boolean): t.Type<A> =>
  new t.Type<A>(
    expected,
    (given): given is A => is(given),
    (given, context) => (is(given) ? t.success(given as A) : t.failure(given, context, `expected ${expected}`)),
    t.identity,
  );

const isObject = (given: unknown): given is Readonly<Record<string, unknown>> =>
  typeof given === "object" && given !== null;
const isWhole = (given: unknown): given is number => Number.isSafeInteger(given) && (given as number) >= 0;

/** For what is looked at elsewhere. */
export const anything = value("anything", () => true);
export const flag = value<boolean>("true or false", (given) => typeof given === "boolean");
export const text = value<string>("a text", (given) => typeof given === "string");
export const bytes = value<Uint8Array>("a Uint8Array", (given) => given instanceof Uint8Array);
export const call = value("a function", (given) => typeof given === "function");
export const anyObject = value("an object", isObject);
/** From 0 to 2^53 - 1. */
export const whole = value<number>("a whole number, 0 or more", isWhole);
/** How many instructions from one to the next. */
export const distance = value<number>("a whole number, 1 or more", (given) => isWhole(given) && given > 0);
/** A whole number of a range, both ends included. */
export const wholeFrom = (least: number, most: number): t.Type<number> =>
  value<number>(
    `a whole number, ${String(least)} to ${String(most)}`,
    (given) => isWhole(given) && given >= least && given <= most,
  );
/** A text of 1 to `most` characters. */
export const shortText = (most: number): t.Type<string> =>
  value<string>(
    `a text of 1 to ${String(most)} characters`,
    (given) => typeof given === "string" && given.length > 0 && given.length <= most,
  );
/** A port to listen at; 0: any that is free. */
export const anyPort = value<number>("a port, 0 to 65535", (given) => isWhole(given) && given < 65_536);
export const port = value<number>("a port, 1 to 65535", (given) => isWhole(given) && given > 0 && given < 65_536);
/** An image: where it is, or what it is. */
export const image = value<string | Uint8Array>(
  "a path or a Uint8Array",
  (given) => typeof given === "string" || given instanceof Uint8Array,
);
/** An rxjs Observable, also of another copy of rxjs. */
export const observable = value(
  "an Observable",
  (given) => isObject(given) && typeof given["subscribe"] === "function" && typeof given["pipe"] === "function",
);
/** What has these methods or accessors. */
export const having = (what: string, ...members: readonly string[]): t.Type<unknown> =>
  value(what, (given) => isObject(given) && members.every((member) => member in given));

/** May be left out. */
export const maybe = <A>(codec: t.Type<A>): t.Type<A | undefined> =>
  new t.Type<A | undefined>(
    codec.name,
    (given): given is A | undefined => given === undefined || codec.is(given),
    (given, context) => (given === undefined ? t.success(undefined) : codec.validate(given, context)),
    t.identity,
  );

/** So many words are all listed. */
const MANY = 24;
const near = (given: unknown, words: readonly string[]): string =>
  listed(typeof given === "string" ? nearestWords(given, words) : words.slice(0, 4));

/** One of these words. */
export const oneOf = (...words: readonly string[]): t.Type<string> =>
  new t.Type<string>(
    words.join(" | "),
    (given): given is string => words.includes(given as string),
    (given, context) => {
      if (typeof given === "string" && words.includes(given)) return t.success(given);
      const meant = typeof given === "string" ? nearestOf(given, words) : undefined;
      const expected =
        words.length <= MANY ? listed(words) : `one of ${String(words.length)} names, such as ${near(given, words)}`;
      return t.failure(given, context, `expected ${expected}${meant === undefined ? "" : MEANT + meant}`);
    },
    t.identity,
  );

/** A list of such values. */
export const list = (codec: t.Mixed): t.Type<readonly unknown[]> =>
  new t.Type<readonly unknown[]>(
    `${codec.name}[]`,
    (given): given is readonly unknown[] => Array.isArray(given) && given.every((one) => codec.is(one)),
    (given, context) => {
      if (!Array.isArray(given)) return t.failure(given, context, `expected a list, each ${codec.name}`);
      if (given.every((one) => codec.is(one))) return t.success(given as readonly unknown[]);
      const errors = given.flatMap((one: unknown, index): t.Errors => {
        const checked = codec.validate(one, t.appendContext(context, String(index), codec, one));
        return isLeft(checked) ? checked.left : [];
      });
      return errors.length > 0 ? t.failures(errors) : t.success(given as readonly unknown[]);
    },
    t.identity,
  );

/** One such value, or a list of them. */
export const oneOrList = (codec: t.Mixed): t.Type<unknown> => {
  const many = list(codec);
  const meant = (given: unknown): t.Mixed => (Array.isArray(given) ? many : codec);
  return new t.Type<unknown>(
    `${codec.name} or a list`,
    (given): given is unknown => meant(given).is(given),
    (given, context) => meant(given).validate(given, context),
    t.identity,
  );
};

/** An object of these members and no other; each may be `undefined` only where its codec says so. */
export const exactly = <Options extends object>(
  members: { readonly [Name in keyof Required<Options>]: t.Mixed },
  /** What others call a member, and its name here. */
  synonyms: Readonly<Record<string, keyof Options & string>> = {},
): t.Type<Options> => {
  const codecs = Object.entries<t.Mixed>(members);
  const names = codecs.map(([name]) => name);
  const validate: t.Validate<unknown, Options> = (given, context) => {
    // A RegExp or a Map has no members of its own, and would pass for options that say nothing.
    if (!isObject(given) || Object.prototype.toString.call(given) !== "[object Object]")
      return t.failure(given, context, `expected an object of ${listed(names)}`);
    // What is no member is told first: it is mostly what another one was to be.
    const strange = Object.keys(given).find((name) => !names.includes(name) && given[name] !== undefined);
    if (strange !== undefined) {
      const meant = Object.hasOwn(synonyms, strange) ? synonyms[strange] : nearestOf(strange, names);
      const reason =
        meant === undefined ? `there is no such option; there are ${listed(names)}` : `${UNKNOWN}${MEANT}${meant}`;
      return t.failure(given[strange], t.appendContext(context, strange, t.unknown, given[strange]), reason);
    }
    const errors = codecs.flatMap(([name, codec]): t.Errors => {
      const checked = codec.validate(given[name], t.appendContext(context, name, codec, given[name]));
      return isLeft(checked) ? checked.left : [];
    });
    return errors.length > 0 ? t.failures(errors) : t.success(given as Options);
  };
  const is = (given: unknown): given is Options => !isLeft(validate(given, []));
  return new t.Type<Options>(`{ ${names.join(", ")} }`, is, validate, t.identity);
};

/** The first that fits; where none does, the failure of the one that the value looks like. */
export const either = (expected: string, ...choices: readonly t.Mixed[]): t.Type<unknown> =>
  new t.Type<unknown>(
    expected,
    (given): given is unknown => choices.some((codec) => codec.is(given)),
    (given, context) =>
      choices.some((codec) => codec.is(given)) ? t.success(given) : t.failure(given, context, `expected ${expected}`),
    t.identity,
  );

/** An object of one of several kinds: its member `tag` says of which. */
export const kindOf = (tag: string, kinds: Readonly<Record<string, t.Mixed>>): t.Type<unknown> => {
  const names = oneOf(...Object.keys(kinds));
  const validate: t.Validate<unknown, unknown> = (given, context) => {
    if (!isObject(given)) return t.failure(given, context, `expected an object of ${tag} ${names.name}`);
    const kind = names.validate(given[tag], t.appendContext(context, tag, names, given[tag]));
    return isLeft(kind) ? kind : (kinds[kind.right] as t.Mixed).validate(given, context);
  };
  return new t.Type<unknown>(tag, (given): given is unknown => !isLeft(validate(given, [])), validate, t.identity);
};

const UNKNOWN = "there is no such option";
/** Before what was probably meant: `check` reads it there. */
export const MEANT = "; did you mean ";

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
