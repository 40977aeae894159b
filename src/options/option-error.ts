/** An option has a name or a value that means nothing here. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  readonly code = "INVALID_OPTION";
  /** Where it is, such as `nics.0.mac`; absent where only the message says it. */
  readonly option: string | undefined;
  /** What was given. */
  readonly value: unknown;
  /** What was probably meant. */
  readonly nearest: string | undefined;

  constructor(
    message: string,
    { option, value, nearest }: { readonly option?: string; readonly value?: unknown; readonly nearest?: string } = {},
  ) {
    super(message);
    this.option = option;
    this.value = value;
    this.nearest = nearest;
  }
}
