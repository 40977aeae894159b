/** Puts a finished file into its place, where nothing is, or a regular file. */
import { existsSync, renameSync, statSync } from "node:fs";

/** A rename alone would replace a device or a pipe, too. Throws as `requireReplaceable`, or what the host says. */
export function replaceFile(from: string, to: string): void {
  requireReplaceable(to);
  renameSync(from, to);
}

/** Throws an Error that says what is there. */
export function requireReplaceable(path: string): void {
  if (!existsSync(path) || statSync(path).isFile()) return;
  throw new Error("what is there is no regular file, but a folder, a device, a pipe or a socket");
}
