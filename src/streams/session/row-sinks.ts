/** Where the rows of a run or a recording go: lines at a place, or CloudEvents to a webhook. */
import { randomUUID } from "node:crypto";

import { firstValueFrom } from "rxjs";

import { cloudEventsFrom } from "../forms/cloud-events/cloud-events.js";
import { binaryMessage, structuredMessage } from "../forms/cloud-events/messages.js";
import type { FormRow } from "../forms/form-rows.js";
import { rowLine } from "../forms/ndjson.js";
import { openLineOutput, type LinePlace } from "../host/line-output.js";
import type { OutputError } from "../host/output-error.js";
import { undeliveredError, Webhook, type WebhookOptions } from "../host/webhook.js";
import type { StreamRow } from "../rows/index.js";
import type { Demand } from "../time/pulled.js";

/** Met while it has no room. */
export interface RowSink {
  readonly demand: Demand;
  take(row: StreamRow): void;
  /** Its reader does not take any: who can wait had better stop. */
  readonly isLost?: boolean;
  /** Once what waits is there. Why not all is; undefined: it is, or its reader has gone. */
  end(): Promise<OutputError | undefined>;
}

/** As NDJSON. `over` hears why no more is written, once: undefined: its reader has gone. @throws {OutputError} */
export async function lineSink(place: LinePlace, over: (fault: OutputError | undefined) => void): Promise<RowSink> {
  let fault: OutputError | undefined;
  const output = await openLineOutput(place, (cause) => {
    fault = cause;
    over(cause);
  });
  return {
    demand: output,
    take: (row) => {
      output.write(`${rowLine(row)}\n`);
    },
    end: async () => {
      await output.end();
      return fault;
    },
  };
}

export interface WebhookPlan {
  readonly url: URL;
  readonly mode: "structured" | "binary";
  /** With each request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Who tells. Default: this process, by chance. */
  readonly source?: string | undefined;
}

export function webhookSink({ url, mode, headers, source }: WebhookPlan, options: WebhookOptions = {}): RowSink {
  const webhook = new Webhook(url, { headers, ...options });
  const eventOf = cloudEventsFrom({ source: source ?? `urn:uuid:${randomUUID()}` });
  const messageOf = mode === "binary" ? binaryMessage : structuredMessage;
  return {
    demand: webhook,
    take: (row) => {
      webhook.post(messageOf(eventOf(row as unknown as FormRow)));
    },
    get isLost() {
      return webhook.isLost;
    },
    end: async () => undeliveredError(url, await webhook.end()),
  };
}

/** For who can wait: resolves where it has room. */
export async function roomIn({ demand }: RowSink): Promise<void> {
  if (demand.isMet) await firstValueFrom(demand.changed$, { defaultValue: undefined });
}
