/** Recordings and runs over HTTP. */
export { byName } from "./recordings-by-name.js";
export { startServer, type RunningServer, type ServerOptions } from "./server.js";
