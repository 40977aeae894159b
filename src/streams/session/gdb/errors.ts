/** A packet that can't be answered as it asks. gdb shows the text where it knows of such replies, else the number. */
export class GdbError extends Error {
  override readonly name = "GdbError";

  constructor(
    /** As errno has it. */
    readonly number: number,
    message: string,
  ) {
    super(message);
  }
}

export const EINVAL = 22;
export const EFAULT = 14;
export const EPERM = 1;
