/** Memory at a moment of a recording. */
import { readPhysical, readVirtual, seenBy } from "../../../machine/inspect.js";
import { hexOfBytes } from "../../../reducers/hex.js";
import { readMemory } from "../../past/names/memory.js";
import { locateInMemory } from "../../past/names/place.js";
import { paced } from "../../past/paced.js";
import { readied } from "../../past/query/progress.js";
import { sendBytes, sendText } from "../answer.js";
import { wrong } from "../parameters.js";
import { placeParameter, recordingOf, replaying, stateGiven } from "../places.js";
import { Refusal } from "../refusal.js";
import type { Route } from "../route.js";

/** At once. */
export const MAX_MEMORY_BYTES = 1 << 20;

const SPACES = ["physical", "virtual"] as const;
const FORMATS = ["binary", "hex"] as const;
const BINARY = "application/octet-stream";

export const memory: Route = {
  path: "/recordings/{name}/memory",
  summary: "Bytes of memory at a moment.",
  parameters: {
    at: placeParameter("the moment (end)"),
    address: {
      description:
        "the first byte's: decimal, hexadecimal with 0x, or a place by its name, as link.count, which is looked for " +
        "where the hart sees it",
      schema: { type: "string" },
      isNeeded: true,
    },
    bytes: {
      description: "how many (64; of a place by its name, as many as it has)",
      schema: { type: "integer", minimum: 1, maximum: MAX_MEMORY_BYTES },
    },
    space: {
      description: "whose addresses: the bus's, or a hart's by its page table (physical)",
      schema: { enum: SPACES },
    },
    hart: {
      description: "whose virtual addresses (those of the hart that executes)",
      schema: { type: "integer", minimum: 0 },
    },
    format: { description: "as they are, or as hexadecimal digits", schema: { enum: FORMATS, default: "binary" } },
  },
  answers: { [BINARY]: { type: "string", format: "binary" }, "text/plain": { type: "string" } },
  statuses: { 404: "not all of it is memory or a register there" },
  serve: async (call) => {
    const { given } = call;
    const recording = recordingOf(call);
    const place = given.text("address") ?? "";
    const address = addressOf(place);
    const length = given.whole("bytes", 64, { least: 1, most: MAX_MEMORY_BYTES });
    const space = given.word("space", SPACES, "physical");
    const format = given.word("format", FORMATS, "binary");
    const hart =
      given.text("hart") === undefined ? undefined : given.whole("hart", 0, { most: recording.config.harts - 1 });
    const bytes = await replaying(call, async (watch) => {
      const seen = seenBy(await stateGiven(call, recording, watch), hart);
      if (address !== undefined) return (space === "virtual" ? readVirtual : readPhysical)(seen, address, length);
      await paced(watch.steps(readied(recording, {})));
      const named = locateInMemory(place, { names: recording.names, at: seen });
      return readMemory(seen, named.address, given.text("bytes") === undefined ? named.bytes : length);
    });
    if (bytes === undefined) throw new Refusal(404, "NOT_MAPPED", `at ${placeText(place, space)} not all is memory`);
    if (format === "binary") sendBytes(call, bytes, BINARY);
    else sendText(call, `${hexOfBytes(bytes)}\n`, "text/plain");
  },
};

const placeText = (place: string, space: string): string =>
  addressOf(place) === undefined ? place : `the ${space} address ${place}`;

/** Undefined: it is a name. @throws {Refusal} */
function addressOf(text: string): bigint | undefined {
  if (!/^[-+]?\d/.test(text)) return undefined;
  const address = /^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text) ? BigInt(text) : undefined;
  if (address !== undefined && address < 1n << 64n) return address;
  throw wrong("address", `${JSON.stringify(text)} is no address of 64 bits: 2147483648, or 0x80000000`);
}
