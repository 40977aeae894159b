/** The host's end of a console, in the terms of QEMU's -chardev: nothing, a file, or a Unix socket. */
import { closeSync, openSync, writeSync } from "node:fs";
import { connect, type Socket } from "node:net";

import { BehaviorSubject, concat, NEVER, switchMap, type Observable } from "rxjs";

import type { Demand } from "../time/pulled.js";
import { heldStream } from "./held-stream.js";
import { PeerOutput } from "./net/peer-output.js";
import { peerServer } from "./net/peer-server.js";
import { socketFault } from "./net/socket-faults.js";

export type CharacterDeviceOptions =
  | { readonly kind: "null" }
  /** Receives what the guest prints. An existing file is overwritten. */
  | { readonly kind: "file"; readonly path: string }
  /**
   * A server listens. What the guest prints while no peer is connected is lost. If a peer does not read, the guest
   * waits.
   */
  | { readonly kind: "unix"; readonly path: string; readonly server: boolean };

export interface CharacterDevice {
  /** What is typed. It is read while there is room for it. */
  readonly input$: (hasRoom$: Observable<boolean>) => Observable<Uint8Array>;
  readonly write: (bytes: Uint8Array) => void;
  /** For a peer that may read slowly: asks the guest to wait for it. */
  readonly demand?: Demand;
  /** Writes the rest and closes. */
  end(): Promise<void>;
}

/** A file or socket of a console or monitor failed. The message names it and the remedy. */
export class CharacterDeviceError extends Error {
  override readonly name = "CharacterDeviceError";
  readonly code = "CHARACTER_DEVICE";
}

/** Resolves when the device is ready. `failed` is called once if it fails later. @throws {CharacterDeviceError} */
export async function openCharacterDevice(
  options: CharacterDeviceOptions,
  failed: (error: CharacterDeviceError) => void,
): Promise<CharacterDevice> {
  switch (options.kind) {
    case "null":
      return { input$: () => NEVER, write: () => undefined, end: () => Promise.resolve() };
    case "file":
      return file(options.path, failed);
    case "unix":
      return options.server ? listening(options.path, failed) : connected(options.path, failed);
    default:
      options satisfies never;
      throw new Error("no such character device");
  }
}

/** Writes at once, so that the file is complete even if the process is killed. */
function file(path: string, failed: (error: CharacterDeviceError) => void): CharacterDevice {
  let opened: number | undefined;
  try {
    opened = openSync(path, "w");
  } catch (cause) {
    throw fault(`the console's file ${path} can't be created`, cause);
  }
  const close = (): void => {
    if (opened !== undefined) closeSync(opened);
    opened = undefined;
  };
  return {
    input$: () => NEVER,

    write(bytes) {
      try {
        for (let at = 0; opened !== undefined && at < bytes.length;) at += writeSync(opened, bytes, at);
      } catch (cause) {
        close();
        failed(fault(`the console's file ${path} can't be written`, cause));
      }
    },
    end() {
      close();
      return Promise.resolve();
    },
  };
}

async function listening(path: string, failed: (error: CharacterDeviceError) => void): Promise<CharacterDevice> {
  const peer$ = new BehaviorSubject<Socket | undefined>(undefined);
  const output = new PeerOutput();
  try {
    const server = await peerServer(
      { type: "unix", path },
      {
        met: (peer) => {
          output.attach(peer);
          peer$.next(peer);
        },
        failed: (cause) => {
          failed(socketError(path, cause));
        },
      },
    );
    return {
      input$: (hasRoom$) => peer$.pipe(switchMap((peer) => (peer === undefined ? NEVER : heldStream(peer, hasRoom$)))),
      write: (bytes) => {
        output.write(bytes);
      },
      demand: output,
      end: () => {
        output.flush();
        return server.end();
      },
    };
  } catch (cause) {
    throw socketError(path, cause);
  }
}

async function connected(path: string, failed: (error: CharacterDeviceError) => void): Promise<CharacterDevice> {
  const socket = connect(path);
  const output = new PeerOutput();
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve();
      });
    });
  } catch (cause) {
    throw socketError(path, cause);
  }
  let isEnding = false;
  socket.on("error", () => undefined);
  socket.on("close", () => {
    if (!isEnding) failed(new CharacterDeviceError(`the console's peer at ${path} went away`));
  });
  output.attach(socket);
  return {
    input$: (hasRoom$) => concat(heldStream(socket, hasRoom$), NEVER),
    write: (bytes) => {
      output.write(bytes);
    },
    demand: output,
    end: () => {
      isEnding = true;
      return output.end();
    },
  };
}

const socketError = (path: string, cause: unknown): CharacterDeviceError =>
  new CharacterDeviceError(`the console's socket ${socketFault(path, cause).message}`, { cause });

const fault = (what: string, cause: unknown): CharacterDeviceError =>
  new CharacterDeviceError(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
