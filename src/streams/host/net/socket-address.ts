/** The address of a stream socket on the host: a path, or a host and a port. */

export type StreamAddress =
  | { readonly type: "unix"; readonly path: string }
  | { readonly type: "inet"; readonly host: string; readonly port: number };

/** In Node's form. */
export const placeOf = (address: StreamAddress): { path: string } | { host: string; port: number } =>
  address.type === "unix" ? { path: address.path } : { host: address.host, port: address.port };

/** In the user's form. */
export const nameOfAddress = (address: StreamAddress): string =>
  address.type === "unix" ? address.path : `${address.host}:${String(address.port)}`;
