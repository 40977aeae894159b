/** ICMP messages (RFC 792): echo replies, and errors for packets that could not be delivered. */
import { internetChecksum } from "./checksum.js";

const ECHO_REPLY = 0;
const DESTINATION_UNREACHABLE = 3;
const ECHO_REQUEST = 8;

/** RFC 1812 §5.2.7.1. */
export const UNREACHABLE = { network: 0, host: 1, port: 3, prohibited: 13 } as const;

/** The reply to an echo request. Undefined for any other message, or a damaged one. */
export const echoReply = (message: Uint8Array): Uint8Array | undefined => {
  if (message.length < 8 || message[0] !== ECHO_REQUEST || internetChecksum(message) !== 0) return undefined;
  const reply = message.slice();
  reply[0] = ECHO_REPLY;
  return withChecksum(reply);
};

/** `beginning` is the header of the undeliverable packet and the 8 bytes after it. */
export const unreachable = (code: number, beginning: Uint8Array): Uint8Array => {
  const message = new Uint8Array(8 + beginning.length);
  message[0] = DESTINATION_UNREACHABLE;
  message[1] = code;
  message.set(beginning, 8);
  return withChecksum(message);
};

const withChecksum = (message: Uint8Array): Uint8Array => {
  message.set([0, 0], 2);
  const checksum = internetChecksum(message);
  message.set([checksum >> 8, checksum & 0xff], 2);
  return message;
};
