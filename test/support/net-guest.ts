// Two bare-metal guests for the two ends of a wire: one sends a numbered frame until it is answered, the other answers;
// both print who wrote.
import { describe, notify, start, WRITE, type Rings } from "../machine/virtio/virtio-driver.js";
import { AREA } from "../machine/virtio/virtio-guest.js";
import { Program, X } from "./assemble.js";
import { POWER_OFF, stores, tellFinisher } from "./driver-program.js";
import { store } from "./register-access.js";

/** The card has to be in this slot of the machine. */
export const CARD_SLOT = 1;
export const ROUNDS = 20;

const [RECEIVE, TRANSMIT] = [0, 1];
const NUM = 4;
const TIME = 0xc01;
const UART = 0x1000_0000n;
const TICKS_A_MS = 10_000n;
const HEADER_BYTES = 12;
/** Behind the two addresses and the type: who writes, and in which round. */
const [LETTER, ROUND] = [14, 15];
/** Local experimental, IEEE 802. */
const ETHER_TYPE = [0x88, 0xb5];
const MINIMAL_FRAME_BYTES = 60;

const ringsOf = (queue: number): Rings => ({
  descriptors: AREA.descriptors + queue * 0x200,
  driver: AREA.driver + queue * 0x200,
  device: AREA.device + queue * 0x200,
});
const received = AREA.buffers;
const sent = AREA.buffers + 0x800;

export const netGuest = (letter: string, part: "asks" | "answers"): Uint8Array => {
  const program = new Program();
  const code = letter.charCodeAt(0);
  const frame = new Uint8Array(HEADER_BYTES + MINIMAL_FRAME_BYTES);
  frame.set([...new Array<number>(6).fill(0xff), 2, 0, 0, 0, 0, code, ...ETHER_TYPE, code], HEADER_BYTES);
  stores(program, [
    ...start([RECEIVE, TRANSMIT], NUM, 0, ringsOf),
    ...Array.from(frame, (byte, index) => store(sent + index, 1, byte)).filter(({ value }) => value !== 0n),
    ...describe(ringsOf(RECEIVE).descriptors, 0, { address: received, length: 0x700, flags: WRITE }),
    ...describe(ringsOf(TRANSMIT).descriptors, 0, { address: sent, length: frame.length }),
    store(ringsOf(RECEIVE).driver + 2, 2, 1),
    notify(RECEIVE),
  ]);
  // s1: the round; a0, a1: frames received and sent; a2: the last round; a3: when to ask again.
  program
    .li(X.s1, part === "asks" ? 1n : 0n)
    .li(X.a0, 0n)
    .li(X.a1, 0n)
    .li(X.a2, BigInt(ROUNDS));
  if (part === "answers") program.i("jal", { imm: "look" });

  program
    .label("send")
    .li(X.t0, BigInt(sent + HEADER_BYTES))
    .i("sb", { rs1: X.t0, rs2: X.s1, imm: ROUND })
    .i("addi", { rd: X.a1, rs1: X.a1, imm: 1 })
    .li(X.t0, BigInt(ringsOf(TRANSMIT).driver))
    .i("sh", { rs1: X.t0, rs2: X.a1, imm: 2 });
  stores(program, [notify(TRANSMIT)]);
  program
    .li(X.t0, BigInt(ringsOf(TRANSMIT).device))
    .label("sending")
    .i("lhu", { rd: X.t1, rs1: X.t0, imm: 2 })
    .i("bne", { rs1: X.t1, rs2: X.a1, imm: "sending" });
  wakeIn(program, 10n);
  // The one that answers is done when it has answered the last round; the wire has to carry that first.
  if (part === "answers") program.i("bne", { rs1: X.s1, rs2: X.a2, imm: "look" }).i("jal", { imm: "linger" });

  program
    .label("look")
    .li(X.t0, BigInt(ringsOf(RECEIVE).device))
    .i("lhu", { rd: X.t1, rs1: X.t0, imm: 2 })
    .i("bne", { rs1: X.t1, rs2: X.a0, imm: "got" });
  if (part === "asks") program.i("csrrs", { rd: X.t0, imm: TIME }).i("bgeu", { rs1: X.t0, rs2: X.a3, imm: "send" });
  program
    .i("jal", { imm: "look" })
    .label("got")
    .i("addi", { rd: X.a0, rs1: X.a0, imm: 1 })
    .li(X.t0, BigInt(received + HEADER_BYTES))
    .i("lbu", { rd: X.t2, rs1: X.t0, imm: LETTER })
    .i("lbu", { rd: X.s0, rs1: X.t0, imm: ROUND })
    .li(X.t0, BigInt(ringsOf(RECEIVE).driver))
    .i("addi", { rd: X.t1, rs1: X.a0, imm: 1 })
    .i("sh", { rs1: X.t0, rs2: X.t1, imm: 2 });
  stores(program, [notify(RECEIVE)]);
  program.li(X.t0, UART);
  if (part === "asks") {
    program
      // An answer that it had already, since it asked twice.
      .i("bne", { rs1: X.s0, rs2: X.s1, imm: "look" })
      .i("sb", { rs1: X.t0, rs2: X.t2, imm: 0 })
      .i("addi", { rd: X.s1, rs1: X.s1, imm: 1 })
      .i("bgeu", { rs1: X.a2, rs2: X.s1, imm: "send" });
  } else {
    program
      .i("beq", { rs1: X.s0, rs2: X.s1, imm: "send" })
      .i("sb", { rs1: X.t0, rs2: X.t2, imm: 0 })
      .i("addi", { rd: X.s1, rs1: X.s0, imm: 0 })
      .i("jal", { imm: "send" })
      .label("linger");
    wakeIn(program, 50n);
    program
      .label("lingering")
      .i("csrrs", { rd: X.t0, imm: TIME })
      .i("bltu", { rs1: X.t0, rs2: X.a3, imm: "lingering" });
  }
  return tellFinisher(program, POWER_OFF).bytes();
};

const wakeIn = (program: Program, ms: bigint): Program =>
  program
    .i("csrrs", { rd: X.t0, imm: TIME })
    .li(X.t1, ms * TICKS_A_MS)
    .i("add", { rd: X.a3, rs1: X.t0, rs2: X.t1 });
