/** TFTP messages (RFC 1350 §5) and the options of a request (RFC 2347). */
import { concatenated } from "../../reducers/concatenated.js";

export type TftpRequest =
  | {
      readonly type: "read";
      readonly name: string;
      readonly mode: string;
      /** By name, in lower case. */
      readonly options: ReadonlyMap<string, string>;
    }
  | { readonly type: "write" }
  | { readonly type: "acknowledged"; readonly block: number }
  | { readonly type: "failed" };

export const TFTP_PORT = 69;

/** §5: the error codes. */
export const TFTP_ERROR = { notFound: 1, accessViolation: 2, illegalOperation: 4 } as const;

const OPCODE = { read: 1, write: 2, data: 3, acknowledge: 4, error: 5, optionsAcknowledge: 6 } as const;

/** Returns undefined if this is not a message that a client sends. */
export const parseTftp = (bytes: Uint8Array): TftpRequest | undefined => {
  if (bytes.length < 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (view.getUint16(0)) {
    case OPCODE.read:
      return parseRead(bytes.subarray(2));
    case OPCODE.write:
      return { type: "write" };
    case OPCODE.acknowledge:
      return bytes.length < 4 ? undefined : { type: "acknowledged", block: view.getUint16(2) };
    case OPCODE.error:
      return { type: "failed" };
    default:
      return undefined;
  }
};

export const tftpData = (block: number, bytes: Uint8Array): Uint8Array =>
  concatenated([Uint8Array.of(0, OPCODE.data, (block >> 8) & 0xff, block & 0xff), bytes]);

export const tftpError = (code: number, text: string): Uint8Array =>
  concatenated([Uint8Array.of(0, OPCODE.error, 0, code), terminated([text])]);

export const tftpOptions = (options: readonly (readonly [string, number])[]): Uint8Array =>
  concatenated([
    Uint8Array.of(0, OPCODE.optionsAcknowledge),
    terminated(options.flatMap(([name, value]) => [name, String(value)])),
  ]);

const terminated = (texts: readonly string[]): Uint8Array =>
  new TextEncoder().encode(texts.map((text) => `${text}\0`).join(""));

/** NUL-terminated texts: the name, the mode, then each option's name and value. */
const parseRead = (bytes: Uint8Array): TftpRequest | undefined => {
  const texts = new TextDecoder().decode(bytes).split("\0");
  const [name, mode, ...rest] = texts.slice(0, -1);
  if (name === undefined || mode === undefined) return undefined;
  const options = new Map<string, string>();
  for (let at = 0; at + 1 < rest.length; at += 2) options.set((rest[at] ?? "").toLowerCase(), rest[at + 1] ?? "");
  return { type: "read", name, mode: mode.toLowerCase(), options };
};
