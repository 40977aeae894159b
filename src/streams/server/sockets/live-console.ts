/**
 * The console of a machine that runs, both ways. What it prints comes in binary messages, first what it printed last;
 * what is typed goes in messages of either kind. To a reader that is behind, `{"kind":"gap","lost":BYTES}` says in a
 * text message how much it missed.
 */
import type { LiveConsole } from "../live/live-console.js";
import type { Peer } from "./peer.js";

export function consoleSocket(console: LiveConsole, peer: Peer): (message: Buffer) => void {
  let lost = 0;
  const tell = (bytes: Uint8Array): void => {
    if (peer.isFull) {
      lost += bytes.length;
      return;
    }
    if (lost > 0) void peer.send(JSON.stringify({ kind: "gap", lost }));
    lost = 0;
    void peer.send(bytes);
  };
  if (console.scrollback.length > 0) tell(console.scrollback);
  const leave = console.read(tell);
  peer.signal.addEventListener("abort", leave);
  return (message) => {
    // Who types more than the guest takes is not listened to meanwhile.
    peer.socket.pause();
    void console.type(message).finally(() => {
      peer.socket.resume();
    });
  };
}
