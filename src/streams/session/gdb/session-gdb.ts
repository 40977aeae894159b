/** gdb at a session's machine: it stands while gdb is there and says so, and goes on when gdb has gone. */
import { nameOfAddress } from "../../host/net/socket-address.js";
import type { Stdio } from "../../host/stdio.js";
import type { Ahead } from "../target/ahead.js";
import type { MonitorTarget } from "../target/target.js";
import { gdbServer, serve, type GdbPlace } from "./server.js";

export interface SessionGdbOptions {
  readonly place: GdbPlace;
  /** From now on gdb can connect there. */
  readonly listens?: ((address: string) => void) | undefined;
}

/** Answers what ends it. @throws {CharacterDeviceError} where the host can't listen there */
export async function sessionGdb(
  target: MonitorTarget,
  live: Pick<Ahead, "control" | "present">,
  { stdin, stdout }: Pick<Stdio, "stdin" | "stdout">,
  { place, listens }: SessionGdbOptions,
): Promise<() => Promise<void>> {
  const killed = (): void => {
    target.quit();
  };
  // Who went back in it comes forward first.
  const left = async (): Promise<void> => {
    if (target.control !== live.control) await target.seek?.(live.present().position).catch(() => undefined);
    live.control.resume();
  };
  // A gdb that began us has the only way to us: without it the machine would run on unseen.
  if (place === "stdio") return serve(target, { input: stdin, output: stdout }, { killed, left: killed });
  const end = await gdbServer(target, place, { killed, left });
  listens?.(nameOfAddress(place));
  return end;
}
