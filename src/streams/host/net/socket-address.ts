/** Where a stream socket of the host is: a path, or a host and a port. */

export type StreamAddress =
  | { readonly type: "unix"; readonly path: string }
  | { readonly type: "inet"; readonly host: string; readonly port: number };

/** As Node takes it. */
export const placeOf = (address: StreamAddress): { path: string } | { host: string; port: number } =>
  address.type === "unix" ? { path: address.path } : { host: address.host, port: address.port };

/** As a user writes it. */
export const nameOfAddress = (address: StreamAddress): string =>
  address.type === "unix" ? address.path : `${address.host}:${String(address.port)}`;
