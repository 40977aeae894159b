/** A value change dump, read as IEEE Std 1364-2001 §18 has it: what does not belong there is an error. */
import * as assert from "uvu/assert";

export interface Dump {
  /** By full name, with its width. */
  readonly widths: ReadonlyMap<string, number>;
  /** Time, full name, value; those of the beginning first. */
  readonly changes: readonly (readonly [time: bigint, name: string, value: bigint])[];
  readonly endNs: bigint;
}

export function parsedVcd(text: string): Dump {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const names = new Map<string, string>();
  const widths = new Map<string, number>();
  const scopes: string[] = [];
  let at = 0;
  const command = (): readonly string[] => {
    const end = words.indexOf("$end", at);
    assert.ok(end >= 0, "a command without an end");
    const own = words.slice(at, end);
    at = end + 1;
    return own;
  };
  for (;;) {
    const [word, ...rest] = command();
    if (word === "$enddefinitions") break;
    if (word === "$scope") scopes.push(rest[1] ?? "");
    else if (word === "$upscope") assert.ok(scopes.pop() !== undefined);
    else if (word === "$var") {
      const [, bits, id = "", name = "", range] = rest;
      assert.ok(!names.has(id), `${id} is there twice`);
      assert.ok(range === undefined || range === `[${String(Number(bits) - 1)}:0]`);
      names.set(id, [...scopes, name].join("."));
      widths.set([...scopes, name].join("."), Number(bits));
    } else if (word === "$timescale") assert.is(rest.join(""), "1ns");
    else assert.ok(word === "$date" || word === "$version" || word === "$comment", word);
  }
  return { widths, ...changesIn(words.slice(at), names, widths) };
}

function changesIn(
  words: readonly string[],
  names: ReadonlyMap<string, string>,
  widths: ReadonlyMap<string, number>,
): Pick<Dump, "changes" | "endNs"> {
  const changes: (readonly [bigint, string, bigint])[] = [];
  let time = -1n;
  const change = (id: string, digits: string): void => {
    const name = names.get(id);
    assert.ok(name !== undefined, `${id} is not declared`);
    assert.ok(/^[01]+$/.test(digits) && digits.length <= (widths.get(name) ?? 0), `${name}: ${digits}`);
    changes.push([time, name, BigInt(`0b${digits}`)]);
  };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word.startsWith("#")) {
      assert.ok(BigInt(word.slice(1)) > time, word);
      time = BigInt(word.slice(1));
    } else if (word.startsWith("b")) change(words[(index += 1)] ?? "", word.slice(1));
    else if (!["$dumpvars", "$end"].includes(word)) change(word.slice(1), word.slice(0, 1));
  }
  return { changes, endNs: time };
}
