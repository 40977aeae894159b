/** Joins a TCP connection of the guest's with a stream of the host's, with back-pressure both ways. */
import { Alarm } from "./alarm.js";
import type { Clock } from "./clock.js";
import type { HostStream, SocketFault, StreamEvents } from "./router-host.js";
import type { TcpApplication, TcpConnection } from "./tcp-connection.js";

/** What is read ahead of the guest. */
const HIGH_WATER_BYTES = 512 << 10;
const LOW_WATER_BYTES = 256 << 10;
/** How long the host's end may take to connect. A host itself would wait for minutes. */
export const CONNECT_TIMEOUT_MS = 30_000;

export interface BridgeOwner {
  /** The guest's end, which serves `application`; it is not yet begun. */
  guestEnd(application: TcpApplication): TcpConnection;
  /** Both ends are there. */
  joined(connection: TcpConnection): void;
  /** The host's end can't be had; without a fault, it took too long. */
  refused(fault?: SocketFault): void;
  /** Both ends are gone. */
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

  /** The guest's end; absent while the host's is not connected. */
  get guestEnd(): TcpConnection | undefined {
    return this.connection;
  }

  /** The host's end is on its way. */
  await(stream: HostStream): void {
    this.stream = stream;
    this.patience.set(CONNECT_TIMEOUT_MS);
  }

  /** The host's end is there. */
  join(stream: HostStream): void {
    this.stream = stream;
    this.connection = this.owner.guestEnd(this.toHost);
    this.owner.joined(this.connection);
  }

  /** `opening`: not both ends are connected; `ended`: neither end has more to say, and the guest's waits for late segments. */
  get phase(): TcpConnection["phase"] {
    return this.connection?.phase ?? "opening";
  }

  /** Ends what is not yet open; the guest is told. */
  giveUp(): void {
    this.patience.clear();
    if (this.connection !== undefined) {
      this.connection.abort();
      return;
    }
    this.stream?.destroy();
    this.owner.refused();
  }

  /** Lets go of both ends. The guest hears nothing of it. */
  stop(): void {
    this.patience.clear();
    this.connection?.stop();
    this.stream?.destroy();
  }

  /** What the host's end does. */
  readonly fromHost: StreamEvents = {
    connected: () => {
      this.patience.clear();
      if (this.stream !== undefined) this.join(this.stream);
    },
    received: (bytes) => {
      const { connection } = this;
      if (connection === undefined) return;
      connection.write(bytes);
      if (connection.bufferedBytes > HIGH_WATER_BYTES) this.read(false);
    },
    ended: () => this.connection?.finish(),
    drained: () => this.connection?.windowOpened(),
    failed: (fault) => {
      this.patience.clear();
      if (this.connection === undefined) this.owner.refused(fault);
      else this.connection.abort();
    },
  };

  /** What the guest's end does. */
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
