/** Where downloaded guests are kept between runs. */
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** `$FOLDVM_CACHE`, else `foldvm` in `$XDG_CACHE_HOME` (absolute, says the XDG specification), else in `~/.cache`. */
export const cacheDirectory = (environment: NodeJS.ProcessEnv = process.env): string => {
  const { FOLDVM_CACHE: own, XDG_CACHE_HOME: xdg } = environment;
  if (own !== undefined && own !== "") return resolve(own);
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "foldvm");
  return join(homedir(), ".cache", "foldvm");
};
