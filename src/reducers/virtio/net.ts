/**
 * The network device (virtio 1.2 §5.1) as its driver sees it: features, configuration space, link. It offers no
 * offloads.
 */
import * as t from "io-ts";

import { NO_EFFECTS } from "../effect.js";
import type { EventTable } from "../event-table.js";
import { Bytes, restricted, Text, U8 } from "../scalars.js";
import type { VirtioDevice } from "./device.js";
import { initialFilter, ReceiveFilter } from "./receive-filter.js";

/** Six bytes in lower-case hexadecimal. The address of a card is never a group address. */
export const isCardAddress = (text: string): boolean => /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(text);
const Mac = restricted("MacAddress", Text, isCardAddress);

/** A network card as a part of the machine. What its cable is plugged into is not part of it. */
export const NetConfig = t.readonly(t.exact(t.type({ kind: t.literal("net"), mac: Mac })));
export type NetConfig = t.TypeOf<typeof NetConfig>;

export const NetState = t.readonly(
  t.type({
    kind: t.literal("net"),
    /** The address after a reset. */
    permanentMac: Text,
    linkUp: t.boolean,
    filter: ReceiveFilter,
  }),
);
export type NetState = t.TypeOf<typeof NetState>;

const EVENTS = {
  /** A network device took a frame from the wire. The frame has no preamble and no check sequence. */
  "virtioNet/frameReceived": { wireId: 20, origin: "input", payload: { slot: U8, frame: Bytes } },
  /** The network device's cable was plugged in (1) or pulled out (0). */
  "virtioNet/linkChanged": { wireId: 21, origin: "input", payload: { slot: U8, up: U8 } },
} as const satisfies EventTable;

/** QEMU's NET_BUFSIZE. A longer frame is dropped. */
export const MAX_FRAME_BYTES = 4096 + 65_536;

/** §5.1.2. */
export const RECEIVE_QUEUE = 0;
export const TRANSMIT_QUEUE = 1;
export const CONTROL_QUEUE = 2;
const QUEUES = 3;

/** §5.1.3: the features that QEMU offers if the other end of the wire takes no offloads. */
const F_MAC = 1n << 5n;
export const F_MRG_RXBUF = 1n << 15n;
const F_STATUS = 1n << 16n;
const F_CTRL_VQ = 1n << 17n;
const F_CTRL_RX = 1n << 18n;
export const F_CTRL_VLAN = 1n << 19n;
const F_CTRL_RX_EXTRA = 1n << 20n;
const F_CTRL_MAC_ADDR = 1n << 23n;
const FEATURES =
  F_MAC | F_MRG_RXBUF | F_STATUS | F_CTRL_VQ | F_CTRL_RX | F_CTRL_VLAN | F_CTRL_RX_EXTRA | F_CTRL_MAC_ADDR;

export const net: VirtioDevice<"net", NetConfig, NetState, typeof EVENTS> = {
  kind: "net",
  id: 1,
  config: NetConfig,
  state: NetState,
  initialState: ({ mac }) => ({ kind: "net", permanentMac: mac, linkUp: true, filter: initialFilter(mac) }),
  fixed: ({ permanentMac }) => permanentMac,
  events: EVENTS,
  queues: QUEUES,
  features: () => FEATURES,
  /** §5.1.4: mac, status, max_virtqueue_pairs. QEMU shows the third one too. */
  configuration: ({ filter, linkUp }) => {
    const mac = filter.mac.split(":").map((byte) => Number.parseInt(byte, 16));
    return Uint8Array.of(...mac, linkUp ? LINK_UP : 0, 0);
  },
  afterReset: (state) => ({ ...state, filter: initialFilter(state.permanentMac) }),
  /** The cable stays in or out. */
  afterMachineReset: (initial, { linkUp }) => ({ ...initial, linkUp }),
  outstanding: ({ linkUp }, slot) => (linkUp ? NO_EFFECTS : [{ type: "network/unplugged", slot }]),
};

const LINK_UP = 1;
