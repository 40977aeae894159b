// The network device by QEMU's: the same driver's accesses on both, and QEMU's own network to answer its frames.
import { Subject, VirtualTimeScheduler } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { router } from "../../../src/streams/host/net/router.js";
import { arpPacket, ARP_REQUEST } from "../../../src/streams/net/arp.js";
import { ETHER_TYPE, ethernetFrame } from "../../../src/streams/net/ethernet.js";
import { given, observeOnQemu } from "../../support/qemu-registers.js";
import { load, store, type RegisterAccess } from "../../support/register-access.js";
import { sameAsQemu } from "./qemu-walk.js";
import { describe, NEXT, notify, offer, register, REGISTERS, start, WRITE } from "./virtio-driver.js";
import { AREA, SLOT, virtioGuest } from "./virtio-guest.js";

const MAC = "52:54:00:12:34:56";
const CARD = ["-device", `virtio-net-device,netdev=n,mac=${MAC},bus=virtio-mmio-bus.1`];
const WITHOUT_PEER = ["-netdev", "hubport,id=n,hubid=0", ...CARD];
const USER_NETWORK = ["-netdev", "user,id=n", ...CARD];
const MRG_RXBUF = 1 << 15;
const CONTROL = 1 << 17;
/** QEMU sends in a bottom half of another thread: the guest gives it host time by waiting long. */
const WAIT_MS = 100;
const NUM = 4;
const [RECEIVE, TRANSMIT, COMMANDS] = [0, 1, 2];

/** Each queue has rings of its own. */
const ringsOf = (queue: number) => ({
  descriptors: AREA.descriptors + queue * 0x200,
  driver: AREA.driver + queue * 0x200,
  device: AREA.device + queue * 0x200,
});
const buffer = (index: number): number => AREA.buffers + index * 0x800;

const compare = (accesses: readonly RegisterAccess[], qemuArguments: readonly string[]): readonly bigint[] => {
  const guest = virtioGuest({ kind: "net", mac: MAC });
  const toRouter$ = new Subject<Uint8Array>();
  const waiting: Uint8Array[] = [];
  router(
    {},
    new VirtualTimeScheduler(),
  )({ frames$: toRouter$, hasRoom$: new Subject() }).subscribe((from) => {
    if (from.type === "frame") waiting.push(from.frame);
  });
  const isMerging = accesses.some(({ address, value }) => address === SLOT + 0x20 && value === BigInt(MRG_RXBUF));
  return sameAsQemu({
    guest,
    accesses,
    qemuArguments,
    answer: (effect) => {
      if (effect.type === "network/transmitted") toRouter$.next(effect.frame);
      for (const frame of waiting.splice(0)) guest.input({ type: "virtioNet/frameReceived", slot: 1, frame });
    },
    // Where buffers are not merged QEMU leaves num_buffers 0; §5.1.6.4.1 wants 1.
    taken: (theirs, { address, value }) =>
      !isMerging && address === buffer(0) + 8 && value === undefined ? theirs | (1n << 16n) : theirs,
  });
};

const startAll = (features: number): RegisterAccess[] => [
  ...Array.from({ length: 0xc0 }, (_, index) => store(AREA.driver + index * 8, 8, 0)),
  ...Array.from({ length: 0xc0 }, (_, index) => store(AREA.device + index * 8, 8, 0)),
  ...start([RECEIVE, TRANSMIT, COMMANDS], NUM, features, ringsOf),
];

const offerOn = (queue: number, from: number, heads: readonly number[]): RegisterAccess[] =>
  offer(NUM, from, heads, ringsOf(queue));

const usedOf = (queue: number, waitMs = 0): RegisterAccess[] => [
  load(SLOT, 4, waitMs),
  load(SLOT + REGISTERS.status, 4),
  load(ringsOf(queue).device + 2, 2),
  ...Array.from({ length: NUM }, (_, index) => load(ringsOf(queue).device + 4 + index * 8, 8)),
];

const bytesAt = (address: number, bytes: Uint8Array): RegisterAccess[] =>
  Array.from(bytes, (byte, index) => store(address + index, 1, byte));

given(
  "given a network device, when its registers and configuration are read, then features and bytes are QEMU's",
  () => {
    const seen = compare(
      [
        load(SLOT + 0x08, 4),
        register(0x14, 0),
        load(SLOT + 0x10, 4),
        register(0x14, 1),
        load(SLOT + 0x10, 4),
        ...[0, 1, 2, 3, 4, 5, 6, 7].map((offset) => load(SLOT + 0x100 + offset, 1)),
        load(SLOT + 0x106, 2),
        load(SLOT + 0x100, 4),
        load(SLOT + 0x108, 2),
        load(SLOT + 0x10c, 4),
        // A driver of this version may not write its address there.
        ...startAll(0),
        store(SLOT + 0x100, 1, 0xaa),
        load(SLOT + 0x100, 1),
        ...[0, 1, 2, 3, 4].flatMap((queue) => [register(0x30, queue), load(SLOT + 0x34, 4)]),
      ].filter(({ address }) => address !== SLOT + 0x10),
      WITHOUT_PEER,
    );
    assert.is(seen[0], 1n);
    // GUEST_ANNOUNCE is for a machine that moves to another host; CTRL_GUEST_OFFLOADS for offloads, of which none is
    // offered.
    const [, theirs] = observeOnQemu([register(0x14, 0), load(SLOT + 0x10, 4)], WITHOUT_PEER);
    const guest = virtioGuest({ kind: "net", mac: MAC });
    guest.access(register(0x14, 0));
    const ours = guest.access(load(SLOT + 0x10, 4)).value;
    assert.is(ours & ~(theirs?.value ?? 0n), 0n, "nothing that QEMU would not offer");
    assert.is(((theirs?.value ?? 0n) & ~ours).toString(16), ((1n << 21n) | (1n << 2n)).toString(16));
  },
);

given("given control commands, good and bad, when they are sent, then answers and used ring are QEMU's", () => {
  const command = (round: number, bytes: readonly number[]): RegisterAccess[] => [
    ...bytesAt(buffer(0), Uint8Array.from(bytes)),
    store(buffer(1), 1, 0xee),
    ...describe(ringsOf(COMMANDS).descriptors, 0, { address: buffer(0), length: bytes.length, flags: NEXT, next: 1 }),
    ...describe(ringsOf(COMMANDS).descriptors, 1, { address: buffer(1), length: 1, flags: WRITE }),
    ...offerOn(COMMANDS, round, [0]),
    notify(COMMANDS),
    ...usedOf(COMMANDS),
    load(buffer(1), 1),
  ];
  const list = (count: number): number[] => [
    count & 0xff,
    count >> 8,
    0,
    0,
    ...Array.from({ length: count * 6 }, (_, index) => index & 0xfe),
  ];
  const commands = [
    ...[0, 1, 2, 3, 4, 5, 6].map((mode) => [0, mode, 1]),
    [0, 0, 0],
    [0, 0],
    [0, 0, 1, 1],
    [1, 1, 2, 3, 4, 5, 6, 7],
    [1, 1, 2, 3],
    [1, 0, ...list(1), ...list(2)],
    [1, 0, ...list(1)],
    [1, 0, ...list(65), ...list(0)],
    [1, 0, ...list(0), ...list(65)],
    [1, 0, ...list(1), ...list(1), 0],
    [1, 0, 255, 255, 255, 255],
    [1, 2, 0],
    [2, 0, 5, 0],
    [2, 1, 5, 0],
    [2, 0, 0, 0x10],
    [2, 2, 5, 0],
    [2, 0, 5],
    [3, 0],
    [9, 9, 9],
  ];
  compare(
    [
      ...startAll(CONTROL),
      ...commands.flatMap((bytes, round) => command(round, bytes)),
      // The new address shows in the configuration; a reset takes it back.
      load(SLOT + 0x100, 4),
      register(REGISTERS.status, 0),
      load(SLOT + 0x100, 4),
    ],
    WITHOUT_PEER,
  );
});

given(
  "given commands and packets that can't be, when they are sent, then the device needs a reset as QEMU's does",
  () => {
    const single = (queue: number, length: number, flags: number): RegisterAccess[] => [
      ...startAll(CONTROL),
      ...describe(ringsOf(queue).descriptors, 0, { address: buffer(0), length, flags }),
      ...offerOn(queue, 0, [0]),
      notify(queue),
      ...usedOf(queue, WAIT_MS),
    ];
    compare(
      [
        ...single(COMMANDS, 4, 0),
        ...single(COMMANDS, 4, WRITE),
        // QEMU itself falls over a packet that is shorter than its header.
        ...single(TRANSMIT, 64, WRITE),
      ],
      WITHOUT_PEER,
    );
  },
);

const arpRequest = ethernetFrame({
  destination: "ff:ff:ff:ff:ff:ff",
  source: MAC,
  etherType: ETHER_TYPE.arp,
  payload: arpPacket({
    operation: ARP_REQUEST,
    senderMac: MAC,
    senderAddress: "10.0.2.15",
    targetMac: "00:00:00:00:00:00",
    targetAddress: "10.0.2.2",
  }),
});

const send = (round: number, frame: Uint8Array): RegisterAccess[] => [
  ...bytesAt(buffer(8) + 12, frame),
  ...describe(ringsOf(TRANSMIT).descriptors, 0, { address: buffer(8), length: 12 + frame.length }),
  ...offerOn(TRANSMIT, round, [0]),
  notify(TRANSMIT),
  ...usedOf(TRANSMIT, WAIT_MS),
];

const receiveBuffers = (lengths: readonly number[]): RegisterAccess[] => [
  ...lengths.flatMap((length, index) => [
    ...Array.from({ length: 16 }, (_, word) => store(buffer(index) + word * 8, 8, 0)),
    ...describe(ringsOf(RECEIVE).descriptors, index, { address: buffer(index), length, flags: WRITE }),
  ]),
  ...offerOn(
    RECEIVE,
    0,
    lengths.map((_, index) => index),
  ),
  notify(RECEIVE),
];

const received = (index: number, words: number): RegisterAccess[] =>
  Array.from({ length: words }, (_, word) => load(buffer(index) + word * 8, 8));

/** The answer to an ARP request has 42 bytes, of which these are the most. */
const ANSWER_WORDS = 6;

for (const [what, features, lengths] of [
  ["one buffer a frame", 0, [1526, 1526, 1526, 1526]],
  ["buffers that are merged", MRG_RXBUF, [1526, 1526, 1526, 1526]],
] as const) {
  given(
    `given ${what}, when the router answers the guest, then buffers and used ring are as with QEMU's network`,
    () => {
      compare(
        [
          ...startAll(features),
          ...receiveBuffers(lengths),
          // Too short for a frame, but sent and given back.
          ...send(0, Uint8Array.of(1)),
          ...send(1, arpRequest),
          load(ringsOf(RECEIVE).device + 2, 2),
          ...received(0, ANSWER_WORDS),
          load(SLOT + REGISTERS.interruptStatus, 4),
        ],
        USER_NETWORK,
      );
    },
  );
}

test.run();
