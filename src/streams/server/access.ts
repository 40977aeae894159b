/**
 * Who may ask. Any page in a browser can send requests to the loopback: so the Host must be a name of this server (a
 * page that rebinds its own name to 127.0.0.1 is refused), the Origin this server's own or one that is allowed, and
 * whoever comes over a network has a token.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { Refusal } from "./refusal.js";

export interface AccessOptions {
  /** The address that is listened on. */
  readonly host: string;
  /** Undefined: nobody is asked for one. */
  readonly token: string | undefined;
  /** Of pages that may read answers, beside this server's own. */
  readonly origins: readonly string[];
}

/** What an answer's headers say of who may read it. */
export interface Admitted {
  readonly headers: Readonly<Record<string, string>>;
}

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

export class Access {
  constructor(private readonly options: AccessOptions) {}

  /** @throws {Refusal} */
  admit(request: IncomingMessage, url: URL): Admitted {
    this.requireHost(request);
    const { origin } = request.headers;
    this.requireOrigin(request, origin);
    const headers = { ...this.corsHeaders(origin), ...this.requireToken(request, url) };
    return { headers };
  }

  private requireHost({ headers: { host = "" } }: IncomingMessage): void {
    // Elsewhere the names are the network's, and the token is what a page can't have.
    if (!isLoopback(this.options.host)) return;
    const name = host.replace(/:\d+$/, "").toLowerCase();
    if (LOOPBACK_NAMES.has(name) || name === this.options.host) return;
    throw new Refusal(
      403,
      "HOST_REFUSED",
      `Host ${shown(host)} is no name of this server: ask localhost, or listen elsewhere with --host`,
    );
  }

  private requireOrigin({ headers }: IncomingMessage, origin: string | undefined): void {
    const isForeign =
      origin === undefined
        ? // Without CORS a browser names no Origin; a link from elsewhere may still lead here.
          headers["sec-fetch-site"] === "cross-site" && headers["sec-fetch-mode"] !== "navigate"
        : origin !== `http://${headers.host ?? ""}` && !this.options.origins.includes(origin);
    if (!isForeign) return;
    throw new Refusal(
      403,
      "ORIGIN_REFUSED",
      `a page of ${shown(origin ?? "another site")} may not ask: allow it with --allow-origin`,
    );
  }

  private corsHeaders(origin: string | undefined): Readonly<Record<string, string>> {
    if (origin === undefined || !this.options.origins.includes(origin)) return {};
    return {
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Methods": "GET, HEAD",
      "Access-Control-Allow-Headers": "Authorization, Last-Event-ID, Range",
      "Access-Control-Expose-Headers": "Content-Range, ETag",
      "Access-Control-Max-Age": "600",
    };
  }

  /** A token in the address becomes a cookie, so that the page's own requests and its sockets have it. */
  private requireToken(request: IncomingMessage, url: URL): Readonly<Record<string, string>> {
    const { token } = this.options;
    // A preflight has no token: what it allows is asked for with one.
    if (token === undefined || request.method === "OPTIONS") return {};
    const inAddress = url.searchParams.get("token");
    if (inAddress !== null && isSame(inAddress, token))
      return { "Set-Cookie": `${cookieName(request)}=${token}; Path=/; HttpOnly; SameSite=Strict` };
    const given = [bearerOf(request), cookieOf(request)];
    if (inAddress === null && given.some((one) => one !== undefined && isSame(one, token))) return {};
    throw new Refusal(
      401,
      "TOKEN_REFUSED",
      "the token that foldvm serve printed is needed: Authorization: Bearer TOKEN, or ?token=TOKEN",
      { "WWW-Authenticate": 'Bearer realm="foldvm"' },
    );
  }
}

/** In the same time, whatever is wrong with it. */
const isSame = (given: string, token: string): boolean => timingSafeEqual(digestOf(given), digestOf(token));
const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

const bearerOf = ({ headers: { authorization = "" } }: IncomingMessage): string | undefined =>
  /^Bearer +(\S+)$/i.exec(authorization)?.[1];

/** Cookies are shared by all ports of a host: each server has one of its own. */
const cookieName = ({ socket: { localPort = 0 } }: IncomingMessage): string => `foldvm-${String(localPort)}`;

function cookieOf(request: IncomingMessage): string | undefined {
  const name = cookieName(request);
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const [key = "", value] = pair.trim().split("=");
    if (key === name) return value;
  }
  return undefined;
}

const SHOWN_CHARACTERS = 100;
const shown = (text: string): string => JSON.stringify(text.slice(0, SHOWN_CHARACTERS));
