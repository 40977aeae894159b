/** A place or an expression that can't be read: which, why, and what is near. */
export class PlaceError extends Error {
  override readonly name = "PlaceError";

  constructor(
    readonly code:
      | "NO_SUCH_NAME"
      | "AMBIGUOUS_NAME"
      | "NO_SUCH_REGISTER"
      | "NO_SUCH_MEMBER"
      | "INVALID_NUMBER"
      | "INVALID_EXPRESSION"
      | "MISSING_OPERAND"
      /** It has no value in this state: nothing is mapped there, or it was optimized away. */
      | "CANNOT_ACCESS"
      /** It has a value, but lies nowhere. */
      | "NOT_A_PLACE",
    message: string,
  ) {
    super(message.replace(LONG, (word) => `${word.slice(0, SHOWN_LETTERS)}…`));
  }
}

/** Of a word, such as a name: it may have as many letters as somebody sends. */
const SHOWN_LETTERS = 200;
const LONG = new RegExp(String.raw`\S{${String(SHOWN_LETTERS + 1)},}`, "g");
