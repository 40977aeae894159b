/** Lines of text to where a reader takes them: a file, a pipe or a socket. They never wait in memory without bound. */
import { fstatSync, openSync } from "node:fs";
import { connect, Socket } from "node:net";
import { Writable } from "node:stream";

import { firstValueFrom, Subject, type Observable } from "rxjs";

import type { Demand } from "../time/pulled.js";
import { LogError } from "../store/log/index.js";
import { appendedFile } from "./appended-file.js";
import { letGo, peerServer, type PeerServer } from "./net/peer-server.js";
import { socketFault } from "./net/socket-faults.js";
import { openDevice } from "./open-device.js";
import { OutputError, outputError } from "./output-error.js";
import { reasonOf } from "./reason.js";
import { isDevice } from "./whole-file.js";

export type LinePlace =
  | { readonly kind: "stream"; readonly stream: Writable }
  /** A file that is there is overwritten; a pipe must have a reader. */
  | { readonly kind: "file"; readonly path: string }
  /** A server listens: one reader at a time, and lines are for who reads then. `waits`: until the first one comes. */
  | { readonly kind: "unix"; readonly path: string; readonly server: boolean; readonly waits?: boolean };

/** What a reader may have yet to take before it counts as behind. */
export const MAX_UNREAD_LINE_BYTES = 1 << 20;
const PIECE_CHARACTERS = 1 << 16;

/** Met while the reader has no room, or there is none yet. */
export interface LineOutput extends Demand {
  /** With its end. Lost where there is no reader. */
  write(line: string): void;
  /** Writes what waits, and lets the reader take the rest for a while. */
  end(): Promise<void>;
}

/** Called once where nothing is written any more: why it can't be, or undefined where its only reader has gone. */
type Over = (fault: OutputError | undefined) => void;

/** Resolves when it can be written to. @throws {OutputError} @throws {LogError} where a pipe has no reader */
export async function openLineOutput(place: LinePlace, over: Over): Promise<LineOutput> {
  switch (place.kind) {
    case "stream":
      return new Lines("standard output", over, place.stream);
    case "file":
      return new Lines(place.path, over, fileAt(place.path));
    case "unix": {
      const { path, server } = place;
      try {
        if (!server) return new Lines(path, over, await connectedTo(path));
        const lines = new Lines(path, over);
        const met = firstValueFrom(lines.changed$);
        await lines.serve(path);
        if (place.waits === true) await met;
        return lines;
      } catch (cause) {
        throw new OutputError(socketFault(path, cause).message, { cause });
      }
    }
  }
}

class Lines implements LineOutput {
  private readonly changes$ = new Subject<void>();
  private stream: Writable | undefined;
  private server: PeerServer | undefined;
  private text = "";
  private scheduled: NodeJS.Immediate | undefined;
  private isOver = false;
  /** Nothing more is written, so that a reader who goes is no news. */
  private isEnding = false;

  constructor(
    private readonly name: string,
    private readonly over: Over,
    stream?: Writable,
  ) {
    if (stream !== undefined) this.attach(stream);
  }

  /** Nobody waits for a reader who will not come. */
  get isMet(): boolean {
    if (this.isOver) return false;
    return this.stream === undefined || this.stream.writableLength >= MAX_UNREAD_LINE_BYTES;
  }

  get changed$(): Observable<void> {
    return this.changes$;
  }

  /** Readers come and go there. */
  async serve(path: string): Promise<void> {
    this.server = await peerServer(
      { type: "unix", path },
      {
        met: (peer) => {
          this.attach(peer);
          this.changes$.next();
        },
        failed: (cause) => {
          this.finish(new OutputError(socketFault(path, cause).message, { cause }));
        },
      },
    );
  }

  private attach(stream: Writable): void {
    this.text = "";
    this.stream = stream;
    stream.on("drain", () => {
      if (this.stream === stream && !this.isMet) this.changes$.next();
    });
    stream.on("error", (cause) => {
      this.lost(stream, outputError(this.name, cause));
    });
    stream.on("close", () => {
      this.lost(stream, undefined);
    });
  }

  /** Of a server, the next reader may come; of any other place, nobody will. */
  private lost(stream: Writable, fault: OutputError | undefined): void {
    if (this.stream !== stream) return;
    this.stream = undefined;
    this.text = "";
    if (this.server === undefined) this.finish(fault);
  }

  private finish(fault: OutputError | undefined): void {
    if (this.isOver || (this.isEnding && fault === undefined)) return;
    this.isOver = true;
    this.over(fault);
    this.changes$.next();
  }

  write(line: string): void {
    if (this.stream === undefined) return;
    this.text += line;
    if (this.text.length >= PIECE_CHARACTERS) this.flush();
    else
      this.scheduled ??= setImmediate(() => {
        this.flush();
      });
  }

  private flush(): void {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    const { text } = this;
    this.text = "";
    if (text !== "") this.stream?.write(text);
  }

  async end(): Promise<void> {
    this.flush();
    this.isEnding = true;
    const { stream, server } = this;
    if (server !== undefined) await server.end();
    else if (stream !== undefined) await ended(stream);
  }
}

/** The standard output is not ours to close. */
async function ended(stream: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    if (stream instanceof Socket || stream instanceof WholePieces) stream.once("close", resolve);
    if (stream instanceof Socket) letGo(stream);
    else if (stream instanceof WholePieces) stream.end();
    else
      stream.write("", () => {
        resolve();
      });
  });
}

/** A full disk cuts no line in two: a piece that can't be written whole is taken back. */
class WholePieces extends Writable {
  constructor(path: string, file: number) {
    const pieces = appendedFile(path, file, { byteLength: 0, kept: "make room, or send it elsewhere" });
    const attempt = (work: () => void, done: (fault?: Error | null) => void): void => {
      try {
        work();
      } catch (fault) {
        // Who writes to this names the file and the remedy itself.
        const { cause = fault } = fault as Error;
        done(cause as Error);
        return;
      }
      done();
    };
    super({
      write(chunk: Buffer, _encoding, done) {
        attempt(() => {
          pieces.write(chunk);
        }, done);
      },
      final(done) {
        attempt(() => {
          pieces.close();
        }, done);
      },
    });
  }
}

function fileAt(path: string): Writable {
  try {
    if (!isDevice(path)) return new WholePieces(path, openSync(path, "w"));
    const file = openDevice(path);
    return fstatSync(file).isFIFO() ? new Socket({ fd: file, readable: false }) : new WholePieces(path, file);
  } catch (cause) {
    if (cause instanceof LogError) throw cause;
    throw new OutputError(`${path} can't be opened: ${reasonOf(cause)}`, { cause });
  }
}

const connectedTo = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
