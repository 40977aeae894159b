/** Connects a TCP connection of the guest to a stream of the host, with back-pressure both ways. */
import { Alarm } from "./alarm.js";
import type { Clock } from "./clock.js";
import type { HostStream, SocketFault, StreamEvents } from "./router-host.js";
import type { TcpApplication, TcpConnection } from "./tcp-connection.js";

/** The limit on bytes that are read ahead of the guest. */
/** Of what the guest has not acknowledged: beyond it, no more is read from the host's end until there is less. */
export const MAX_BUFFERED_BYTES = 512 << 10;
const LOW_WATER_BYTES = 256 << 10;
/** The time limit for the host's end to connect. The host itself would wait for minutes. */
export const CONNECT_TIMEOUT_MS = 30_000;

export interface BridgeOwner {
  /** Creates the guest's end, which serves `application`. It is not yet opened. */
  guestEnd(application: TcpApplication): TcpConnection;
  /** Both ends are connected. */
  joined(connection: TcpConnection): void;
  /** The host's end can't connect. Without a fault, it took too long. */
  refused(fault?: SocketFault): void;
  /** Both ends are closed. */
  over(): void;
}

export class TcpBridge {
  private connection: TcpConnection | undefined;
  private stream: HostStream | undefined;
  private isReading = false;
  private readonly patience: Alarm;

  constructor(
    clock: Clock,
    private readonly owner: BridgeOwner,
  ) {
    this.patience = new Alarm(clock, () => {
      this.giveUp();
    });
  }

  /** The guest's end. Absent until the host's end is connected. */
  get guestEnd(): TcpConnection | undefined {
    return this.connection;
  }

  /** Starts with a host's end that is still connecting. */
  await(stream: HostStream): void {
    this.stream = stream;
    this.patience.set(CONNECT_TIMEOUT_MS);
  }

  /** Starts with a host's end that is connected. */
  join(stream: HostStream): void {
    this.stream = stream;
    this.connection = this.owner.guestEnd(this.toHost);
    this.owner.joined(this.connection);
  }

  /**
   * `opening`: an end is not yet connected. `ended`: both ends have sent everything, and the guest's end waits for late
   * segments.
   */
  get phase(): TcpConnection["phase"] {
    return this.connection?.phase ?? "opening";
  }

  /** Closes a bridge that is not yet open, and tells the guest. */
  giveUp(): void {
    this.patience.clear();
    if (this.connection !== undefined) {
      this.connection.abort();
      return;
    }
    this.stream?.destroy();
    this.owner.refused();
  }

  /** Releases both ends without telling the guest. */
  stop(): void {
    this.patience.clear();
    this.connection?.stop();
    this.stream?.destroy();
  }

  /** Handles events of the host's end. */
  readonly fromHost: StreamEvents = {
    connected: () => {
      this.patience.clear();
      if (this.stream !== undefined) this.join(this.stream);
    },
    received: (bytes) => {
      const { connection } = this;
      if (connection === undefined) return;
      connection.write(bytes);
      if (connection.bufferedBytes > MAX_BUFFERED_BYTES) this.read(false);
    },
    ended: () => this.connection?.finish(),
    drained: () => this.connection?.windowOpened(),
    failed: (fault) => {
      this.patience.clear();
      if (this.connection === undefined) this.owner.refused(fault);
      else this.connection.abort();
    },
  };

  /** Handles events of the guest's end. */
  private readonly toHost: TcpApplication = ((bridge: TcpBridge) => ({
    get unconsumedBytes() {
      return bridge.stream?.unsentBytes ?? 0;
    },
    connected: () => {
      bridge.read(true);
    },
    received: (bytes) => bridge.stream?.write(bytes),
    ended: () => bridge.stream?.end(),
    acknowledged: () => {
      if ((bridge.connection?.bufferedBytes ?? 0) < LOW_WATER_BYTES) bridge.read(true);
    },
    closed: (why) => {
      bridge.owner.over();
      if (why !== "done") bridge.stream?.destroy();
    },
  }))(this);

  private read(isReading: boolean): void {
    if (this.isReading === isReading) return;
    this.isReading = isReading;
    if (isReading) this.stream?.resume();
    else this.stream?.pause();
  }
}
