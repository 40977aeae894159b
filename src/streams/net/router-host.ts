/**
 * What the router asks of the host that it runs on: sockets and files. The router knows no more of the host than this, so
 * it runs wherever somebody implements it; src/streams/host/net does so with Node.
 *
 * Nothing here throws or waits. What fails is told by an event, never during the call that it comes from.
 */

/** An address and port on the host. */
export interface HostEndpoint {
  readonly address: string;
  readonly port: number;
}

export interface SocketFault {
  /** `host`: for a reason of the host's own, such as no more files; a user should be told. */
  readonly reason: "refused" | "hostUnreachable" | "networkUnreachable" | "gone" | "host";
  readonly message: string;
}

/** A byte stream to or from elsewhere. It begins paused, and either half can end first. */
export interface HostStream {
  /** What was written and is not yet on its way. */
  readonly unsentBytes: number;
  write(bytes: Uint8Array): void;
  /** Nothing more will be written. */
  end(): void;
  pause(): void;
  resume(): void;
  /** Ends both halves at once, by a reset where the other end knows it. No event comes afterwards. */
  destroy(): void;
}

export interface StreamEvents {
  /** Only of a stream that this side opened. */
  connected(): void;
  /** Bytes that the router may keep. */
  received(bytes: Uint8Array): void;
  /** Nothing more will be received. */
  ended(): void;
  /** All that was written is on its way. */
  drained(): void;
  /** It is over; no event comes afterwards. */
  failed(fault: SocketFault): void;
}

export interface ListenEvents {
  /** Somebody has come. Undefined: is sent away. */
  accepted(stream: HostStream): StreamEvents | undefined;
  /** The port can't be opened; or, later, somebody who came could not be let in. */
  failed(fault: SocketFault, isOpen: boolean): void;
}

/** Datagrams to and from one other end. */
export interface DatagramSocket {
  send(bytes: Uint8Array): void;
  /** No event comes afterwards. */
  close(): void;
}

export interface DatagramEvents {
  /** Bytes that the router may keep. */
  received(bytes: Uint8Array): void;
  failed(fault: SocketFault): void;
}

/** A port of the host at which datagrams of all others arrive. */
export interface DatagramPort {
  send(bytes: Uint8Array, to: HostEndpoint): void;
  close(): void;
}

export interface DatagramPortEvents {
  received(bytes: Uint8Array, from: HostEndpoint): void;
  failed(fault: SocketFault, isOpen: boolean): void;
}

export interface HostFile {
  readonly size: number;
  /** Fewer bytes at the end of the file; undefined: it can't be read. */
  read(offset: number, length: number): Uint8Array | undefined;
  close(): void;
}

export interface RouterHost {
  connect(to: HostEndpoint, events: StreamEvents): HostStream;
  /** What is returned closes the port. */
  listen(at: HostEndpoint, events: ListenEvents): () => void;
  openDatagrams(to: HostEndpoint, events: DatagramEvents): DatagramSocket;
  bindDatagrams(at: HostEndpoint, events: DatagramPortEvents): DatagramPort;
  /** A regular file in the folder, or below it, also by way of symbolic links. */
  openFile(folder: string, name: string): HostFile | "notFound" | "forbidden";
  /** 32 bits that nobody can guess. */
  randomNumber(): number;
}
