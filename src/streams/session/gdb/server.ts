/** Where gdb reaches a machine: a socket, one gdb after the other, or the standard streams, of a gdb that began us. */
import type { Readable, Writable } from "node:stream";

import { CharacterDeviceError } from "../../host/character-device.js";
import { peerServer } from "../../host/net/peer-server.js";
import { nameOfAddress, type StreamAddress } from "../../host/net/socket-address.js";
import { socketFault } from "../../host/net/socket-faults.js";
import type { MonitorTarget } from "../monitor/target.js";
import { GdbConnection } from "./connection.js";

export type GdbPlace = "stdio" | StreamAddress;

export interface GdbServerOptions {
  /** gdb killed the machine. */
  readonly killed: () => void;
  /** Of one gdb on the standard streams, or one that detached. */
  readonly left: () => void;
}

/** @throws {CharacterDeviceError} where the host can't listen there */
export async function gdbServer(
  target: MonitorTarget,
  address: StreamAddress,
  options: GdbServerOptions,
): Promise<() => Promise<void>> {
  const met = (peer: Readable & Writable): void => {
    serve(target, { input: peer, output: peer }, options);
  };
  try {
    const server = await peerServer(address, { met, failed: () => undefined });
    return () => server.end();
  } catch (fault) {
    throw new CharacterDeviceError(`--gdb ${socketFault(nameOfAddress(address), fault).message}`, { cause: fault });
  }
}

/** A gdb that vanishes has left: what it set goes with it. */
export function serve(
  target: MonitorTarget,
  { input, output }: { readonly input: Readable; readonly output: Writable },
  { killed, left }: GdbServerOptions,
): void {
  let isOver = false;
  const over = (how: "detached" | "killed"): void => {
    if (isOver) return;
    isOver = true;
    connection.end();
    // The answer to its last packet is still to come.
    setImmediate(() => output.end());
    if (how === "killed") killed();
    else left();
  };
  const connection = new GdbConnection(target, {
    send: (bytes) => {
      if (output.writable) output.write(bytes);
    },
    left: over,
  });
  input.on("data", (bytes: Uint8Array) => {
    if (!isOver) connection.receive(bytes);
  });
  for (const event of ["end", "close", "error"]) {
    input.on(event, () => {
      over("detached");
    });
  }
}
