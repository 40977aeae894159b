/** Where a monitor is reached from outside the terminal: the standard streams, or a Unix socket of its own. */
import type { Duplex } from "node:stream";

import { CharacterDeviceError } from "../../host/character-device.js";
import { peerServer } from "../../host/net/peer-server.js";
import { socketFault } from "../../host/net/socket-faults.js";
import { runPrompt } from "./prompt.js";
import type { MonitorTarget } from "../target/target.js";

export type MonitorPlace = "stdio" | { readonly kind: "unix"; readonly path: string };

/**
 * Serves a monitor at the socket to one peer after the other, until it is ended. A peer that goes leaves the machine as
 * it is, as in QEMU: stopped, if it stopped it. @throws {CharacterDeviceError} where the host can't listen there.
 */
export async function monitorSocket(path: string, target: MonitorTarget): Promise<() => Promise<void>> {
  const met = (peer: Duplex): void => {
    const gone = new Promise((resolve) => peer.once("close", resolve));
    void runPrompt(target, peer, peer, gone, { isPrompted: true }).then(() => peer.end());
  };
  try {
    const server = await peerServer({ type: "unix", path }, { met, failed: () => undefined });
    return () => server.end();
  } catch (fault) {
    throw new CharacterDeviceError(`the monitor's socket ${socketFault(path, fault).message}`, { cause: fault });
  }
}
