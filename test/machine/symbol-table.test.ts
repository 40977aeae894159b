// Which name an address has, where several begin there.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { readSymbols, SymbolTable, type Symbol } from "../../src/machine/symbol-table.js";
import { Names } from "../../src/streams/past/names/names.js";

const AT = 0xffff_ffff_80a7_5fa8n;
const symbol = (name: string, kind: Symbol["kind"], sizeBytes = 0n): Symbol => ({ name, address: AT, sizeBytes, kind });
const inEachOrder = (symbols: readonly Symbol[]): readonly (string | undefined)[] =>
  [symbols, [...symbols].reverse()].map((order) => new SymbolTable(order).find(AT)?.name);

test("given a bound of a section where a function begins, as in a System.map, then the function has the address", () => {
  const lines = ["T __cpuidle_text_end", "T __noinstr_text_end", "t rest_init"].map(
    (line) => `ffffffff80a75fa8 ${line}\n`,
  );
  const map = readSymbols(new TextEncoder().encode(lines.join("")), "System.map");
  assert.equal(inEachOrder(map), ["rest_init", "rest_init"]);
  assert.equal(
    Names.ofSymbols(() => map)
      .functionsNamed(/./)
      .map(({ name }) => name),
    ["rest_init"],
  );
});

for (const mark of ["_etext", "_stext", "__init_begin", "__sched_text_start", "_end", "__efistub_.L0"]) {
  test(`given ${mark} beside a function of a list without sizes, then the function is meant`, () => {
    assert.equal(inEachOrder([symbol(mark, "function"), symbol("schedule", "function")]), ["schedule", "schedule"]);
  });
}

test("given a function with a size beside labels, as in an ELF file, then the function is meant", () => {
  const all = [symbol("again", "label"), symbol("_start", "function", 8n), symbol("__text_start", "label")];
  assert.equal(inEachOrder(all), ["_start", "_start"]);
});

test("given a bound alone, then it has the address", () => {
  assert.is(new SymbolTable([symbol("__noinstr_text_end", "function")]).find(AT)?.name, "__noinstr_text_end");
});

test("given an address behind the end of a section, then it has no name; behind a function without a size, then that one's", () => {
  for (const mark of ["__bss_end", "_etext", "_edata", "_end"]) {
    assert.is(new SymbolTable([symbol(mark, "label")]).find(AT + 0x1e40n), undefined, mark);
  }
  for (const name of ["schedule", "__bss_start", "append", "_sendfile"]) {
    assert.is(new SymbolTable([symbol(name, "function")]).find(AT + 0x1e40n)?.name, name);
  }
});

test("given several that mean the same, then the first is meant, as the kernel has it", () => {
  const aliases = [symbol("sys_ni_syscall", "function"), symbol("compat_sys_ipc", "function")];
  assert.is(new SymbolTable(aliases).find(AT)?.name, "sys_ni_syscall");
});

test.run();
