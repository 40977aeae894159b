/** The error for images that a machine cannot start with. */

export type BootErrorCode =
  | "BOOT_NOTHING_TO_RUN"
  | "BOOT_NEEDS_KERNEL"
  | "BOOT_LONG_COMMAND_LINE"
  | "BOOT_EMPTY_IMAGE"
  | "BOOT_PACKED_KERNEL"
  | "BOOT_OUTSIDE_MEMORY"
  | "BOOT_IMAGES_OVERLAP";

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
