/** The network device (virtio 1.2 §5.1) as its driver sees it: features, configuration space, link. Offloads are not offered. */
import * as t from "io-ts";

import { initialFilter, ReceiveFilter } from "./receive-filter.js";
import { restricted, Text } from "./scalars.js";

/** Six bytes in lower-case hexadecimal; a card of its own has no group's address. */
export const isCardAddress = (text: string): boolean => /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(text);

const Mac = restricted("MacAddress", Text, isCardAddress);

/** As QEMU's NET_BUFSIZE: what is longer is no frame, and goes nowhere. */
export const MAX_FRAME_BYTES = 4096 + 65_536;

/** A network card as a part of the machine; what it is plugged into is not. */
export const NetConfig = t.readonly(t.exact(t.type({ kind: t.literal("net"), mac: Mac })));
export type NetConfig = t.TypeOf<typeof NetConfig>;

export const NetState = t.readonly(
  t.type({
    kind: t.literal("net"),
    /** The address that it has after a reset. */
    permanentMac: Text,
    linkUp: t.boolean,
    filter: ReceiveFilter,
  }),
);
export type NetState = t.TypeOf<typeof NetState>;

export const initialState = ({ mac }: NetConfig): NetState => ({
  kind: "net",
  permanentMac: mac,
  linkUp: true,
  filter: initialFilter(mac),
});

/** The cable stays as it is. */
export const afterReset = (state: NetState): NetState => ({ ...state, filter: initialFilter(state.permanentMac) });

/** §5.1.2. */
export const RECEIVE_QUEUE = 0;
export const TRANSMIT_QUEUE = 1;
export const CONTROL_QUEUE = 2;
export const QUEUES = 3;

/** §5.1.3: as QEMU offers where the other end of the wire takes no offloads. */
const F_MAC = 1n << 5n;
export const F_MRG_RXBUF = 1n << 15n;
const F_STATUS = 1n << 16n;
const F_CTRL_VQ = 1n << 17n;
const F_CTRL_RX = 1n << 18n;
export const F_CTRL_VLAN = 1n << 19n;
const F_CTRL_RX_EXTRA = 1n << 20n;
const F_CTRL_MAC_ADDR = 1n << 23n;
export const FEATURES =
  F_MAC | F_MRG_RXBUF | F_STATUS | F_CTRL_VQ | F_CTRL_RX | F_CTRL_VLAN | F_CTRL_RX_EXTRA | F_CTRL_MAC_ADDR;

/** §5.1.4: mac, status, max_virtqueue_pairs, of which QEMU shows the third too. */
export const config = ({ filter, linkUp }: NetState): Uint8Array => {
  const mac = filter.mac.split(":").map((byte) => Number.parseInt(byte, 16));
  return Uint8Array.of(...mac, linkUp ? LINK_UP : 0, 0);
};

const LINK_UP = 1;
