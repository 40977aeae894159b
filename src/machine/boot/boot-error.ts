/** The error for images that a machine cannot start with. */

export type BootErrorCode =
  | "boot-memory-size"
  | "boot-hart-count"
  | "boot-nothing-to-run"
  | "boot-needs-kernel"
  | "boot-empty-image"
  | "boot-packed-kernel"
  | "boot-outside-memory"
  | "boot-images-overlap";

/** The images and the machine do not fit together. The message says why and what to do. */
export class BootError extends Error {
  override readonly name = "BootError";
  constructor(
    readonly code: BootErrorCode,
    message: string,
  ) {
    super(message);
  }
}
