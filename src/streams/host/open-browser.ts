/** Opens an address in the user's browser, where there is one. */
import { spawn } from "node:child_process";

/** What does it, by platform; elsewhere it is a desktop's, and needs a display. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/**
 * False: there is no display, so nothing was tried. That no browser comes is no fault: whoever calls this says where
 * the page is.
 */
export function openBrowser(
  url: string,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  const { DISPLAY: x11 = "", WAYLAND_DISPLAY: wayland = "" } = environment;
  const opener = OPENERS[platform] ?? (x11 === "" && wayland === "" ? undefined : ["xdg-open"]);
  const [program, ...words] = opener ?? [];
  if (program === undefined) return false;
  const child = spawn(program, [...words, url], { detached: true, stdio: "ignore", env: environment });
  child.on("error", () => undefined);
  // This process may end before it does.
  child.unref();
  return true;
}
