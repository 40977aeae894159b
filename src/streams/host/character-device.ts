/** Where a console of the guest ends on the host, in QEMU's words for a -chardev: nowhere, in a file, at a Unix socket. */
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
  /** What the guest prints; a file that is there is written anew. */
  | { readonly kind: "file"; readonly path: string }
  /** As a server, it listens; what the guest prints while nobody is connected is lost. For a peer that does not read, the guest waits. */
  | { readonly kind: "unix"; readonly path: string; readonly server: boolean };

export interface CharacterDevice {
  /** What is typed, while there is room for it. */
  readonly input$: (hasRoom$: Observable<boolean>) => Observable<Uint8Array>;
  readonly write: (bytes: Uint8Array) => void;
  /** Of a peer that may read slowly, where there is one: the guest should wait for it. */
  readonly demand?: Demand;
  /** Writes what waits, and lets go. */
  end(): Promise<void>;
}

/** A file or socket of a console or monitor fails; the message names it, and what to do. */
export class CharacterDeviceError extends Error {
  override readonly name = "CharacterDeviceError";
  readonly code = "CHARACTER_DEVICE";
}

/** Resolves when it can be used. `failed` is called once, where it fails later. @throws {CharacterDeviceError} */
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

/** Written at once, so that the file ends where the guest did, however the process ends. */
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
