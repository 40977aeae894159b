/** --webhook: rows as CloudEvents, posted to a URL. */
import type { WebhookPlan } from "../streams/session/row-sinks.js";
import type { Arguments } from "./arguments.js";
import { readEach, UsageError } from "./problems.js";

export const WEBHOOK_OPTIONS = {
  webhook: {
    value: "URL",
    help: "post each there as a CloudEvent, again where that fails, and say what was not delivered",
  },
  "webhook-header": {
    value: "NAME: TEXT",
    isRepeatable: true,
    help: "with each request, as Authorization: Bearer TOKEN; a user and a password may stand in the URL",
  },
  "webhook-mode": { value: "structured|binary", help: "how: all in the body, or attributes as headers (structured)" },
} as const;

/** Undefined: nothing is posted. @throws {UsageError} */
export function webhookOf(args: Arguments<typeof WEBHOOK_OPTIONS>): WebhookPlan | undefined {
  const text = args.get("webhook");
  const mode = args.get("webhook-mode") ?? "structured";
  if (text === undefined) {
    for (const name of ["webhook-mode", "webhook-header"] as const)
      if (args.has(name)) throw new UsageError(`--${name}: say where to with --webhook URL`);
    return undefined;
  }
  if (mode !== "structured" && mode !== "binary")
    throw new UsageError(`--webhook-mode ${mode}: use structured or binary`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw new UsageError(`--webhook ${withoutUser(text)}: give a URL, such as http://localhost:8080/events`);
  const headers = Object.fromEntries(readEach(args.all("webhook-header"), headerOf));
  return { url, mode, headers };
}

/** What only who posts there may know is not printed. */
const withoutUser = (text: string): string => text.replace(/\/\/[^/]*@/, "//");

/** Those that say what the request is. */
const OUR_HEADERS = /^(ce-.*|content-(type|length|encoding)|transfer-encoding|host|connection)$/i;

/** The value may be a secret, so that no message has it. @throws {UsageError} */
function headerOf(text: string): readonly [string, string] {
  const [, name = "", value = ""] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text) ?? [];
  if (name === "")
    throw new UsageError("--webhook-header: give a name, a colon and a text, as 'Authorization: Bearer TOKEN'");
  if (OUR_HEADERS.test(name)) throw new UsageError(`--webhook-header ${name}: foldvm says that itself`);
  return [name.toLowerCase(), value];
}
