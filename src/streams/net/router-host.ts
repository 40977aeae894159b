/**
 * What the router needs from its host: sockets and files. The router uses nothing else of the host, so it runs wherever
 * this interface is implemented. `src/streams/host/net` implements it with Node.
 *
 * Nothing here throws or blocks. An event reports each failure, and never during the call that caused it.
 */

/** An address and port on the host. */
export interface HostEndpoint {
  readonly address: string;
  readonly port: number;
}

export interface SocketFault {
  /** `host` is a reason of the host's own, such as too many open files. The user should see it. */
  readonly reason: "refused" | "hostUnreachable" | "networkUnreachable" | "gone" | "host";
  readonly message: string;
}

/** A byte stream to or from another host. It starts paused, and either half can end first. */
export interface HostStream {
  /** Bytes that were written and not yet sent. */
  readonly unsentBytes: number;
  write(bytes: Uint8Array): void;
  /** Ends the sending half. */
  end(): void;
  pause(): void;
  resume(): void;
  /** Ends both halves at once, with a reset if the other end is connected. No event follows. */
  destroy(): void;
}

export interface StreamEvents {
  /** Called only for a stream that this side opened. */
  connected(): void;
  /** The router may keep the bytes. */
  received(bytes: Uint8Array): void;
  /** The other end's sending half has ended. */
  ended(): void;
  /** Everything written has been sent. */
  drained(): void;
  /** The stream is closed. No event follows. */
  failed(fault: SocketFault): void;
}

export interface ListenEvents {
  /** A peer has connected. If this returns undefined, the peer is disconnected. */
  accepted(stream: HostStream): StreamEvents | undefined;
  /** The port can't be opened. If `isOpen`, it is open, but a peer could not be accepted. */
  failed(fault: SocketFault, isOpen: boolean): void;
}

/** Exchanges datagrams with one peer. */
export interface DatagramSocket {
  send(bytes: Uint8Array): void;
  /** No event follows. */
  close(): void;
}

export interface DatagramEvents {
  /** The router may keep the bytes. */
  received(bytes: Uint8Array): void;
  failed(fault: SocketFault): void;
}

/** A port of the host that receives datagrams from any peer. */
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
  /** Returns fewer bytes at the end of the file, and undefined if it can't be read. */
  read(offset: number, length: number): Uint8Array | undefined;
  close(): void;
}

export interface RouterHost {
  connect(to: HostEndpoint, events: StreamEvents): HostStream;
  /** The returned function closes the port. */
  listen(at: HostEndpoint, events: ListenEvents): () => void;
  openDatagrams(to: HostEndpoint, events: DatagramEvents): DatagramSocket;
  bindDatagrams(at: HostEndpoint, events: DatagramPortEvents): DatagramPort;
  /** Opens a regular file in the folder or below it. Symbolic links may not lead outside. */
  openFile(folder: string, name: string): HostFile | "notFound" | "forbidden";
  /** Returns 32 unpredictable bits. */
  randomNumber(): number;
}
