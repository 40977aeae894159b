/** Preloaded into a process: from now on every socket, and every timer of a router, throws. */
import dgram from "node:dgram";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

import { Alarm } from "../../src/streams/net/alarm.js";

const refuse = (what: string) => (): never => {
  process.stderr.write(`offline: ${what}\n`);
  process.exit(99);
};

net.Socket.prototype.connect = refuse("a socket was connected");
net.Server.prototype.listen = refuse("a port was listened on");
dgram.createSocket = refuse("a datagram socket was made");
Alarm.prototype.set = refuse("a timer of a router was set");
syncBuiltinESMExports();
