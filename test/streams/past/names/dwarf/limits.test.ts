/** What a hostile file can grow is bounded: one beyond each bound gets an error that says so. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_CODE_RANGES } from "../../../../../src/streams/past/names/dwarf/scopes/functions.js";
import { MAX_SCOPE_DEPTH } from "../../../../../src/streams/past/names/dwarf/scopes/scope.js";
import { MAX_NESTING } from "../../../../../src/streams/past/names/dwarf/declared/unit-names.js";
import {
  MAX_ABBREVIATIONS,
  MAX_ATTRIBUTES,
} from "../../../../../src/streams/past/names/dwarf/entries/abbreviations.js";
import { MAX_UNIT_RANGES } from "../../../../../src/streams/past/names/dwarf/entries/address-index.js";
import { AT, FORM, TAG } from "../../../../../src/streams/past/names/dwarf/entries/constants.js";
import { MAX_UNITS } from "../../../../../src/streams/past/names/dwarf/entries/information.js";
import { MAX_RANGES } from "../../../../../src/streams/past/names/dwarf/entries/ranges.js";
import { MAX_ORIGINS } from "../../../../../src/streams/past/names/dwarf/entries/unit.js";
import { MAX_TEXT_BYTES } from "../../../../../src/streams/past/names/dwarf/file/cursor.js";
import { MAX_SECTIONS } from "../../../../../src/streams/past/names/dwarf/file/elf-sections.js";
import { MAX_INFLATED_BYTES } from "../../../../../src/streams/past/names/dwarf/file/inflate.js";
import {
  MAX_INSTRUCTIONS,
  MAX_REGISTER,
  MAX_REMEMBERED,
} from "../../../../../src/streams/past/names/dwarf/frames/frame-rules.js";
import { MAX_FRAME_ENTRIES } from "../../../../../src/streams/past/names/dwarf/frames/frame-section.js";
import { DwarfError, dwarfNames, type DwarfErrorCode } from "../../../../../src/streams/past/names/dwarf/index.js";
import { MAX_FILES } from "../../../../../src/streams/past/names/dwarf/lines/line-header.js";
import { MAX_ROWS } from "../../../../../src/streams/past/names/dwarf/lines/line-rows.js";
import { MAX_DIMENSIONS } from "../../../../../src/streams/past/names/dwarf/types/array-lengths.js";
import { MAX_TYPE_DEPTH } from "../../../../../src/streams/past/names/dwarf/types/types.js";
import { MAX_CALLS, MAX_OPERATIONS, MAX_STACK } from "../../../../../src/streams/past/names/dwarf/values/expression.js";
import { MAX_LOCATIONS } from "../../../../../src/streams/past/names/dwarf/values/location-lists.js";
import { MAX_PIECES } from "../../../../../src/streams/past/names/dwarf/values/pieces.js";
import { OP } from "../../../../../src/streams/past/names/dwarf/values/operations.js";
import type { FrameReader, NameSource } from "../../../../../src/streams/past/names/name-source.js";
import type { Type } from "../../../../../src/streams/past/names/type.js";
import { bytesSource } from "../../../../../src/streams/store/log/byte-source.js";
import {
  abbreviations,
  bytes,
  elfFile,
  joined,
  measured,
  repeated,
  u16,
  u32,
  u64,
  uleb,
  unit,
  type AbbreviationRow,
  type SectionOptions,
} from "../../../../support/dwarf-file.js";

type Sections = Readonly<Record<string, Uint8Array>>;

const namesOf = (sections: Sections, options?: SectionOptions): NameSource => {
  const names = dwarfNames(bytesSource(elfFile(sections, options)), "made.elf");
  assert.ok(names);
  return names;
};

const refused = (what: RegExp, ask: () => unknown, code: DwarfErrorCode = "TOO_LARGE"): void => {
  assert.throws(ask, (fault: unknown) => {
    if (!(fault instanceof DwarfError)) throw fault;
    assert.is(fault.code, code, fault.message);
    assert.match(fault.message, what);
    return true;
  });
};

/** `goes` is at the bound, `beyond` one beyond it. */
const bounded = (what: RegExp, ask: (count: number) => unknown, bound: number, code?: DwarfErrorCode): void => {
  ask(bound);
  refused(what, () => ask(bound + 1), code);
};

const FRAME: FrameReader = {
  pc: 0x1000n,
  register: () => 1n,
  canonicalFrameAddress: () => 2n,
  read: (_, length) => new Uint8Array(length),
};

/** The unit's own entry, with code at 0x1000 to 0x2000, as abbreviation 1. */
const ROOT = {
  tag: TAG.compile_unit,
  children: true,
  attributes: [
    [AT.low_pc, FORM.addr],
    [AT.high_pc, FORM.data4],
  ],
} as const;
const root = bytes(1, u64(0x1000), u32(0x1000));
/** Where the first entry below it begins. */
const FIRST = 12 + root.length;
const end = bytes(0);

/** A unit with entries below its own, of abbreviations from 2 on. */
const program = (rows: readonly AbbreviationRow[], entries: readonly Uint8Array[], others: Sections = {}): NameSource =>
  namesOf({
    ".debug_abbrev": abbreviations(ROOT, ...rows),
    ".debug_info": unit(root, ...entries, end),
    ...others,
  });

const FUNCTION = {
  tag: TAG.subprogram,
  children: true,
  attributes: [
    [AT.low_pc, FORM.addr],
    [AT.high_pc, FORM.data4],
  ],
} as const;
const aFunction = bytes(2, u64(0x1000), u32(0x100));

test("given an ELF file of too many sections, when it is opened, then it is refused", () => {
  const file = elfFile({ ".debug_info": unit() });
  const view = new DataView(file.buffer);
  const table = Number(view.getBigUint64(40, true));
  view.setUint16(60, 0, true);
  view.setBigUint64(table + 32, BigInt(MAX_SECTIONS + 1), true);
  refused(/it has 131073 sections/, () => dwarfNames(bytesSource(file), "made.elf"));
});

test("given a section that says that it inflates to too much, when it is opened, then it is refused", () => {
  const header = (size: number): Uint8Array => bytes(u32(1), u32(0), u64(size), u64(1), new Uint8Array(20));
  const asked = (size: number) => () =>
    dwarfNames(bytesSource(elfFile({ ".debug_info": header(size) }, { flags: 0x800 })), "made.elf");
  refused(/bytes inflated; objcopy --decompress/, asked(MAX_INFLATED_BYTES + 1));
  refused(/20 bytes cannot hold 1073741824/, asked(MAX_INFLATED_BYTES), "DAMAGED");
});

test("given a name that is too long, when it is asked for, then the rest of it is cut off", () => {
  const name = "n".repeat(MAX_TEXT_BYTES + 1);
  const names = program(
    [{ ...FUNCTION, attributes: [...FUNCTION.attributes, [AT.name, FORM.string]] }],
    [aFunction, bytes(name), bytes(3), end],
  );
  refused(/abbreviation 3 is not in its table/, () => names.variablesAt?.(0x1000n), "DAMAGED");
  const whole = program(
    [
      { ...FUNCTION, attributes: [...FUNCTION.attributes, [AT.name, FORM.string]] },
      { tag: TAG.variable, attributes: [[AT.name, FORM.string]] },
    ],
    [aFunction, bytes("f"), bytes(3, name), end],
  );
  assert.is(whole.variablesAt?.(0x1000n)[0]?.name.length, MAX_TEXT_BYTES);
});

test("given too many abbreviations, attributes or units, when names are asked for, then they are refused", () => {
  const many = (count: number): NameSource =>
    namesOf({
      ".debug_abbrev": joined(
        abbreviations(ROOT).subarray(0, -1),
        ...Array.from({ length: count - 1 }, (_, index) => bytes(uleb(index + 2), 1, 0, 0, 0)),
        end,
      ),
      ".debug_info": unit(root, end),
    });
  bounded(/too many abbreviations/, (count) => many(count).linesAt?.(0x1000n), MAX_ABBREVIATIONS);

  const wide = (count: number): NameSource =>
    program(
      [{ tag: TAG.variable, attributes: Array.from({ length: count }, () => [AT.external, FORM.flag_present]) }],
      [],
    );
  bounded(/too many attributes/, (count) => wide(count).linesAt?.(0x1000n), MAX_ATTRIBUTES);

  const units = (count: number): NameSource =>
    namesOf({ ".debug_abbrev": abbreviations(ROOT), ".debug_info": repeated(unit(), count) });
  bounded(/too many units/, (count) => units(count).typeNamed?.("struct none"), MAX_UNITS);
});

test("given entries that stand for others for ever, when one is asked for, then it is refused", () => {
  const chain = (count: number): NameSource => {
    const entries = Array.from({ length: count }, (_, index) =>
      bytes(3, u32(FIRST + aFunction.length + 5 * (index + 1))),
    );
    const rows: readonly AbbreviationRow[] = [
      FUNCTION,
      { tag: TAG.variable, attributes: [[AT.abstract_origin, FORM.ref4]] },
      { tag: TAG.variable, attributes: [[AT.name, FORM.string]] },
    ];
    return program(rows, [aFunction, ...entries, bytes(4, "end"), end]);
  };
  bounded(/stands for another one/, (count) => chain(count).variablesAt?.(0x1000n), MAX_ORIGINS, "DAMAGED");
});

test("given too many ranges, of an entry, of units, or of a unit's functions, then they are refused", () => {
  const list = (count: number): Uint8Array => repeated(bytes(7, u64(0x1000), 1), count, 0);
  const ranged = (count: number): NameSource =>
    namesOf({
      ".debug_abbrev": abbreviations({ tag: TAG.compile_unit, attributes: [[AT.ranges, FORM.sec_offset]] }),
      ".debug_info": unit(bytes(1, u32(0))),
      ".debug_rnglists": list(count),
    });
  bounded(/too many ranges/, (count) => ranged(count).linesAt?.(0x1000n), MAX_RANGES);

  const aranges = (count: number): NameSource =>
    namesOf({
      ".debug_abbrev": abbreviations(ROOT),
      ".debug_info": unit(root, end),
      ".debug_aranges": measured(
        joined(u16(2), u32(0), bytes(8, 0), u32(0), repeated(bytes(u64(0x1000), u64(1)), count), new Uint8Array(16)),
      ),
    });
  bounded(/too many ranges of units/, (count) => aranges(count).linesAt?.(0x1000n), MAX_UNIT_RANGES);

  const functions = (count: number): NameSource =>
    program(
      [{ tag: TAG.subprogram, attributes: [[AT.ranges, FORM.sec_offset]] }],
      [repeated(bytes(2, u32(0)), count / MAX_RANGES)],
      { ".debug_rnglists": list(MAX_RANGES) },
    );
  functions(MAX_CODE_RANGES).variablesAt?.(0x1000n);
  refused(/its functions have too many ranges/, () => functions(MAX_CODE_RANGES + MAX_RANGES).variablesAt?.(0x1000n));
});

test("given blocks or declarations that are nested too deeply, when a name is asked for, then they are refused", () => {
  const BLOCK = { ...FUNCTION, tag: TAG.lexical_block };
  const nested = (depth: number): NameSource =>
    program([FUNCTION, BLOCK], [aFunction, repeated(bytes(3, u64(0x1000), u32(1)), depth), repeated(end, depth + 1)]);
  bounded(/nested too deeply/, (depth) => nested(depth).variablesAt?.(0x1000n), MAX_SCOPE_DEPTH - 1);

  const spaces = (depth: number): NameSource =>
    program(
      [{ tag: TAG.namespace, children: true, attributes: [[AT.name, FORM.string]] }],
      [repeated(bytes(2, "n"), depth), repeated(end, depth)],
    );
  bounded(/nested too deeply/, (depth) => spaces(depth).typeNamed?.("n"), MAX_NESTING - 1);
});

test("given a type that contains itself, or an array of too many dimensions, then they are refused", () => {
  const rows: readonly AbbreviationRow[] = [
    {
      tag: TAG.typedef,
      attributes: [
        [AT.name, FORM.string],
        [AT.type, FORM.ref4],
      ],
    },
    { tag: TAG.array_type, children: true, attributes: [[AT.name, FORM.string]] },
    { tag: TAG.subrange_type, attributes: [[AT.count, FORM.data1]] },
  ];
  const itself = program(rows, [bytes(2, "loop", u32(FIRST))]);
  let type: Type | undefined = itself.typeNamed?.("loop");
  const next = (): void => {
    if (type?.kind !== "alias") throw new Error("it is no alias");
    type = type.target();
  };
  for (let depth = 0; depth < MAX_TYPE_DEPTH; depth++) next();
  refused(/contains itself/, next, "DAMAGED");

  const array = (count: number): NameSource =>
    program(
      [
        {
          tag: TAG.typedef,
          attributes: [
            [AT.name, FORM.string],
            [AT.type, FORM.ref4],
          ],
        },
        ...rows.slice(1),
      ],
      [bytes(2, "many", u32(FIRST + 10)), bytes(3, "a"), repeated(bytes(4, 1), count), end],
    );
  const length = (count: number): unknown => {
    const many = array(count).typeNamed?.("many");
    return many?.kind === "alias" ? many.target() : undefined;
  };
  bounded(/too many dimensions/, length, MAX_DIMENSIONS);
});

test("given an expression that does not end, grows or calls itself, when it is evaluated, then it is refused", () => {
  const located = (expression: Uint8Array): NameSource =>
    program(
      [
        {
          tag: TAG.variable,
          attributes: [
            [AT.name, FORM.string],
            [AT.location, FORM.block4],
          ],
        },
      ],
      [bytes(2, "v", u32(expression.length)), expression],
    );
  const locate = (expression: Uint8Array): unknown => located(expression).variable?.("v")?.locate(FRAME);
  bounded(/does not end/, (count) => locate(repeated(bytes(OP.nop), count - 1, OP.lit0)), MAX_OPERATIONS);
  refused(/does not end/, () => locate(bytes(OP.skip, u16(0xfffd))));
  bounded(/stack is too deep/, (count) => locate(repeated(bytes(OP.lit0), count, OP.nop)), MAX_STACK);
  bounded(/too many pieces/, (count) => locate(repeated(bytes(OP.reg0, OP.piece, 8), count)), MAX_PIECES);
  refused(/stack is empty/, () => locate(bytes(OP.plus)), "DAMAGED");
  refused(/calls itself/, () => locate(bytes(OP.call4, u32(FIRST))));

  const calling = (count: number): unknown => {
    const call = (index: number): Uint8Array => bytes(2, "v", u32(5), OP.call4, u32(FIRST + 12 * (index + 1)));
    const calls = Array.from({ length: count }, (_, index) => call(index));
    return program(
      [
        {
          tag: TAG.variable,
          attributes: [
            [AT.name, FORM.string],
            [AT.location, FORM.block4],
          ],
        },
      ],
      [...calls, bytes(2, "w", u32(1), OP.lit0)],
    )
      .variable?.("v")
      ?.locate(FRAME);
  };
  bounded(/calls itself/, calling, MAX_CALLS);
});

test("given a list of too many locations, when a variable is located, then it is refused", () => {
  const listed = (count: number): unknown =>
    program(
      [
        {
          tag: TAG.variable,
          attributes: [
            [AT.name, FORM.string],
            [AT.location, FORM.sec_offset],
          ],
        },
      ],
      [bytes(2, "v", u32(0))],
      { ".debug_loclists": repeated(bytes(8, u64(0), 1, 1, OP.reg0), count, 0) },
    )
      .variable?.("v")
      ?.locate(FRAME);
  bounded(/too many locations/, listed, MAX_LOCATIONS);
});

test("given a line program of too many files or rows, when a line is asked for, then it is refused", () => {
  const lined = (files: Uint8Array, code: Uint8Array): NameSource => {
    const head = joined(bytes(1, 1, 1, 0xfb, 14, 1), bytes(0, 0), files);
    return namesOf({
      ".debug_abbrev": abbreviations({ ...ROOT, attributes: [...ROOT.attributes, [AT.stmt_list, FORM.sec_offset]] }),
      ".debug_info": unit(root, u32(0), end),
      ".debug_line": measured(joined(u16(5), bytes(8, 0), u32(head.length), head, code)),
    });
  };
  const file = (count: number): Uint8Array => bytes(0, uleb(count));
  const finish = bytes(0, 9, 2, u64(0x1000), 2, 4);
  bounded(/names \d+ files/, (count) => lined(file(count), finish).linesAt?.(0x1000n), MAX_FILES);
  const rows = (count: number): unknown => lined(bytes(0, 0), repeated(bytes(0x20), count)).linesAt?.(0x1000n);
  bounded(/too many rows/, rows, MAX_ROWS);
});

/** A common entry, and a function's of 0x1000 to 0x2000 with these instructions. */
const framed = (instructions: Uint8Array, count = 1): NameSource => {
  const common = measured(bytes(u32(0xffff_ffff), 3, "", 1, 0x78, 1));
  const own = measured(joined(u32(0), u64(0x1000), u64(0x1000), instructions));
  return namesOf({ ".debug_frame": joined(common, repeated(own, count)) });
};

test("given too many frames, or a frame of too many instructions, rules or registers, then they are refused", () => {
  const rules = (instructions: Uint8Array): unknown => framed(instructions).unwindRules?.(0x1000n);
  bounded(/too many frames/, (count) => framed(bytes(), count).unwindRules?.(0x1000n), MAX_FRAME_ENTRIES);
  bounded(/too many instructions/, (count) => rules(repeated(bytes(0), count)), MAX_INSTRUCTIONS);
  bounded(/remembers too much/, (count) => rules(repeated(bytes(0x0a), count)), MAX_REMEMBERED);
  bounded(/no register/, (count) => rules(bytes(0x08, uleb(count))), MAX_REGISTER - 1);
});

test.run();
