/**
 * Which frames a network device accepts, as its driver set over the control queue (virtio 1.2 §5.1.6.5). The rules are
 * QEMU's.
 */
import * as t from "io-ts";

import { hexOfBytes } from "../hex.js";
import { atMost, Text } from "../scalars.js";

const Vlan = atMost(0xfff);
const Addresses = t.readonlyArray(Text);

export const ReceiveFilter = t.readonly(
  t.type({
    /** The device's own address. */
    mac: Text,
    promiscuous: t.boolean,
    allMulticast: t.boolean,
    allUnicast: t.boolean,
    noMulticast: t.boolean,
    noUnicast: t.boolean,
    noBroadcast: t.boolean,
    /** Other accepted addresses; null: the driver gave more than the device can hold, so it accepts all. */
    unicast: t.union([Addresses, t.null]),
    multicast: t.union([Addresses, t.null]),
    vlans: t.readonlyArray(Vlan),
  }),
);
export type ReceiveFilter = t.TypeOf<typeof ReceiveFilter>;

/** Until the driver sets something, the device accepts every frame. */
export const initialFilter = (mac: string): ReceiveFilter => ({
  mac,
  promiscuous: true,
  allMulticast: false,
  allUnicast: false,
  noMulticast: false,
  noUnicast: false,
  noBroadcast: false,
  unicast: [],
  multicast: [],
  vlans: [],
});

/** `filtersVlans`: the driver agreed to VIRTIO_NET_F_CTRL_VLAN. Without it, every VLAN is accepted. */
export const letsIn = (filter: ReceiveFilter, frame: Uint8Array, filtersVlans: boolean): boolean => {
  if (filter.promiscuous) return true;
  if (filtersVlans && ((frame[12] ?? 0) << 8) + (frame[13] ?? 0) === VLAN_TAG) {
    const vlan = (((frame[14] ?? 0) << 8) | (frame[15] ?? 0)) & 0xfff;
    if (!filter.vlans.includes(vlan)) return false;
  }
  const address = macText(frame.subarray(0, 6));
  if (((frame[0] ?? 0) & 1) === 0) {
    if (filter.noUnicast) return false;
    return filter.allUnicast || filter.unicast === null || address === filter.mac || filter.unicast.includes(address);
  }
  if (address === BROADCAST) return !filter.noBroadcast;
  if (filter.noMulticast) return false;
  return filter.allMulticast || filter.multicast === null || filter.multicast.includes(address);
};

export const macText = (bytes: Uint8Array): string => hexOfBytes(bytes, ":");

const VLAN_TAG = 0x8100;
const BROADCAST = "ff:ff:ff:ff:ff:ff";
