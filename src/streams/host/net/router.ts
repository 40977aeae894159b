/** The router as a wire, with Node's sockets and the timers of an rxjs scheduler. */
import { aScheduler } from "../../../options/parts.js";
import { randomBytes } from "node:crypto";

import { Observable, type SchedulerLike } from "rxjs";

import { check } from "../../../options/check.js";
import { call, exactly, flag, list, maybe, oneOf, port, text, whole } from "../../../options/codecs.js";
import type { Wire, FromWire } from "../../live/wire.js";
import { Router } from "../../net/router.js";
import type { Subnet } from "../../net/addresses.js";
import type { ReachRule } from "../../net/reach.js";
import type { HostEndpoint, RouterHost } from "../../net/router-host.js";
import type { PortForward, RouterOptions } from "../../net/router-options.js";
import { bindDatagrams, openDatagrams } from "./datagrams.js";
import { schedulerClock } from "./scheduler-clock.js";
import { checkServedFolder, openServedFile } from "./served-folder.js";
import { connectStream, listenForStreams } from "./streams.js";

/** A forward's port on the host is taken or may not be opened. The message names the port and the remedy. */
export class ForwardError extends Error {
  override readonly name = "ForwardError";
  readonly code = "CANNOT_LISTEN";
}

/**
 * A network like QEMU's user-mode network. Its timers run on `scheduler`. `report` is called with what a user should
 * know, such as a limit that was reached. The stream fails with a ForwardError if a forward's port can't be opened, and
 * with a ServedFolderError if the folder of `tftp` does not exist.
 */
export const router = (
  options: RouterOptions,
  scheduler: SchedulerLike,
  report: (message: string) => void = () => undefined,
): Wire => {
  check("router", ROUTER_OPTIONS, options);
  check("router", BESIDES, { scheduler, report });
  return ({ frames$ }) =>
    new Observable<FromWire>((subscriber) => {
      // Inside the stream, so that an exception becomes the stream's error.
      if (options.tftp !== undefined) checkServedFolder(options.tftp);
      const running = new Router(options, {
        clock: schedulerClock(scheduler),
        host: nodeHost,
        transmit: (frame) => {
          subscriber.next({ type: "frame", frame });
        },
        forwardFailed: ({ protocol }, { message }) => {
          subscriber.error(new ForwardError(`hostfwd=${protocol}:${message}`));
        },
        report,
      });
      subscriber.add(() => {
        running.stop();
      });
      running.start();
      subscriber.add(
        frames$.subscribe((frame) => {
          running.frameArrived(frame);
        }),
      );
    });
};

const BESIDES = exactly<{ readonly scheduler: SchedulerLike; readonly report: unknown }>({
  scheduler: aScheduler,
  report: call,
});
const SUBNET = exactly<Subnet>({ address: text, bits: whole });
const PROTOCOL = oneOf("tcp", "udp");
const ENDPOINT = exactly<HostEndpoint>({ address: text, port });

const ROUTER_OPTIONS = exactly<RouterOptions>({
  net: maybe(SUBNET),
  host: maybe(text),
  dns: maybe(text),
  dhcpStart: maybe(text),
  hostname: maybe(text),
  restrict: maybe(flag),
  allow: maybe(list(exactly<ReachRule>({ protocol: maybe(PROTOCOL), to: SUBNET, firstPort: port, lastPort: port }))),
  resolver: maybe(ENDPOINT),
  forwards: maybe(list(exactly<PortForward>({ protocol: PROTOCOL, from: ENDPOINT, to: ENDPOINT }))),
  tftp: maybe(text),
  bootFile: maybe(text),
});

const nodeHost: RouterHost = {
  connect: connectStream,
  listen: listenForStreams,
  openDatagrams,
  bindDatagrams,
  openFile: openServedFile,
  randomNumber: () => randomBytes(4).readUInt32LE(),
};
