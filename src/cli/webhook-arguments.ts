/** --webhook: rows as CloudEvents, posted to a URL. */
import type { WebhookPlan } from "../streams/session/row-sinks.js";
import type { Arguments } from "./arguments.js";
import { UsageError } from "./problems.js";

export const WEBHOOK_OPTIONS = {
  webhook: {
    value: "URL",
    help: "post each there as a CloudEvent, again where that fails, and say what was not delivered",
  },
  "webhook-mode": { value: "structured|binary", help: "how: all in the body, or attributes as headers (structured)" },
} as const;

/** Undefined: nothing is posted. @throws {UsageError} */
export function webhookOf(args: Arguments<typeof WEBHOOK_OPTIONS>): WebhookPlan | undefined {
  const text = args.get("webhook");
  const mode = args.get("webhook-mode") ?? "structured";
  if (text === undefined) {
    if (args.has("webhook-mode")) throw new UsageError("--webhook-mode: say where to with --webhook URL");
    return undefined;
  }
  if (mode !== "structured" && mode !== "binary")
    throw new UsageError(`--webhook-mode ${mode}: use structured or binary`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw new UsageError(`--webhook ${text}: give a URL, such as http://localhost:8080/events`);
  return { url, mode };
}
