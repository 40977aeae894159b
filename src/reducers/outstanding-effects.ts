/** What devices have asked of the outside and not yet been given: derived, so that no saved state has to hold it. */
import type { Effect } from "./device.js";
import type { PlatformState } from "./platform.js";
import { diskRequested } from "./virtio-blk.js";

export const outstandingEffects = ({ goldfishRtc, virtio }: PlatformState): readonly Effect[] => [
  ...(goldfishRtc.alarmRunning
    ? [{ type: "rtcAlarm/armed", hostNs: BigInt.asUintN(64, goldfishRtc.alarmNs - goldfishRtc.offsetNs) } as const]
    : []),
  ...virtio.flatMap(({ slot, device }): readonly Effect[] => {
    if (device.kind === "blk") return device.inFlight.map((request) => diskRequested(slot, request));
    if (device.kind === "net") return device.linkUp ? [] : [{ type: "network/unplugged", slot }];
    return device.kind === "rng" && device.requestedLength > 0
      ? [{ type: "entropy/requested", slot, length: device.requestedLength }]
      : [];
  }),
];
