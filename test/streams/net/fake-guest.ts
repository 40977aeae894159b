// A guest's side of the wire without a guest: it sends packets, and sees what comes. The router is on the host's
// sockets, or on a fake host.
import { NEVER, Subject, VirtualTimeScheduler } from "rxjs";

import { ETHER_TYPE, ethernetFrame, parseEthernet } from "../../../src/streams/net/ethernet.js";
import { ipv4Packets, parseIpv4, PROTOCOL, type Ipv4Packet } from "../../../src/streams/net/ipv4.js";
import { router } from "../../../src/streams/host/net/router.js";
import { schedulerClock } from "../../../src/streams/host/net/scheduler-clock.js";
import { Router } from "../../../src/streams/net/router.js";
import type { RouterHost } from "../../../src/streams/net/router-host.js";
import type { RouterOptions } from "../../../src/streams/net/router-options.js";
import { parseTcp, tcpPacket, type TcpSegment } from "../../../src/streams/net/tcp-segment.js";
import { parseUdp, udpPacket, type UdpDatagram } from "../../../src/streams/net/udp.js";
import { pass } from "./pass.js";

export const GUEST_MAC = "52:54:00:12:34:56";
export const GUEST = "10.0.2.15";
export const HOST = "10.0.2.2";
const ROUTER_MAC = "52:55:0a:00:02:02";

export class FakeGuest {
  readonly scheduler = new VirtualTimeScheduler();
  /** What came, and what of it is packets, segments, datagrams and ICMP messages. */
  readonly frames: Uint8Array[] = [];
  readonly packets: Ipv4Packet[] = [];
  readonly segments: TcpSegment[] = [];
  readonly datagrams: UdpDatagram[] = [];
  readonly icmp: Uint8Array[] = [];
  fault: Error | undefined;
  readonly sent: Uint8Array[] = [];
  readonly told: string[] = [];
  private readonly sent$ = new Subject<Uint8Array>();
  readonly unplug: () => void;

  constructor(options: RouterOptions = {}, host?: RouterHost) {
    this.unplug = host === undefined ? this.plugIntoHost(options) : this.plugInto(options, host);
  }

  private plugIntoHost(options: RouterOptions): () => void {
    const wire = router(options, this.scheduler, (message) => this.told.push(message));
    const subscription = wire({ frames$: this.sent$, hasRoom$: NEVER }).subscribe({
      next: (from) => {
        if (from.type === "frame") this.heard(from.frame);
      },
      error: (fault: Error) => (this.fault = fault),
    });
    return () => {
      subscription.unsubscribe();
    };
  }

  private plugInto(options: RouterOptions, host: RouterHost): () => void {
    const running = new Router(options, {
      clock: schedulerClock(this.scheduler),
      host,
      transmit: (frame) => {
        this.heard(frame);
      },
      forwardFailed: (_, { message }) => (this.fault = new Error(message)),
      report: (message) => this.told.push(message),
    });
    running.start();
    this.sent$.subscribe((frame) => {
      running.frameArrived(frame);
    });
    return () => {
      running.stop();
    };
  }

  sendFrame(etherType: number, payload: Uint8Array, destination = ROUTER_MAC): void {
    this.sendWhole(ethernetFrame({ destination, source: GUEST_MAC, etherType, payload }));
  }

  sendWhole(frame: Uint8Array): void {
    this.sent.push(frame);
    this.sent$.next(frame);
  }

  sendPacket(packet: Ipv4Packet, destination = ROUTER_MAC): void {
    for (const bytes of ipv4Packets({ ...packet, identification: 7 }))
      this.sendFrame(ETHER_TYPE.ipv4, bytes, destination);
  }

  sendTcp(destination: string, segment: Partial<TcpSegment>): void {
    const whole = { sourcePort: 40_000, destinationPort: 80, seq: 1, ack: 0, flags: 0, window: 0xffff };
    this.sendPacket(tcpPacket(GUEST, destination, { ...whole, payload: new Uint8Array(0), ...segment }));
  }

  sendUdp(datagram: Omit<UdpDatagram, "source"> & { readonly source?: string }, mac = ROUTER_MAC): void {
    this.sendPacket(udpPacket({ source: GUEST, ...datagram }), mac);
  }

  private heard(frame: Uint8Array): void {
    this.frames.push(frame);
    const parsed = parseEthernet(frame);
    const packet = parsed?.etherType === ETHER_TYPE.ipv4 ? parseIpv4(parsed.payload) : undefined;
    if (packet === undefined) return;
    this.packets.push(packet);
    if (packet.protocol === PROTOCOL.icmp) this.icmp.push(packet.payload);
    const segment = packet.protocol === PROTOCOL.tcp ? parseTcp(packet) : undefined;
    if (segment !== undefined) this.segments.push(segment);
    const datagram = packet.protocol === PROTOCOL.udp ? parseUdp(packet) : undefined;
    if (datagram !== undefined) this.datagrams.push(datagram);
  }

  pass(ms: number): void {
    pass(this.scheduler, ms);
  }
}

/** Waits for the host's sockets, which have their own time. */
export const eventually = async (isSo: () => boolean, what: string): Promise<void> => {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`it did not come to: ${what}`);
};
