/** What answers are made of, as JSON Schemas: the description of the API has them, and tests hold answers to them. */

/** A 64-bit value, which JSON's numbers can't hold. */
export const DECIMAL = { type: "string", pattern: "^-?\\d+$" };

const COUNT = { type: "integer", minimum: 0 };

export const POSITION_MEMBERS = { seq: COUNT, icount: COUNT, ns: DECIMAL };

export const ROW = {
  type: "object",
  description: "What happened, where and when; other members by its kind. 64-bit values are decimal texts, bytes hex.",
  properties: { kind: { type: "string" }, ...POSITION_MEMBERS, hart: COUNT },
  required: ["kind"],
};

export const PROBLEM = {
  type: "object",
  properties: { status: { type: "integer" }, code: { type: "string" }, detail: { type: "string" } },
  required: ["status", "code", "detail"],
};

export const INFO = {
  type: "object",
  properties: {
    name: { type: "string" },
    machine: { type: "object" },
    images: {
      type: "array",
      items: {
        type: "object",
        properties: { role: { type: "string" }, sha256: { type: "string" }, embedded: { type: "boolean" } },
        required: ["sha256", "embedded"],
      },
    },
    digest: { type: "string", pattern: "^[0-9a-f]{16}$" },
    parent: { type: ["object", "null"] },
    formatVersion: COUNT,
    bytes: COUNT,
    segments: COUNT,
    events: COUNT,
    start: { type: "object", properties: { seq: COUNT, icount: COUNT }, required: ["seq", "icount"] },
    snapshots: { type: "array", items: { type: "object" } },
    instructions: COUNT,
    complete: { type: "boolean" },
    cause: { type: ["string", "null"] },
    guestCode: { type: ["integer", "null"] },
    stateHash: { type: ["string", "null"] },
  },
  required: ["name", "machine", "images", "digest", "events", "instructions", "complete", "snapshots"],
};

const REGISTERS = { type: "object", additionalProperties: DECIMAL };

export const STATE = {
  type: "object",
  properties: {
    ...POSITION_MEMBERS,
    hash: { type: "string", pattern: "^[0-9a-f]{16}$" },
    hart: COUNT,
    power: {},
    harts: {
      type: "array",
      items: {
        type: "object",
        properties: {
          hart: COUNT,
          pc: DECIMAL,
          privilege: { enum: ["U", "S", "M"] },
          x: REGISTERS,
          f: REGISTERS,
          csrs: REGISTERS,
          function: { type: "string" },
          line: { type: "string" },
          stack: { type: "array", items: { type: "object" } },
          task: { type: "object" },
        },
        required: ["hart", "pc", "privilege", "x", "f", "csrs"],
      },
    },
    devices: { type: "object" },
  },
  required: ["seq", "icount", "ns", "hash", "hart", "harts", "devices"],
};

export const STATUS = {
  type: "object",
  properties: { recording: { type: "string" }, running: { type: "boolean" }, ...POSITION_MEMBERS },
  required: ["recording", "running", "seq", "icount", "ns"],
};
