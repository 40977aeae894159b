/** Rules for what the guest may reach outside the router's own subnet. By default it reaches nothing. */
import { check } from "../../options/check.js";
import { exactly, text as aText } from "../../options/codecs.js";
import { isWithin, parseSubnet, type Subnet } from "./addresses.js";

export interface ReachRule {
  /** Absent: both. */
  readonly protocol?: "tcp" | "udp";
  readonly to: Subnet;
  readonly firstPort: number;
  readonly lastPort: number;
}

const RULE = exactly<{ readonly text: string }>({ text: aText });

/** Parses `[tcp:|udp:]ADDRESS[/BITS]:PORT[-PORT]`, where `*` is every port. Returns undefined for any other text. */
export const parseReachRule = (text: string): ReachRule | undefined => {
  check("parseReachRule", RULE, { text });
  const match = /^(?:(tcp|udp):)?([\d./]+):(?:(\d{1,5})(?:-(\d{1,5}))?|\*)$/.exec(text);
  if (match === null) return undefined;
  const [, protocol, subnet = "", first = "1", last] = match;
  const to = parseSubnet(subnet);
  const firstPort = Number(first);
  const lastPort = match[3] === undefined ? 65_535 : Number(last ?? first);
  if (to === undefined || firstPort < 1 || lastPort > 65_535 || firstPort > lastPort) return undefined;
  return { ...(protocol === "tcp" || protocol === "udp" ? { protocol } : {}), to, firstPort, lastPort };
};

export const isAllowed = (
  rules: readonly ReachRule[],
  protocol: "tcp" | "udp",
  address: string,
  port: number,
): boolean =>
  rules.some(
    (rule) =>
      (rule.protocol ?? protocol) === protocol &&
      port >= rule.firstPort &&
      port <= rule.lastPort &&
      isWithin(rule.to, address),
  );
