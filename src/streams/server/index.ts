/** Recordings and runs over HTTP. */
export { LiveMachine } from "./live/live-machine.js";
export { byName } from "./recordings-by-name.js";
export { startServer, type RunningServer, type ServerOptions } from "./server.js";
