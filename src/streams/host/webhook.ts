/**
 * Posts messages to a URL, one after the other, and again where that may help: HTTP 1.1 Web Hooks for Event Delivery,
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md. What waits is bounded, and so is the time.
 */
import { Subject, type Observable } from "rxjs";

import type { Demand } from "../time/pulled.js";
import { OutputError } from "./output-error.js";

export interface WebhookMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WebhookOptions {
  /** With each message, as of who posts it. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A request and all its repetitions (30 s). */
  readonly deadlineMs?: number;
  /** Before the first repetition (100 ms); each next waits twice as long, at most 5 s. */
  readonly backoffMs?: number;
  /** At the end, for what still waits (30 s). */
  readonly endMs?: number;
}

/** What became of the messages. */
export interface WebhookReport {
  readonly delivered: number;
  readonly undelivered: number;
  /** Why the first of them was not. */
  readonly reason: string | undefined;
}

/** Messages that wait, and the letters of their bodies; beyond, the source waits or loses them. */
export const MAX_WAITING_MESSAGES = 4096;
export const MAX_WAITING_LETTERS = 1 << 24;
const MAX_BACKOFF_MS = 5000;
const ATTEMPT_MS = 10_000;
/** Where there is no more time. */
const LAST_ATTEMPT_MS = 1000;

/** Met while as many wait as may. */
export class Webhook implements Demand {
  private readonly changes$ = new Subject<void>();
  private readonly waiting: WebhookMessage[] = [];
  private letters = 0;
  private working: Promise<void> | undefined;
  private readonly ending = new AbortController();
  private delivered = 0;
  private undelivered = 0;
  private reason: string | undefined;
  /** The receiver wants none any more. */
  private isGone = false;
  /** The last message was given up. Until one is answered, each next one is tried once: all of them would take long. */
  private isSilent = false;
  private readonly address: URL;
  private readonly own: Readonly<Record<string, string>>;

  /** A user and a password in the URL are sent as HTTP's Basic authentication (RFC 7617). */
  constructor(
    url: URL,
    private readonly options: WebhookOptions = {},
  ) {
    this.address = new URL(url);
    this.address.username = "";
    this.address.password = "";
    this.own = { ...basicOf(url), ...options.headers };
  }

  /** Whether who can wait had better stop: what comes now is not taken. */
  get isLost(): boolean {
    return this.isGone || this.isSilent;
  }

  get isMet(): boolean {
    return !this.isGone && (this.waiting.length >= MAX_WAITING_MESSAGES || this.letters >= MAX_WAITING_LETTERS);
  }

  get changed$(): Observable<void> {
    return this.changes$;
  }

  post(message: WebhookMessage): void {
    if (this.isGone) {
      this.undelivered += 1;
      return;
    }
    this.waiting.push(message);
    this.letters += message.body.length;
    this.working ??= this.work();
  }

  /** Waits for what waits, within its time. What is left then is not delivered. */
  async end(): Promise<WebhookReport> {
    const { endMs = 30_000 } = this.options;
    const limit = setTimeout(() => {
      this.ending.abort();
    }, endMs);
    await this.working;
    clearTimeout(limit);
    const { delivered, undelivered, reason } = this;
    return { delivered, undelivered, reason };
  }

  private async work(): Promise<void> {
    // What is posted in this turn of the host's is there by the next.
    await Promise.resolve();
    for (let [next] = this.waiting; next !== undefined; [next] = this.waiting) {
      const refused = await this.deliver(next);
      if (refused === undefined) this.delivered += 1;
      else {
        this.undelivered += 1;
        this.reason ??= refused;
      }
      const wasMet = this.isMet;
      this.waiting.shift();
      this.letters -= next.body.length;
      if (this.ending.signal.aborted || this.isGone) this.undelivered += this.waiting.splice(0).length;
      if (wasMet && !this.isMet) this.changes$.next();
    }
    this.working = undefined;
  }

  /** Why it could not be; undefined: it was. */
  private async deliver(message: WebhookMessage): Promise<string | undefined> {
    const { deadlineMs = 30_000, backoffMs = 100 } = this.options;
    const endMs = performance.now() + (this.isSilent ? 0 : deadlineMs);
    for (let waitMs = backoffMs; ; waitMs = Math.min(2 * waitMs, MAX_BACKOFF_MS)) {
      const leftMs = endMs - performance.now();
      const answer = await this.attempt(
        message,
        Math.ceil(leftMs > 0 ? Math.min(leftMs, ATTEMPT_MS) : LAST_ATTEMPT_MS),
      );
      if (answer.isDelivered) {
        this.isSilent = false;
        return undefined;
      }
      const pauseMs = Math.max(waitMs, answer.retryAfterMs);
      const isOver = this.ending.signal.aborted || performance.now() + pauseMs >= endMs;
      if (!answer.mayRepeat || isOver) {
        this.isSilent = answer.mayRepeat;
        return answer.reason;
      }
      await pause(pauseMs, this.ending.signal);
    }
  }

  private async attempt({ headers, body }: WebhookMessage, timeoutMs: number): Promise<Answer> {
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.ending.signal]);
    try {
      const all = { ...headers, ...this.own };
      const response = await fetch(this.address, { method: "POST", headers: all, body, signal, redirect: "manual" });
      await response.body?.cancel();
      const { status } = response;
      // §2.2: it is gone for good.
      if (status === 410) this.isGone = true;
      const retryAfterMs = 1000 * Number(response.headers.get("retry-after") ?? 0);
      return {
        isDelivered: response.ok,
        mayRepeat: REPEATABLE.has(status) || status >= 500,
        retryAfterMs: retryAfterMs > 0 ? retryAfterMs : 0,
        reason: `it answered ${String(status)}${REDIRECTIONS.has(status) ? LEADS_ELSEWHERE : ""}`,
      };
    } catch (fault) {
      return { isDelivered: false, mayRepeat: true, retryAfterMs: 0, reason: reasonOf(fault) };
    }
  }
}

interface Answer {
  readonly isDelivered: boolean;
  readonly mayRepeat: boolean;
  readonly retryAfterMs: number;
  readonly reason: string;
}

/** Timeout, too early, too many requests. */
const REPEATABLE = new Set([408, 425, 429]);

/** What is told to one place is not sent to another. */
const REDIRECTIONS = new Set([301, 302, 303, 307, 308]);
const LEADS_ELSEWHERE = ", which leads elsewhere: give the URL that it leads to";

function basicOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const pair = `${unescaped(username)}:${unescaped(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Without what only who posts there may know: user, password, and a token in the query. */
export const shownUrl = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener("abort", over);
  });

/** What is behind "fetch failed". */
function reasonOf(fault: unknown): string {
  const cause = fault instanceof Error && fault.cause instanceof Error ? fault.cause : fault;
  if (!(cause instanceof Error)) return String(cause);
  return cause.name === "TimeoutError" || cause.name === "AbortError" ? "it did not answer in time" : cause.message;
}

/** In words, and as an error where something is missing. */
export function undeliveredError(url: URL, { delivered, undelivered, reason }: WebhookReport): OutputError | undefined {
  if (undelivered === 0) return undefined;
  const all = String(delivered + undelivered);
  return new OutputError(
    `${shownUrl(url)}: ${String(undelivered)} of ${all} events were not delivered (the first: ${reason ?? "it is gone"}); ` +
      "a recording has them: foldvm events FILE --webhook URL delivers them again",
  );
}
