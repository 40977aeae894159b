/** What each packet of gdb's is answered (its manual, "Packets" and "General Query Packets"): one table. */
import { WAITING } from "../../../machine/hart/fields.js";
import { hex, hexOfBytes } from "../../../reducers/hex.js";
import { bytesOfInteger } from "../../../machine/little-endian.js";
import { EINVAL, GdbError } from "./errors.js";
import { checksumText } from "./checksum.js";
import { memoryText } from "./memory.js";
import { MAX_PACKET_BYTES } from "./packets.js";
import { GDB_REGISTERS, GENERAL_REGISTERS, type GdbRegister } from "./registers.js";
import { back, resumed, stepped, steppedHartOf, VCONT_ACTIONS } from "./resumed.js";
import type { GdbSession } from "./session.js";
import { stopReply, threadOf } from "./stop-reply.js";
import { MEMORY_MAP_XML, TARGET_XML } from "./target-description.js";
import { hexBytes, rawBytes, writeMemory, writeProgramCounter, writeRegister, writeRegisters } from "./writing.js";

type Reply = string | undefined | Promise<string | undefined>;

/** `rest`: what is behind the packet's name. */
type Answer = (session: GdbSession, rest: string) => Reply;

/** Empty: that such a packet is not known, as gdb wants to be told. */
const UNKNOWN = "";
const OK = "OK";

/** Undefined: nothing is sent. @throws {GdbError} */
export function replyTo(session: GdbSession, body: string): Reply {
  const [name = "", answer] = PACKETS.find(([known]) => isOf(known, body)) ?? [];
  return answer === undefined ? UNKNOWN : answer(session, body.slice(name.length));
}

/** Some names have what follows right behind them; behind another, a separator begins what is to be said to it. */
const isOf = (name: string, body: string): boolean =>
  body.startsWith(name) && (/[,:;]$/.test(name) || OPEN.has(name) || /^(?:$|[,:;])/.test(body.slice(name.length)));

const OPEN: ReadonlySet<string> = new Set(["Hg", "Hc", "T", "p", "m", "G", "P", "M", "X", "c", "s", "Z", "z"]);

const FEATURES = [
  `PacketSize=${hex(MAX_PACKET_BYTES)}`,
  "QStartNoAckMode+",
  "qXfer:features:read+",
  "qXfer:memory-map:read+",
  "qXfer:threads:read+",
  "vContSupported+",
  "swbreak+",
  "hwbreak+",
  "ConditionalBreakpoints+",
];

const PACKETS: readonly (readonly [string, Answer])[] = [
  ["qSupported", ({ target }) => [...FEATURES, ...(target.past === undefined ? [] : BACKWARDS)].join(";")],
  [
    "QStartNoAckMode",
    (session) => {
      session.isAcknowledged = false;
      return OK;
    },
  ],
  ["qXfer:features:read:target.xml:", (_, rest) => part(TARGET_XML, rest)],
  ["qXfer:memory-map:read::", (_, rest) => part(MEMORY_MAP_XML, rest)],
  ["qXfer:threads:read::", (session, rest) => part(threadsXml(session), rest)],
  [
    "qfThreadInfo",
    ({ target }) =>
      `m${target
        .present()
        .harts.map((_, hart) => threadOf(hart))
        .join(",")}`,
  ],
  ["qsThreadInfo", () => "l"],
  ["qC", ({ hart }) => `QC${threadOf(hart)}`],
  ["qCRC:", ({ at, isPhysical }, rest) => checksumText(at, rest, isPhysical)],
  ["qAttached", () => "1"],
  ["qRcmd,", (session, rest) => commanded(session, rest)],
  ["qqemu.PhyMemMode", ({ isPhysical }) => (isPhysical ? "1" : "0")],
  [
    "Qqemu.PhyMemMode:",
    (session, rest) => {
      if (rest !== "0" && rest !== "1") throw new GdbError(EINVAL, `${rest} is neither 0 nor 1`);
      session.isPhysical = rest === "1";
      return OK;
    },
  ],
  ["?", ({ stop }) => stopReply(stop)],
  [
    "Hg",
    (session, rest) => {
      session.hart = session.hartNamed(rest);
      return OK;
    },
  ],
  [
    "Hc",
    (session, rest) => {
      session.steppedHart = rest === "-1" || rest === "0" ? undefined : session.hartNamed(rest);
      return OK;
    },
  ],
  ["T", (session, rest) => (session.hartNamed(rest) >= 0 ? OK : UNKNOWN)],
  [
    "g",
    ({ at }) =>
      GDB_REGISTERS.slice(0, GENERAL_REGISTERS)
        .map((register) => registerText(register, at))
        .join(""),
  ],
  ["p", ({ at }, rest) => registerText(registerOf(rest), at)],
  ["m", ({ at, isPhysical }, rest) => memoryText(at, rest, isPhysical)],
  ["G", written(writeRegisters)],
  ["P", written(writeRegister)],
  [
    "M",
    written((session, rest) => {
      writeMemory(session, rest, hexBytes);
    }),
  ],
  [
    "X",
    written((session, rest) => {
      writeMemory(session, rest, rawBytes);
    }),
  ],
  ["vCont?", () => `vCont;${VCONT_ACTIONS.join(";")}`],
  ["vCont;", (session, rest) => session.going(() => resumed(session, rest))],
  ["bs", (session) => session.going(() => back(session, "step"))],
  ["bc", (session) => session.going(() => back(session, "continue"))],
  ["c", movedTo((session) => session.going(() => resumed(session, "c")))],
  ["s", movedTo((session) => session.going(() => stepped(session, steppedHartOf(session))))],
  [
    "Z",
    (session, rest) => {
      session.points.add(rest);
      return OK;
    },
  ],
  [
    "z",
    (session, rest) => {
      session.points.remove(rest);
      return OK;
    },
  ],
  [
    "D",
    (session) => {
      session.leave("detached");
      return OK;
    },
  ],
  ["vKill", killed(OK)],
  ["k", killed(undefined)],
];

const BACKWARDS = ["ReverseStep+", "ReverseContinue+"];

function written(write: (session: GdbSession, rest: string) => void): Answer {
  return (session, rest) => {
    write(session, rest);
    return OK;
  };
}

/** Where an address is given, the hart goes on from there. */
function movedTo(go: (session: GdbSession) => Reply): Answer {
  return (session, address) => {
    if (address !== "") writeProgramCounter(session, steppedHartOf(session), address);
    return go(session);
  };
}

function killed(reply: string | undefined): Answer {
  return (session) => {
    session.leave("killed");
    return reply;
  };
}

/** `OFFSET,LENGTH` of a text: l where it is the last part, m where more comes. */
function part(text: string, range: string): string {
  const [, offset = "", length = ""] = /^([0-9a-f]{1,8}),([0-9a-f]{1,8})$/i.exec(range) ?? [];
  if (offset === "") throw new GdbError(EINVAL, `${range} is no OFFSET,LENGTH`);
  const from = Number.parseInt(offset, 16);
  const to = from + Math.min(Number.parseInt(length, 16), MAX_PACKET_BYTES - 1);
  return `${to < text.length ? "m" : "l"}${text.slice(from, to)}`;
}

function registerOf(digits: string) {
  const register = /^[0-9a-f]{1,4}$/i.test(digits) ? GDB_REGISTERS[Number.parseInt(digits, 16)] : undefined;
  if (register === undefined) throw new GdbError(EINVAL, `there is no register ${digits}`);
  return register;
}

const registerText = (register: GdbRegister, at: GdbSession["at"]): string =>
  hexOfBytes(bytesOfInteger(BigInt.asUintN(register.bits, register.read(at)), register.bits / 8));

const threadsXml = ({ target }: GdbSession): string => {
  const { harts } = target.present();
  const threads = harts.map(({ fields }, hart) => {
    const state = fields.waiting === WAITING.no ? "running" : "halted";
    return `<thread id="${threadOf(hart)}" core="${String(hart)}" name="hart ${String(hart)}">${state}</thread>`;
  });
  return `<?xml version="1.0"?><threads>${threads.join("")}</threads>`;
};

/** What is typed at gdb's `monitor`. */
async function commanded(session: GdbSession, digits: string): Promise<string> {
  const before = session.target.present().position;
  const said = await session.monitor.execute(Buffer.from(digits, "hex").toString()).catch((fault: unknown) => {
    return `error: ${fault instanceof Error ? fault.message : String(fault)}`;
  });
  const { seq, icount } = session.target.present().position;
  const hasMoved = seq !== before.seq || icount !== before.icount;
  const lines = [...(said === "" ? [] : [said]), ...(hasMoved && !session.isToldToFlush ? [FLUSH] : [])];
  if (hasMoved) session.isToldToFlush = true;
  if (lines.length > 0) session.say(`${lines.join("\n")}\n`);
  session.speak();
  return OK;
}

/** gdb keeps what it has read, and no packet tells it that a command has moved the machine. */
const FLUSH = "(gdb shows what it read before, until: maintenance flush register-cache, maintenance flush dcache)";
