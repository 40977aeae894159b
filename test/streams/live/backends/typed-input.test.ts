// What is typed waits outside the guest, within bounds: the source hears when to hold back, and its bytes go in one
// event at a time.
import { from, Observable, Subject } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineEvent } from "../../../../src/reducers/events.js";
import { consoleBackend } from "../../../../src/streams/live/backends/console.js";
import type { HeldInput } from "../../../../src/streams/live/backends/typed-input.js";

const KIB = 1024;

/** A console whose guest takes what `take` says. */
const typedAt = (input$: Observable<Uint8Array> | HeldInput, port?: "virtioConsole") => {
  const taken$ = new Subject<MachineEvent>();
  const offered: MachineEvent[] = [];
  let fault: unknown;
  const typing = consoleBackend({ input$, ...(port === undefined ? {} : { port, slot: 3 }) })(
    new Subject(),
    taken$,
  ).subscribe({
    next: (event) => offered.push(event),
    error: (error: unknown) => (fault = error),
  });
  return {
    offered,
    typing,
    fault: () => fault,
    take: (count: number) => {
      for (let index = 0; index < count; index += 1) taken$.next(offered.at(-1)!);
    },
    takeOther: (event: MachineEvent) => {
      taken$.next(event);
    },
  };
};

const held = () => {
  const bytes$ = new Subject<Uint8Array>();
  const rooms: boolean[] = [];
  const source: HeldInput = (hasRoom$) =>
    new Observable((subscriber) => {
      subscriber.add(hasRoom$.subscribe((hasRoom) => rooms.push(hasRoom)));
      subscriber.add(bytes$.subscribe(subscriber));
    });
  return { bytes$, rooms, source };
};

test("given a text, when typed at the UART, then one byte is offered, and the next once that one is taken", () => {
  const bytes$ = new Subject<Uint8Array>();
  const { offered, take, takeOther } = typedAt(bytes$);
  bytes$.next(Uint8Array.of(1, 2));
  bytes$.next(Uint8Array.of());
  bytes$.next(Uint8Array.of(3));
  assert.equal(offered, [{ type: "uart16550/byteReceived", byte: 1 }]);
  takeOther({ type: "uart16550/byteReceived", byte: 1 });
  assert.is(offered.length, 1, "another backend's byte");
  take(2);
  assert.equal(
    offered.map((event) => "byte" in event && event.byte),
    [1, 2, 3],
  );
});

test("given memory that its owner uses again, when it was typed, then what goes in is what it held then", () => {
  const bytes$ = new Subject<Uint8Array>();
  const { offered, take } = typedAt(bytes$);
  const bytes = Uint8Array.of(1, 2);
  bytes$.next(bytes);
  bytes.fill(9);
  take(1);
  assert.equal(offered.at(-1), { type: "uart16550/byteReceived", byte: 2 });
});

test("given a virtio console, when one byte more than an event holds is typed, then it comes with the next", () => {
  const bytes$ = new Subject<Uint8Array>();
  const { offered, take } = typedAt(bytes$, "virtioConsole");
  bytes$.next(new Uint8Array(KIB + 1).fill(7));
  take(1);
  assert.equal(
    offered.map((event) => "bytes" in event && event.bytes.length),
    [KIB, 1],
  );
});

test("given a text in many pieces, when the guest takes it now and then, then it is whole, and in order", () => {
  const bytes$ = new Subject<Uint8Array>();
  const { offered, take } = typedAt(bytes$);
  const typed = Array.from({ length: 5000 }, (_, index) => (index * 7) & 0xff);
  for (let at = 0; at < typed.length; at += 1 + (at % 13)) {
    bytes$.next(Uint8Array.from(typed.slice(at, at + 1 + (at % 13))));
    take(at % 11);
  }
  take(typed.length);
  assert.equal(
    offered.map((event) => "byte" in event && event.byte),
    typed,
  );
});

test("given a guest that takes nothing, when 64 KiB wait, then the source is told to hold back until 16 KiB are left", () => {
  const { bytes$, rooms, source } = held();
  const { take } = typedAt(source);
  // The first of them is offered at once.
  bytes$.next(new Uint8Array(64 * KIB));
  assert.equal(rooms, [true]);
  bytes$.next(new Uint8Array(1));
  assert.equal(rooms, [true, false]);
  take(48 * KIB);
  assert.equal(rooms, [true, false]);
  take(1);
  assert.equal(rooms, [true, false, true]);
});

test("given a source that does not hold back, when one byte more than 16 MiB waits, then the run fails and says how to", () => {
  const bytes$ = new Subject<Uint8Array>();
  const { fault } = typedAt(bytes$);
  // The first byte is offered, and waits no more.
  bytes$.next(new Uint8Array(1));
  bytes$.next(new Uint8Array(16 << 20));
  assert.is(fault(), undefined);
  bytes$.next(new Uint8Array(1));
  assert.match((fault() as Error).message, /has yet to take 16777216 bytes.*hasRoom\$/);
});

test("given a source that emits without end as soon as it is subscribed to, then the run fails all the same", () => {
  const chunk = new Uint8Array(1 << 20);
  function* endless(): Generator<Uint8Array> {
    for (;;) yield chunk;
  }
  assert.match(String(typedAt(from(endless())).fault()), /TypedInputError/);
});

test("given a source that has completed, when the last of its bytes is offered, then nothing of it was lost", () => {
  const bytes$ = new Subject<Uint8Array>();
  const { offered, take } = typedAt(bytes$);
  bytes$.next(Uint8Array.of(1, 2, 3));
  bytes$.complete();
  take(2);
  assert.is(offered.length, 3);
});

test("given a console that nobody listens to any more, then its source is let go", () => {
  const { bytes$, source } = held();
  const { typing } = typedAt(source);
  assert.ok(bytes$.observed);
  typing.unsubscribe();
  assert.not.ok(bytes$.observed);
});

test.run();
