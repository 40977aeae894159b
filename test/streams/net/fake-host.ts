// A host without sockets: what the router asks of it is kept, and a test says what happens.
import type {
  DatagramEvents,
  DatagramPort,
  DatagramPortEvents,
  DatagramSocket,
  HostEndpoint,
  HostFile,
  HostStream,
  ListenEvents,
  RouterHost,
  StreamEvents,
} from "../../../src/streams/net/router-host.js";

export class FakeStream implements HostStream {
  readonly written: Uint8Array[] = [];
  unsentBytes = 0;
  isDestroyed = false;
  hasEnded = false;
  isPaused = true;
  events: StreamEvents | undefined;

  constructor(readonly to?: HostEndpoint) {}

  write(bytes: Uint8Array): void {
    this.written.push(bytes);
  }

  end(): void {
    this.hasEnded = true;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

export interface FakeDatagrams extends DatagramSocket {
  readonly to: HostEndpoint;
  readonly events: DatagramEvents;
  readonly sent: Uint8Array[];
  isClosed: boolean;
}

export interface FakePort extends DatagramPort {
  readonly at: HostEndpoint;
  readonly events: DatagramPortEvents;
  readonly sent: (readonly [Uint8Array, HostEndpoint])[];
}

export class FakeHost implements RouterHost {
  readonly streams: FakeStream[] = [];
  readonly datagrams: FakeDatagrams[] = [];
  readonly ports: FakePort[] = [];
  readonly listening: ListenEvents[] = [];
  readonly openFiles = new Set<string>();
  files: ReadonlyMap<string, Uint8Array> = new Map();
  private random = 1;

  connect(to: HostEndpoint, events: StreamEvents): HostStream {
    const stream = new FakeStream(to);
    stream.events = events;
    this.streams.push(stream);
    return stream;
  }

  listen(_: HostEndpoint, events: ListenEvents): () => void {
    this.listening.push(events);
    return () => undefined;
  }

  openDatagrams(to: HostEndpoint, events: DatagramEvents): DatagramSocket {
    const sent: Uint8Array[] = [];
    const socket: FakeDatagrams = {
      to,
      events,
      sent,
      isClosed: false,
      send: (bytes) => sent.push(bytes.slice()),
      close: () => (socket.isClosed = true),
    };
    this.datagrams.push(socket);
    return socket;
  }

  bindDatagrams(at: HostEndpoint, events: DatagramPortEvents): DatagramPort {
    const sent: (readonly [Uint8Array, HostEndpoint])[] = [];
    const port: FakePort = {
      at,
      events,
      sent,
      send: (bytes, to) => sent.push([bytes.slice(), to]),
      close: () => undefined,
    };
    this.ports.push(port);
    return port;
  }

  openFile(folder: string, name: string): HostFile | "notFound" | "forbidden" {
    const path = `${folder}/${name}`;
    const bytes = this.files.get(path);
    if (bytes === undefined) return "notFound";
    this.openFiles.add(path);
    return {
      size: bytes.length,
      read: (offset, length) => bytes.slice(offset, offset + length),
      close: () => this.openFiles.delete(path),
    };
  }

  randomNumber(): number {
    return (this.random = Math.imul(this.random, 1_103_515_245) + 12_345) >>> 0;
  }
}
