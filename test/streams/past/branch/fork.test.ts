/** Branches: what differs in them, what does not, and what answers a guest that asks for more. */
import { delay, filter, from, map } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { OptionError } from "../../../../src/options/option-error.js";
import { fork as forkOnHost } from "../../../../src/streams/session/fork.js";
import { MAX_BRANCH_INPUTS, type BranchInput } from "../../../../src/streams/past/branch/branch-input.js";
import { MAX_CHANGES } from "../../../../src/streams/past/branch/branch-header.js";
import { BranchError, edits, fork } from "../../../../src/streams/past/branch/index.js";
import { MAX_PATCHES } from "../../../../src/streams/past/branch/patch.js";
import { bytesOf, golden, GOLDEN_NAMES, linesOf, recordingOf } from "../../../support/branches.js";

const refusedWith = (code: string, work: () => unknown): void => {
  assert.throws(work, (error: unknown) => error instanceof BranchError && error.code === code);
};

for (const name of GOLDEN_NAMES) {
  test(`given ${name} / when a branch changes nothing / then it is its parent, event by event`, () => {
    const parent = golden(name);
    const branch = fork(parent, { edit: map((input) => ({ ...input })) });
    const copy = recordingOf(branch, parent);
    assert.not.ok(branch.differs);
    assert.equal(linesOf(copy), linesOf(parent));
    assert.is(copy.info.stateHash, parent.info.stateHash);
    copy.at();
  });

  test(`given ${name} / when every seventh input is dropped / then each branch replays, and is the same twice`, () => {
    const parent = golden(name);
    const inputs = [...parent.eventsFrom()].filter(({ type }) => /Received|Provided|Read$/.test(type));
    for (const { seq } of inputs.filter((_, index) => index % 7 === 0)) {
      // As long as its parent: a prompt that waits for ever is another test's.
      const options = { edit: edits(parent).drop(seq), insns: parent.info.instructions };
      const bytes = bytesOf(fork(parent, options));
      assert.equal(bytesOf(fork(parent, options)), bytes);
      const branch = recordingOf(fork(parent, options), parent);
      branch.at();
      assert.is(branch.log.header.parent?.digest, parent.info.digest);
      assert.is(branch.log.header.parent?.seq, seq - 1);
      assert.equal(linesOf(branch).slice(0, seq - 1), linesOf(parent).slice(0, seq - 1));
    }
  });
}

test("given a letter of the race / when it is dropped / then the guest misses it", () => {
  const parent = golden("race-passes");
  const [, second] = [...parent.eventsFrom()].filter(({ type }) => type === "uart16550/byteReceived");
  const { console: printed, guestCode } = fork(parent, { edit: edits(parent).drop(second?.seq ?? 0) }).run();
  assert.match(printed, "FAIL: byte 2 is 0x63, not 'b'");
  assert.is(guestCode, 1);
});

test("given a letter / when it is changed, made faulty, delayed or more are typed / then the guest sees that", () => {
  const parent = golden("race-passes");
  const { change, fault, type, delay: later } = edits(parent);
  const [first] = [...parent.eventsFrom()].filter((event) => event.type === "uart16550/byteReceived");
  const { seq = 0, icount = 0 } = first ?? {};
  const printed = (edit: Parameters<typeof fork>[1]): string => fork(parent, edit).run().console;
  assert.match(printed({ edit: change(seq, { byte: 0x7a }) }), "byte 1 is 0x7a");
  assert.match(printed({ edit: fault(seq) }), "byte 1 is 0x60");
  assert.match(printed({ edit: type(icount, "!") }), "byte 1 is 0x21");
  assert.match(printed({ edit: type({ seq }, "\r?") }), "byte 2 is 0x3f");
  assert.match(printed({ edit: later(seq, { ns: 50_000_000n }) }), "byte 1 is 0x62");
  assert.match(printed({ edit: [later(seq, { insns: 50_000_000 }), change(seq, { byte: 0 })] }), "byte 1 is 0x62");
});

test("given no line of a prompt / when the guest waits for ever / then the branch ends, bounded", () => {
  const parent = golden("panic");
  const end = fork(parent, { edit: filter(() => false) }).run();
  assert.is(end.cause, "stopped");
  assert.is(end.guestCode, null);
  assert.ok(end.instructions <= 2 * parent.info.instructions + 1_000_000);
  assert.is(fork(parent, { edit: filter(() => false), insns: 7000 }).run().instructions, 7000);
});

test("given an idle guest without a timer / when nothing comes / then the branch ends at once", () => {
  const parent = golden("virtio");
  const end = fork(parent, { edit: filter(({ type }) => type !== "virtioConsole/bytesReceived") }).run();
  assert.is(end.cause, "stopped");
  assert.ok(end.instructions < parent.info.instructions);
});

test("given readings of the clock / when the parent has no more / then the clock goes on from the last one", () => {
  const parent = golden("clock");
  const readings = (recording: typeof parent): readonly bigint[] =>
    [...recording.eventsFrom()].flatMap((event) => (event.type === "goldfishRtc/hostClockRead" ? [event.hostNs] : []));
  const [first = 0n, second = 0n] = readings(parent);
  const branch = recordingOf(fork(parent, { edit: edits(parent).drop(1) }), parent);
  const own = readings(branch);
  assert.is(own.length, readings(parent).length);
  assert.is(own[0], second, "matched by order: the first request gets what is the first answer now");
  const last = readings(parent).at(-1) ?? 0n;
  const beyond = (own.at(-1) ?? 0n) - last;
  assert.ok(beyond > 0n && beyond < 1000n, `${String(beyond)} ns of guest time later`);
  const without = recordingOf(fork(parent, { edit: filter(() => false) }), parent);
  assert.ok(
    readings(without).every((hostNs) => hostNs < 1000n),
    `from the epoch on, not from ${String(first)}`,
  );
  branch.at();
  without.at();
});

test("given requests for entropy / when the parent has no answer / then they come from the seed in the header", () => {
  const parent = golden("virtio");
  const edit = filter(({ type }: BranchInput) => type !== "virtioRng/entropyProvided");
  const bytes = (seed: string): string =>
    linesOf(recordingOf(fork(parent, { edit, seed }), parent))
      .filter((line) => line.includes("entropy"))
      .join();
  assert.ok(bytes("a").length > 0);
  assert.is(bytes("a"), bytes("a"));
  assert.is.not(bytes("a"), bytes("b"));
  assert.is(fork(parent, { edit, seed: "b" }).header.parent?.seed, "b");
});

test("given any position, also in the middle of an access / when it is forked there / then all is well", () => {
  const parent = golden("clock");
  for (let seq = 0; seq <= parent.log.lastSeq; seq += 1) {
    const same = recordingOf(fork(parent, { at: { seq } }), parent);
    assert.is(same.info.stateHash, parent.info.stateHash);
    // Sequenced anew, with the same answers: by chaos that does nothing in so short a run.
    const anew = recordingOf(fork(parent, { at: { seq }, chaos: { seed: "quiet", strategy: "pct" } }), parent);
    assert.is(anew.info.stateHash, parent.info.stateHash, `from event ${String(seq)} on`);
  }
});

test("given a branch / when it is branched again / then the chain of parents is told", () => {
  const parent = golden("race-passes");
  const [, second, third] = [...parent.eventsFrom()].filter(({ type }) => type === "uart16550/byteReceived");
  const child = recordingOf(fork(parent, { edit: edits(parent).drop(third?.seq ?? 0) }), parent);
  const grandchild = recordingOf(fork(child, { edit: edits(child).drop(second?.seq ?? 0) }), parent);
  assert.is(grandchild.info.parent?.digest, child.info.digest);
  assert.is(child.info.parent?.digest, parent.info.digest);
  assert.is(parent.info.parent, null);
  grandchild.at();
});

test("given patches / when memory and registers differ / then the guest runs with them, and its recording begins there", () => {
  const parent = golden("race-passes");
  const at = 3_000_000;
  const [link] = parent.symbols().filter(({ name }) => name === "link");
  const branch = fork(parent, {
    at,
    patch: [
      { place: "link:4", value: 5 },
      { place: "s0", value: 0x8000_0000n },
    ],
  });
  const own = recordingOf(branch, parent);
  const start = own.at(own.log.start);
  assert.is(start.position.icount, at);
  const offset = Number((link?.address ?? 0n) - 0x8000_0000n);
  assert.equal([...start.ram.read(offset, 4)], [5, 0, 0, 0]);
  assert.is(start.harts[0]?.x[8], 0x8000_0000n);
  own.at();
  const [, second] = branch.header.images;
  assert.is(second, undefined);
});

test("given patches that can't be / when a branch is made / then it is refused by what is wrong", () => {
  const parent = golden("race-passes");
  const patched = (place: string, value: bigint, hart?: number) => () =>
    fork(parent, { patch: [{ place, value, hart }] });
  refusedWith("INVALID_PATCH", patched("x0", 1n));
  refusedWith("INVALID_PATCH", patched("pc", 0x8000_0001n));
  refusedWith("INVALID_PATCH", patched("a0", 1n, 1));
  refusedWith("INVALID_PATCH", patched("link:1", 256n));
  refusedWith("INVALID_PATCH", patched("0x1000:4", 1n));
  const most = Array.from({ length: MAX_PATCHES }, () => ({ place: "a0", value: 1n }));
  fork(parent, { patch: most });
  refusedWith("INVALID_PATCH", () => fork(parent, { patch: [...most, { place: "a0", value: 1n }] }));
});

test("given another kernel / when the inputs are the same / then it runs from reset, and its recording names it", () => {
  const parent = golden("race-passes");
  const { kernel = new Uint8Array() } = parent.images;
  const other = Uint8Array.from(kernel);
  // A text in it.
  const at = Buffer.from(other).indexOf("send the letters");
  other.set(Buffer.from("SEND"), at);
  const sha256 = "0".repeat(64);
  const branch = fork(parent, { kernel: { path: "other.elf", sha256, bytes: other } });
  const { console: printed, guestCode } = branch.run();
  assert.match(printed, "SEND the letters");
  assert.is(guestCode, 0);
  assert.equal(
    branch.header.images.filter(({ role }) => role === "kernel").map(({ path }) => path),
    ["other.elf"],
  );
  refusedWith("KERNEL_NOT_AT_START", () => fork(parent, { at: 5, kernel: { path: "", sha256, bytes: other } }));
});

test("given edits that do not fit / when a branch is made / then each is refused by what is wrong", () => {
  const parent = golden("session");
  const { drop, change, insert } = edits(parent);
  const timer = [...parent.eventsFrom()].find(({ type }) => type === "clint/timerFired")?.seq ?? 0;
  const warp = [...parent.eventsFrom()].find(({ type }) => type === "clock/warped")?.seq ?? 0;
  const typed = [...parent.eventsFrom()].find(({ type }) => type === "uart16550/byteReceived")?.seq ?? 0;
  refusedWith("NO_SUCH_INPUT", () => fork(parent, { edit: drop(timer) }));
  refusedWith("NO_SUCH_INPUT", () => fork(parent, { edit: drop(warp) }));
  refusedWith("NO_SUCH_INPUT", () => fork(parent, { edit: drop(parent.log.lastSeq + 1) }));
  refusedWith("NO_SUCH_INPUT", () => fork(parent, { at: { seq: typed }, edit: drop(typed) }));
  refusedWith("INVALID_INPUT", () => fork(parent, { edit: change(typed, { bite: 1 }) }));
  refusedWith("INVALID_INPUT", () => fork(parent, { edit: change(typed, { byte: 256 }) }));
  refusedWith("INVALID_INPUT", () => fork(parent, { edit: insert(5, { type: "clint/timerFired", hart: 0 }) }));
  refusedWith("INVALID_INPUT", () =>
    fork(parent, { edit: insert(5, { type: "virtioNet/linkChanged", slot: 0, up: 1 }) }),
  );
  refusedWith("INVALID_INPUT", () => fork(parent, { edit: map((input) => ({ ...input, ns: -1n })) }));
  refusedWith("EDIT_NOT_SYNCHRONOUS", () => fork(parent, { edit: delay(1) }));
  assert.throws(
    () =>
      fork(parent, {
        edit: map(() => {
          throw new Error("mine");
        }),
      }),
    /mine/,
  );
});

test("given more inputs than a branch may have / when an edit gives them / then it is refused", () => {
  const parent = golden("session");
  const input: BranchInput = { icount: 5, ns: 5n, type: "uart16550/byteReceived", byte: 65 };
  const many = (count: number) => () => fork(parent, { edit: () => from(Array.from({ length: count }, () => input)) });
  many(MAX_BRANCH_INPUTS)();
  refusedWith("TOO_MANY_INPUTS", many(MAX_BRANCH_INPUTS + 1));
});

test("given more changes than a header tells / when a branch is made / then the rest is counted", () => {
  const changes = Array.from({ length: MAX_CHANGES + 1 }, () => "x".repeat(300));
  const { parent } = fork(golden("clock"), { changes }).header;
  assert.is(parent?.changes.length, MAX_CHANGES + 1);
  assert.is(parent?.changes.at(-1), "and 1 more");
  assert.is(parent?.changes[0]?.length, 200);
});

test("given options or an edit that are none / when a branch is made / then it is refused in words", () => {
  const parent = golden("race-fails");
  const refused = (options: unknown, says: RegExp): void => {
    assert.throws(
      () => forkOnHost(parent, options as never),
      (error: unknown) => error instanceof OptionError && says.test(error.message),
    );
  };
  refused(null, /^fork null: expected an object of at, edit/);
  refused(5, /^fork 5: expected an object of at, edit/);
  refused({ edit: () => 1 }, /^fork: edit 1: expected an rxjs operator, which answers an Observable/);
  refusedWith("INVALID_INPUT", () => fork(parent, { edit: map(() => null as never) }));
});

test("given an input that is dropped / when another edit names it / then that is said", () => {
  const parent = golden("race-fails");
  const { drop, fault } = edits(parent);
  const [first] = [...parent.eventsFrom()].filter(({ type }) => type === "uart16550/byteReceived");
  const seq = first?.seq ?? 0;
  for (const edit of [drop(seq), fault(seq)])
    assert.throws(
      () => fork(parent, { edit: [drop(seq), edit] }),
      /uart16550\/byteReceived, was dropped before; name it once/,
    );
});

test("given an input that is put in before the place of the fork / when the branch is made / then it is refused", () => {
  const parent = golden("race-fails");
  const { type } = edits(parent);
  assert.throws(
    () => fork(parent, { at: 5_000_000, edit: type(4_999_999, "x") }),
    /comes before the place of the fork/,
  );
  assert.ok(fork(parent, { at: 5_000_000, edit: type(5_000_000, "x") }).differs);
});

test("given a patch that is too wide / when a width is there already / then the message suggests another in its place", () => {
  const parent = golden("race-fails");
  const patched = (place: string, value: bigint): unknown => fork(parent, { patch: [{ place, value }] });
  assert.throws(() => patched("0x80002ed8:4", 0x1_0000_0000n), /name a width, as in 0x80002ed8:8$/);
  assert.throws(() => patched("0x80002ed8:8", 2n ** 64n), /give the bytes themselves$/);
});

test.run();
