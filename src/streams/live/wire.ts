/**
 * What a guest's network card is plugged into: frames in, frames out. A router in this process is one, a socket
 * another.
 */
import type { Observable } from "rxjs";

/** The guest's end of the wire. */
export interface GuestPort {
  /** Ethernet frames that the guest sends, without preamble and check sequence. */
  readonly frames$: Observable<Uint8Array>;
  /** Whether more frames can wait for the guest. What is sent while there is no room is lost. */
  readonly hasRoom$: Observable<boolean>;
}

export type FromWire =
  { readonly type: "frame"; readonly frame: Uint8Array } | { readonly type: "link"; readonly up: boolean };

export type Wire = (guest: GuestPort) => Observable<FromWire>;
