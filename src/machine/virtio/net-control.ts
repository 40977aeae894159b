/** The network device's control queue (virtio 1.2 §5.1.6.5): the driver sets the receive filter. */
import { CONTROL_QUEUE } from "../../reducers/virtio/net.js";
import { macText, type ReceiveFilter } from "../../reducers/virtio/receive-filter.js";
import { reduce, type VirtioState } from "../../reducers/virtio/virtio.js";
import type { GuestMemory } from "./guest-memory.js";
import { serve, type SlotWith } from "./service.js";

const OK = 0;
const ERR = 1;
/** Class and command. */
const HEADER_BYTES = 2;
/** With more addresses the device accepts all, as in QEMU. */
const MAX_ADDRESSES = 64;
/** The longest useful command: two lists of addresses. Longer ones are refused unread. */
const MAX_COMMAND_BYTES = 1 << 16;

export const control = (memory: GuestMemory, state: SlotWith<"net">): VirtioState => {
  const { device } = state;
  let { filter } = device;
  const served = serve(memory, state, CONTROL_QUEUE, (queue) => {
    // A driver can have no more commands waiting than the queue holds.
    for (let chain = queue.take(); chain !== undefined; chain = queue.take()) {
      if (chain.readableLength < HEADER_BYTES || chain.writableLength === 0) {
        queue.broken = "a control command without its header or without room for the answer";
        return;
      }
      const command = queue.read(chain, 0, Math.min(chain.readableLength, MAX_COMMAND_BYTES));
      if (command === undefined) return;
      const changed = chain.readableLength > MAX_COMMAND_BYTES ? undefined : obey(filter, command);
      filter = changed ?? filter;
      queue.giveBack(chain, queue.write(chain, Uint8Array.of(changed === undefined ? ERR : OK)));
    }
  });
  return filter === device.filter
    ? served
    : reduce(served, { type: "virtio/deviceChanged", device: { ...device, filter } });
};

/** The filter after the command; undefined: the device does not know the command. */
const obey = (filter: ReceiveFilter, command: Uint8Array): ReceiveFilter | undefined => {
  const [kind, what = 0] = command;
  const data = command.subarray(HEADER_BYTES);
  switch (kind) {
    case CLASS.receive: {
      const mode = MODES[what];
      return mode === undefined || data.length < 1 ? undefined : { ...filter, [mode]: data[0] !== 0 };
    }
    case CLASS.mac:
      return what === MAC_TABLE_SET
        ? withTables(filter, data)
        : what === MAC_ADDR_SET
          ? withMac(filter, data)
          : undefined;
    case CLASS.vlan:
      return withVlan(filter, what, data);
    default:
      return undefined;
  }
};

const CLASS = { receive: 0, mac: 1, vlan: 2 } as const;
/** VIRTIO_NET_CTRL_RX's commands, by number. */
const MODES = ["promiscuous", "allMulticast", "allUnicast", "noMulticast", "noUnicast", "noBroadcast"] as const;
const MAC_TABLE_SET = 0;
const MAC_ADDR_SET = 1;
const VLAN_ADD = 0;
const VLAN_DELETE = 1;
const MAC_BYTES = 6;

const withMac = (filter: ReceiveFilter, data: Uint8Array): ReceiveFilter | undefined =>
  data.length === MAC_BYTES ? { ...filter, mac: macText(data) } : undefined;

/** Two lists, unicast addresses first. Together they must fit the table. */
const withTables = (filter: ReceiveFilter, data: Uint8Array): ReceiveFilter | undefined => {
  const unicast = listAt(data);
  const multicast = unicast === undefined ? undefined : listAt(unicast.rest);
  if (unicast === undefined || multicast?.rest.length !== 0) return undefined;
  const isUnicastKept = unicast.addresses.length <= MAX_ADDRESSES;
  const used = isUnicastKept ? unicast.addresses.length : 0;
  return {
    ...filter,
    unicast: isUnicastKept ? unicast.addresses : null,
    multicast: used + multicast.addresses.length <= MAX_ADDRESSES ? multicast.addresses : null,
  };
};

const listAt = (data: Uint8Array): { readonly addresses: readonly string[]; readonly rest: Uint8Array } | undefined => {
  if (data.length < 4) return undefined;
  const entries = new DataView(data.buffer, data.byteOffset, data.length).getUint32(0, true);
  if (4 + entries * MAC_BYTES > data.length) return undefined;
  const addresses = Array.from({ length: entries }, (_, index) =>
    macText(data.subarray(4 + index * MAC_BYTES, 4 + (index + 1) * MAC_BYTES)),
  );
  return { addresses, rest: data.subarray(4 + entries * MAC_BYTES) };
};

const withVlan = (filter: ReceiveFilter, command: number, data: Uint8Array): ReceiveFilter | undefined => {
  const vlan = (data[0] ?? 0) | ((data[1] ?? 0) << 8);
  if (data.length < 2 || vlan > 0xfff || (command !== VLAN_ADD && command !== VLAN_DELETE)) return undefined;
  const others = filter.vlans.filter((known) => known !== vlan);
  return { ...filter, vlans: command === VLAN_ADD ? [...others, vlan].sort((a, b) => a - b) : others };
};
