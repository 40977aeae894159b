/** What the router says to a DNS question (RFC 1035 §4) that it can't pass on. */

/** §4.1.1: SERVFAIL and REFUSED. */
export const RCODE = { serverFailure: 2, refused: 5 } as const;

const HEADER_BYTES = 12;
const RESPONSE = 0x80;
/** Opcode and RD are the question's. */
const KEPT_FLAGS = 0x79;

/** The answer that says so, with the question in it; undefined where it is none. */
export const refusal = (question: Uint8Array, rcode: number): Uint8Array | undefined => {
  const isQuestion = question.length >= HEADER_BYTES && ((question[2] ?? 0) & RESPONSE) === 0;
  const end = isQuestion && question[4] === 0 && question[5] === 1 ? questionEnd(question) : undefined;
  if (end === undefined) return undefined;
  const answer = question.slice(0, end);
  answer[2] = RESPONSE | ((question[2] ?? 0) & KEPT_FLAGS);
  answer[3] = rcode;
  // No other records come along: counts of answers, authorities and additional ones.
  answer.fill(0, 6, HEADER_BYTES);
  return answer;
};

/** §4.1.2: the labels of a name, its type and its class. */
const questionEnd = (bytes: Uint8Array): number | undefined => {
  let at = HEADER_BYTES;
  for (let length = bytes[at]; length !== undefined; length = bytes[at]) {
    at += 1 + length;
    if (length === 0) return at + 4 <= bytes.length ? at + 4 : undefined;
    // §4.1.4: a pointer has nowhere to point to yet.
    if (length > 63) return undefined;
  }
  return undefined;
};
