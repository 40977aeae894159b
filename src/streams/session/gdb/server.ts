/** Where gdb reaches a machine: a socket, one gdb after the other, or the standard streams, of a gdb that began us. */
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";

import { CharacterDeviceError } from "../../host/character-device.js";
import { letGo, PATIENCE_MS, peerServer } from "../../host/net/peer-server.js";
import { nameOfAddress, type StreamAddress } from "../../host/net/socket-address.js";
import { socketFault } from "../../host/net/socket-faults.js";
import type { MonitorTarget } from "../target/target.js";
import { GdbConnection } from "./connection.js";

export type GdbPlace = "stdio" | StreamAddress;

export interface GdbServerOptions {
  /** gdb killed the machine. */
  readonly killed: () => void;
  /** Of one gdb on the standard streams, or one that detached. The next one is served when it is done. */
  readonly left: () => unknown;
}

/** Of answers that it does not read. More lets it go. */
export const MAX_UNREAD_BYTES = 16 << 20;

/** @throws {CharacterDeviceError} where the host can't listen there */
export async function gdbServer(
  target: MonitorTarget,
  address: StreamAddress,
  options: GdbServerOptions,
): Promise<() => Promise<void>> {
  let answered: () => Promise<void> = () => Promise.resolve();
  // The next one finds the machine where the last one left it.
  let hasLeft: Promise<unknown> = Promise.resolve();
  const left = (): void => {
    hasLeft = Promise.resolve(options.left());
  };
  const met = async (peer: Socket): Promise<void> => {
    await hasLeft;
    if (peer.destroyed) return;
    const end = (): void => {
      letGo(peer);
    };
    answered = serve(target, { input: peer, output: peer, end }, { killed: options.killed, left });
  };
  try {
    const server = await peerServer(address, { met: (peer) => void met(peer), failed: () => undefined });
    return async () => {
      await answered();
      await server.end();
    };
  } catch (fault) {
    throw new CharacterDeviceError(`--gdb ${socketFault(nameOfAddress(address), fault).message}`, { cause: fault });
  }
}

export interface GdbStreams {
  readonly input: Readable;
  readonly output: Writable;
  /** Default: the output's end. */
  readonly end?: () => void;
}

/**
 * A gdb that vanishes has left: what it set goes with it. What is answered waits for the answers under way, such as how
 * a machine ended that has just done so.
 */
export function serve(
  target: MonitorTarget,
  streams: GdbStreams,
  { killed, left }: GdbServerOptions,
): () => Promise<void> {
  const { input, output, end = (): unknown => output.end() } = streams;
  let isOver = false;
  const over = (how: "detached" | "killed"): void => {
    if (isOver) return;
    isOver = true;
    connection.end();
    // The answer to its last packet is still to come.
    setImmediate(end);
    if (how === "killed") killed();
    else left();
  };
  const connection = new GdbConnection(target, {
    send: (bytes) => {
      if (!output.writable) return;
      if (output.writableLength > MAX_UNREAD_BYTES) over("detached");
      // Who does not read its answers is not read from either.
      else if (!output.write(bytes)) input.pause();
    },
    left: over,
  });
  output.on("drain", () => input.resume());
  input.on("data", (bytes: Uint8Array) => {
    if (!isOver) connection.receive(bytes);
  });
  for (const event of ["end", "close", "error"]) {
    input.on(event, () => {
      over("detached");
    });
  }
  output.on("error", () => {
    over("detached");
  });
  return () => Promise.race([connection.answered, setTimeout(PATIENCE_MS, undefined, { ref: false })]);
}
