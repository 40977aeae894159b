/** The interrupts that the devices raise at a hart, as bits of mip: few, so they are a number and no bigint. */
import * as clint from "../reducers/clint.js";
import { interruptLines, type PlatformState } from "../reducers/platform.js";
import * as plic from "../reducers/plic.js";
import { INTERRUPT } from "./hart/trap-causes.js";

const HART = 0;

export const hartInterruptLines = (platform: PlatformState): number => ownLines(platform) | sharedLines(platform);

/** The same of a platform that changes: what goes through the PLIC is worked out again only with another device's slice. */
export class HartInterruptLines {
  private platform: PlatformState | undefined;
  private shared = 0;

  of(platform: PlatformState): number {
    if (this.platform === undefined || !haveSameSources(this.platform, platform)) this.shared = sharedLines(platform);
    this.platform = platform;
    return ownLines(platform) | this.shared;
  }
}

const haveSameSources = (a: PlatformState, b: PlatformState): boolean =>
  a.plic === b.plic && a.uart16550 === b.uart16550 && a.goldfishRtc === b.goldfishRtc && a.virtio === b.virtio;

const ownLines = (platform: PlatformState): number => {
  const { msip, mtip } = clint.hartLines(platform.clint, HART);
  return line(msip, MSI) | line(mtip, MTI);
};

const sharedLines = (platform: PlatformState): number => {
  const sources = { interruptLines: interruptLines(platform) };
  return (
    line(plic.contextLine(platform.plic, HART * 2, sources), MEI) |
    line(plic.contextLine(platform.plic, HART * 2 + 1, sources), SEI)
  );
};

const line = (isHigh: boolean, bit: number): number => (isHigh ? bit : 0);

const bitOf = (interrupt: bigint): number => 1 << Number(interrupt);
const MSI = bitOf(INTERRUPT.msi);
const MTI = bitOf(INTERRUPT.mti);
const MEI = bitOf(INTERRUPT.mei);
const SEI = bitOf(INTERRUPT.sei);
