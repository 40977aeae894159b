// A guest's side of the wire without a guest: it sends packets, and sees what comes.
import { NEVER, Subject, VirtualTimeScheduler, type Subscription } from "rxjs";

import { ETHER_TYPE, ethernetFrame, parseEthernet } from "../../../src/streams/net/ethernet.js";
import { ipv4Packets, parseIpv4, PROTOCOL, type Ipv4Packet } from "../../../src/streams/net/ipv4.js";
import { router } from "../../../src/streams/host/net/router.js";
import type { RouterOptions } from "../../../src/streams/net/router-options.js";
import { parseTcp, tcpPacket, type TcpSegment } from "../../../src/streams/net/tcp-segment.js";
import { parseUdp, udpPacket, type UdpDatagram } from "../../../src/streams/net/udp.js";

export const GUEST_MAC = "52:54:00:12:34:56";
export const GUEST = "10.0.2.15";
export const HOST = "10.0.2.2";
const ROUTER_MAC = "52:55:0a:00:02:02";

export class FakeGuest {
  readonly scheduler = new VirtualTimeScheduler();
  readonly frames: Uint8Array[] = [];
  fault: Error | undefined;
  private readonly sent$ = new Subject<Uint8Array>();
  private readonly subscription: Subscription;

  constructor(options: RouterOptions = {}) {
    this.subscription = router(
      options,
      this.scheduler,
    )({ frames$: this.sent$, hasRoom$: NEVER }).subscribe({
      next: (from) => {
        if (from.type === "frame") this.frames.push(from.frame);
      },
      error: (fault: Error) => (this.fault = fault),
    });
  }

  unplug(): void {
    this.subscription.unsubscribe();
  }

  sendFrame(etherType: number, payload: Uint8Array, destination = ROUTER_MAC): void {
    this.sent$.next(ethernetFrame({ destination, source: GUEST_MAC, etherType, payload }));
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

  get packets(): readonly Ipv4Packet[] {
    return this.frames.flatMap((frame) => {
      const parsed = parseEthernet(frame);
      const packet = parsed?.etherType === ETHER_TYPE.ipv4 ? parseIpv4(parsed.payload) : undefined;
      return packet === undefined ? [] : [packet];
    });
  }

  get segments(): readonly TcpSegment[] {
    return this.packets.flatMap((packet) => (packet.protocol === PROTOCOL.tcp ? (parseTcp(packet) ?? []) : []));
  }

  get datagrams(): readonly UdpDatagram[] {
    return this.packets.flatMap((packet) => (packet.protocol === PROTOCOL.udp ? (parseUdp(packet) ?? []) : []));
  }

  get icmp(): readonly Uint8Array[] {
    return this.packets.flatMap(({ protocol, payload }) => (protocol === PROTOCOL.icmp ? [payload] : []));
  }

  pass(ms: number): void {
    this.scheduler.maxFrames = this.scheduler.frame + ms;
    this.scheduler.flush();
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
