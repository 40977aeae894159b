/**
 * Questions about a recording over a WebSocket, several at a time. Asked: `{"id":1,"ask":"events","of":"output"}`, with
 * the parameters of that route, one of the sources. Answered: `{"id":1,"at":"SEQ","row":{...}}` for each row, and at
 * last `{"id":1,"end":true}` or `{"id":1,"failed":{...}}`. `{"id":1,"cancel":true}` ends it.
 */
import { jsonRow } from "../../past/query/ndjson.js";
import type { Recording } from "../../past/recording.js";
import { Given } from "../parameters.js";
import { problemOf, Refusal } from "../refusal.js";
import type { Served } from "../route.js";
import { answerWithRows, type RowSource } from "../row-source.js";
import type { Peer } from "./peer.js";

/** At the same time, by one peer. */
export const MAX_ASKED = 8;

type Id = string | number;

export class Questions {
  private readonly asked = new Map<Id, AbortController>();

  constructor(
    private readonly peer: Peer,
    private readonly recording: Recording,
    private readonly served: Served,
    private readonly sources: Readonly<Record<string, RowSource>>,
  ) {
    peer.signal.addEventListener("abort", () => {
      for (const stop of this.asked.values()) stop.abort();
    });
  }

  hear(text: string): void {
    let id: Id | undefined;
    try {
      const message = messageOf(text);
      ({ id } = message);
      if (message.members["cancel"] === true) this.asked.get(id)?.abort();
      else this.begin(id, message.members);
    } catch (fault) {
      this.peer.answer(jsonRow({ id, failed: problemOf(fault) }));
    }
  }

  /** @throws {Refusal} */
  private begin(id: Id, { ask, ...parameters }: Members): void {
    if (this.asked.has(id)) throw refused(`id ${JSON.stringify(id)} is still being answered: take another`);
    if (this.asked.size >= MAX_ASKED)
      throw new Refusal(429, "TOO_MANY", `${String(MAX_ASKED)} are answered at a time: wait for one, or cancel one`);
    const source = typeof ask === "string" && Object.hasOwn(this.sources, ask) ? this.sources[ask] : undefined;
    if (source === undefined) throw refused(`ask is one of ${Object.keys(this.sources).join(", ")}`);
    const given = new Given(new URLSearchParams(Object.entries(parameters).flatMap(pairsOf)), source.parameters);
    const stop = new AbortController();
    this.asked.set(id, stop);
    void this.answer(id, source, given, stop.signal).finally(() => this.asked.delete(id));
  }

  private async answer(id: Id, source: RowSource, given: Given, signal: AbortSignal): Promise<void> {
    const { peer, recording, served } = this;
    try {
      await answerWithRows(source, { recording, given, lastId: given.text("after"), signal }, served, async (rows) => {
        for await (const { id: at, row } of rows)
          if (signal.aborted || !(await peer.send(jsonRow({ id, at, row })))) return;
      });
      await peer.send(jsonRow({ id, end: true }));
    } catch (fault) {
      await peer.send(jsonRow(signal.aborted ? { id, end: true } : { id, failed: problemOf(fault) }));
    }
  }
}

type Members = Readonly<Record<string, unknown>>;

/** @throws {Refusal} */
function messageOf(text: string): { readonly id: Id; readonly members: Members } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused("it is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refused("it is no object");
  const { id, ...members } = value as Members;
  if (typeof id === "number" || (typeof id === "string" && id.length <= ID_CHARACTERS)) return { id, members };
  throw refused(`id is a number, or a text of at most ${String(ID_CHARACTERS)} characters`);
}

const ID_CHARACTERS = 100;

/** As the query of an address has it. @throws {Refusal} */
const pairsOf = ([name, value]: [string, unknown]): [string, string][] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).map((one) => {
    if (typeof one === "string" || typeof one === "number") return [name, String(one)];
    if (typeof one === "boolean") return [name, one ? "1" : "0"];
    throw refused(`${name} is a text, a number, true or false, or a list of them`);
  });

const refused = (what: string): Refusal =>
  new Refusal(400, "INVALID_MESSAGE", `${what}; a message is {"id":1,"ask":"events"} with parameters of that route`);
