/** `fork` on a host: another kernel may be a file. */
import { check } from "../../options/check.js";
import { anyObject, exactly, image } from "../../options/codecs.js";
import { loadImages, type ImageSource } from "../host/images.js";
import { fork as forkRecording, type Branch, type BranchKernel, type BranchOptions } from "../past/branch/index.js";
import type { Recording } from "../past/recording.js";
import type { LogHeader } from "../store/log/index.js";

export interface ForkOptions extends Omit<BranchOptions, "kernel"> {
  /** A file, or the bytes: runs instead of the recorded kernel, from reset on. */
  readonly kernel?: ImageSource | undefined;
}

/** Another future of a recording: see `ForkOptions`. Throws, besides, ImageError where the kernel can't be read. */
export const fork = (recording: Recording, options: ForkOptions = {}): Branch => {
  // What is no object of options is refused there.
  if (!anyObject.is(options)) return forkRecording(recording, options);
  const { kernel, ...rest } = options;
  return forkRecording(recording, kernel === undefined ? rest : { ...rest, kernel: kernelFrom(kernel) });
};

function kernelFrom(kernel: ImageSource): BranchKernel {
  check("fork", exactly<{ readonly kernel: ImageSource }>({ kernel: image }), { kernel });
  const { images, digests } = loadImages({ kernel });
  const [digest] = digests;
  if (digest === undefined || images.kernel === undefined) throw new Error("an image was loaded and is not there");
  return { path: digest.path, sha256: digest.sha256, bytes: images.kernel };
}

/** Whether a file is the kernel that a recording was made with. @throws {ImageError} */
export const isRecordedKernel = ({ images }: LogHeader, file: string): boolean =>
  images.some(({ role, sha256 }) => role === "kernel" && sha256 === kernelFrom(file).sha256);
