/**
 * CloudEvents as HTTP messages: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md.
 */
import { check } from "../../../options/check.js";
import { exactly, having, list } from "../../../options/codecs.js";
import type { CloudEvent } from "./cloud-events.js";

/** What is posted. */
export interface CloudEventMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** §3.2: the whole event is the body. */
export function structuredMessage(event: CloudEvent): CloudEventMessage {
  check("structuredMessage", ONE, { event });
  return { headers: { "content-type": "application/cloudevents+json; charset=utf-8" }, body: JSON.stringify(event) };
}

/** §3.3: several are. */
export function batchMessage(events: readonly CloudEvent[]): CloudEventMessage {
  check("batchMessage", SEVERAL, { events });
  const headers = { "content-type": "application/cloudevents-batch+json; charset=utf-8" };
  return { headers, body: JSON.stringify(events) };
}

/** §3.1: the data is the body, and a header has each attribute. */
export function binaryMessage(event: CloudEvent): CloudEventMessage {
  check("binaryMessage", ONE, { event });
  const { data, datacontenttype, ...attributes } = event;
  const headers = Object.entries(attributes).map(([name, text]) => [`ce-${name}`, headerValue(text)]);
  return {
    headers: { "content-type": datacontenttype, ...(Object.fromEntries(headers) as Record<string, string>) },
    body: JSON.stringify(data),
  };
}

/** §3.1.3.2: what is not printable ASCII, and space, quotation mark and percent, as percent-encoded UTF-8. */
const headerValue = (text: string): string =>
  text.replace(/[^\x21-\x7e]|["%]/gu, (letter) =>
    [...new TextEncoder().encode(letter)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );

const EVENT = having("a CloudEvent, as toCloudEvents makes", "specversion", "id", "source", "type", "data");
const ONE = exactly<{ readonly event: CloudEvent }>({ event: EVENT });
const SEVERAL = exactly<{ readonly events: readonly CloudEvent[] }>({ events: list(EVENT) });
