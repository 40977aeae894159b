// A card on a wire: what is recorded of it, and what happens where nobody takes the frames.
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { asyncScheduler, lastValueFrom, NEVER, of, Subject, takeWhile, tap, type Observable } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Effect } from "../../../../src/reducers/effect.js";
import type { MachineEvent, PositionedEvent } from "../../../../src/reducers/events.js";
import { memorySink, openLog } from "../../../../src/streams/store/log/index.js";
import { network } from "../../../../src/streams/live/backends/network.js";
import { MAX_WAITING_INPUTS } from "../../../../src/streams/live/sequence/input-queue.js";
import { streamSocket } from "../../../../src/streams/host/net/stream-socket.js";
import type { FromWire, GuestPort } from "../../../../src/streams/live/wire.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { record } from "../../../../src/streams/live/recorder.js";
import { replay } from "../../../../src/streams/past/replayer.js";
import { wired } from "../../../../src/streams/live/run.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";
import { ticking } from "../../../support/tiny-guests.js";
import { eventually } from "../../net/fake-guest.js";

// Negative controls, tried once: red when `left` in stream-socket.ts says nothing; where it emits nothing the event
// never comes, and the time is over.
test("given a recording, when the peer of the socket goes, then it is said, the guest's link is down, and it replays", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "wire");
    let peer: Socket | undefined;
    const server = createServer((socket) => (peer = socket)).listen(path);
    await eventually(() => server.listening, "a server");
    const opened = () => openMachine({ memory: "4M", kernel: ticking(20_000), seed: "network", nics: [{}] });
    const { machine, header } = opened();
    const said: string[] = [];
    const wire = streamSocket({ address: { type: "unix", path }, report: (text) => said.push(text) }, asyncScheduler);
    const sink = memorySink();
    const events: PositionedEvent[] = [];
    await new Promise<void>((resolve, reject) => {
      wired(machine, [network(0, wire)], { checkpointInsns: 10 })
        .pipe(
          takeWhile(({ event }) => event.type !== "virtioNet/linkChanged", true),
          record(machine, sink, header),
        )
        .subscribe({
          next: (event) => {
            events.push(event);
            if (events.length > 10) peer?.destroy();
          },
          complete: resolve,
          error: reject,
        });
    });
    server.close();
    assert.equal(events.at(-1)?.event, { type: "virtioNet/linkChanged", slot: 0, up: 0 });
    assert.equal(said, [`${path}: the other end has closed the connection: the link is down`]);
    const again = opened().machine;
    replay(again, openLog(sink.bytes()));
    assert.is(again.hash(), machine.hash());
  });
});

test("given a guest that takes nothing, when frames come, then the wire is asked to hold back, and the last ones are lost", () => {
  const effects$ = new Subject<Effect>();
  const sent$ = new Subject<FromWire>();
  const rooms: boolean[] = [];
  const events: MachineEvent[] = [];
  const wire = ({ hasRoom$ }: GuestPort): Observable<FromWire> => {
    hasRoom$.subscribe((hasRoom) => rooms.push(hasRoom));
    return sent$;
  };
  network(3, wire)(effects$, NEVER).subscribe((event) => events.push(event));
  const frame = new Uint8Array(60);
  for (let count = 0; count < 511; count += 1) sent$.next({ type: "frame", frame });
  assert.equal(rooms, [true]);
  for (let count = 511; count < 10_100; count += 1) sent$.next({ type: "frame", frame });
  assert.equal(rooms, [true, false]);
  assert.is(events.length, 10_000);
  assert.equal(events[0], { type: "virtioNet/frameReceived", slot: 3, frame });
  for (let count = 0; count < 5000; count += 1) effects$.next({ type: "network/received", slot: 2 });
  assert.equal(rooms, [true, false], "another card's frames");
  for (let count = 0; count < 9_990; count += 1) effects$.next({ type: "network/received", slot: 3 });
  assert.equal(rooms, [true, false, true]);
});

test("given a guest that takes nothing, when a peer comes and goes, then one change waits, and the last state follows it", () => {
  const taken$ = new Subject<MachineEvent>();
  const sent$ = new Subject<FromWire>();
  const events: MachineEvent[] = [];
  network(3, () => sent$)(NEVER, taken$).subscribe((event) => events.push(event));
  const ups = (): number[] => events.map((event) => (event.type === "virtioNet/linkChanged" ? event.up : -1));
  for (let count = 0; count < MAX_WAITING_INPUTS; count += 1) sent$.next({ type: "link", up: count % 2 === 1 });
  assert.equal(ups(), [0]);
  taken$.next({ type: "virtioNet/linkChanged", slot: 2, up: 0 });
  assert.equal(ups(), [0], "another card's change");
  taken$.next(events[0]!);
  assert.equal(ups(), [0, 1]);
  taken$.next(events[1]!);
  assert.equal(ups(), [0, 1]);
  sent$.next({ type: "link", up: false });
  assert.equal(ups(), [0, 1, 0]);
});

test("given a saved state whose cable was out, when a machine goes on from it, then it is in, unless the wire says otherwise", async () => {
  const saved = openMachine({ memory: "4M", kernel: ticking(1000), nics: [{}] }).machine;
  saved.apply({ type: "virtioNet/linkChanged", slot: 0, up: 0 });
  for (const [wire, links] of [
    [() => NEVER, [1]],
    [() => of<FromWire>({ type: "link", up: false }), [0]],
  ] as const) {
    const { machine } = openMachine({ memory: "4M", kernel: ticking(1000), nics: [{}] });
    machine.load(saved.state());
    const seen: number[] = [];
    await lastValueFrom(
      wired(machine, [network(0, wire)], { sleep: false, untilIcount: 40 }).pipe(
        tap(({ event }) => {
          if (event.type === "virtioNet/linkChanged") seen.push(event.up);
        }),
      ),
    );
    assert.equal(seen, links);
  }
});

test("given a machine that is reset, when its cable was out, then it stays out", () => {
  const { machine } = openMachine({ memory: "4M", kernel: ticking(1000), nics: [{}, {}] });
  machine.apply({ type: "virtioNet/linkChanged", slot: 1, up: 0 });
  machine.apply({ type: "machine/reset", cause: "host" });
  const links = machine.state().platform.virtio.map(({ device }) => device.kind === "net" && device.linkUp);
  assert.equal(links.slice(0, 2), [true, false]);
});

test.run();
