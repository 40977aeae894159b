/** The router's answers to DNS questions (RFC 1035 §4) that it can't pass on. */

/** §4.1.1: SERVFAIL and REFUSED. */
export const RCODE = { serverFailure: 2, refused: 5 } as const;

const HEADER_BYTES = 12;
const RESPONSE = 0x80;
/** Opcode and RD are the question's. */
const KEPT_FLAGS = 0x79;

/** An answer with this code that repeats the question. Undefined if `question` is not a question. */
export const refusal = (question: Uint8Array, rcode: number): Uint8Array | undefined => {
  const isQuestion = question.length >= HEADER_BYTES && ((question[2] ?? 0) & RESPONSE) === 0;
  const end = isQuestion && question[4] === 0 && question[5] === 1 ? questionEnd(question) : undefined;
  if (end === undefined) return undefined;
  const answer = question.slice(0, end);
  answer[2] = RESPONSE | ((question[2] ?? 0) & KEPT_FLAGS);
  answer[3] = rcode;
  // Clear the counts of answer, authority and additional records: the answer has none.
  answer.fill(0, 6, HEADER_BYTES);
  return answer;
};

/** §4.1.2: a question is the labels of a name, a type and a class. */
const questionEnd = (bytes: Uint8Array): number | undefined => {
  let at = HEADER_BYTES;
  for (let length = bytes[at]; length !== undefined; length = bytes[at]) {
    at += 1 + length;
    if (length === 0) return at + 4 <= bytes.length ? at + 4 : undefined;
    // §4.1.4: a length above 63 is a pointer, and the first name has nothing to point to.
    if (length > 63) return undefined;
  }
  return undefined;
};
