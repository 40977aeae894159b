/** A peer of the gdb server: what it asks is answered, and whatever it sends harms nothing. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_AGENT_BYTES } from "../../../../src/streams/session/gdb/agent-expression.js";
import { MAX_SUMMED_BYTES } from "../../../../src/streams/session/gdb/checksum.js";
import { GdbConnection, MAX_WAITING_PACKETS } from "../../../../src/streams/session/gdb/connection.js";
import { packetOf, PacketReader } from "../../../../src/streams/session/gdb/packets.js";
import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import type { MonitorTarget } from "../../../../src/streams/session/target/target.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { BranchingTarget } from "../../../../src/streams/session/travel/branching-target.js";
import { hashOfState } from "../../../../src/machine/state-hash.js";
import { freshSeed, oneOf, seededRandom } from "../../../support/seeded-random.js";

const LOG = "logs/session.fold";
const INSNS_A_DAY = 2000;

class Peer {
  readonly recording = openRecording(LOG);
  private readonly options = { heard: () => undefined, failed: () => undefined, quit: () => undefined };
  readonly replay = new ReplayTarget(this.recording, this.options);
  readonly target: MonitorTarget;
  left: string | undefined;
  private readonly reader = new PacketReader();
  private heard: string[] = [];
  private readonly connection: GdbConnection;

  constructor(writes: boolean) {
    this.target = writes ? new BranchingTarget(this.replay, this.options) : this.replay;
    this.connection = new GdbConnection(this.target, {
      send: (bytes) => {
        for (const incoming of this.reader.read(bytes)) {
          this.heard.push(incoming.type === "packet" ? incoming.body : incoming.type);
        }
      },
      left: (how) => (this.left = how),
    });
  }

  send(bytes: Uint8Array): void {
    this.connection.receive(bytes);
  }

  /** On its console. */
  get said(): string {
    const lines = this.heard.filter((one) => /^O[0-9a-f]{2}/.test(one));
    return lines.map((one) => Buffer.from(one.slice(1), "hex").toString()).join("");
  }

  /** What comes for a packet, beside acknowledgements. */
  async ask(body: string): Promise<string> {
    this.heard = [];
    this.send(packetOf(body));
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const reply = this.heard.find((one) => one !== "acknowledged" && !/^O[0-9a-f]/.test(one));
      if (reply !== undefined) return reply;
    }
  }

  get hash(): bigint {
    return hashOfState(this.target.state());
  }

  end(): void {
    this.connection.end();
    this.target.quit();
    this.recording.close();
  }
}

const withPeer = async (work: (peer: Peer) => Promise<void>, writes = false): Promise<void> => {
  const peer = new Peer(writes);
  try {
    await work(peer);
  } finally {
    peer.end();
  }
};

const answers: readonly (readonly [packet: string, reply: RegExp])[] = [
  ["qSupported:xmlRegisters=i386", /PacketSize=4000;.*ConditionalBreakpoints\+;ReverseStep\+;ReverseContinue\+$/],
  ["?", /^T05thread:1;$/],
  ["qfThreadInfo", /^m1$/],
  ["qXfer:features:read:target.xml:0,40", /^m<\?xml/],
  ["qXfer:features:read:target.xml:fffff,40", /^l$/],
  ["p20", /^0010000000000000$/],
  ["m1000,4", /^[0-9a-f]{8}$/],
  ["m40,4", /^E0e$/],
  ["m1000", /^E16$/],
  ["pffff", /^E16$/],
  ["Hg5", /^E16$/],
  ["Hg0", /^OK$/],
  ["vCont;x", /^E16$/],
  ["Z9,0,0", /^E16$/],
  ["Z2,80000000,100000", /^OK$/],
  ["z2,80000000,100000", /^OK$/],
  ["Z2,80000000,100001", /^E16$/],
  [`Z0,80000000,2;X${(MAX_AGENT_BYTES + 1).toString(16)},${"27".repeat(MAX_AGENT_BYTES + 1)}`, /^E16$/],
  // Nowhere yet: it stops wherever that comes to be.
  ["Z0,10,2", /^OK$/],
  ["z0,10,2", /^OK$/],
  ["vMustReplyEmpty", /^$/],
  ["qqemu.PhyMemMode", /^0$/],
  ["vCont;s:1", /^T05thread:1;$/],
  ["bs", /^T05thread:1;$/],
  ["bs", /^T05thread:1;replaylog:begin;$/],
  ["bc", /^T05thread:1;replaylog:begin;$/],
  ["c", /^T05thread:1;replaylog:end;$/],
  ["bs", /^T05thread:1;$/],
  // Of a target that makes no branch. gdb shows a text where it may stand.
  ["Pa=0100000000000000", /^E\.nothing is written in a recording$/],
  ["M80000000,1:00", /^E01$/],
  ["X80000000,0:", /^(E01|OK)$/],
  ["s80000000", /^E01$/],
  ["szz", /^E16$/],
  // A name is matched whole.
  ["qCrosstalk", /^$/],
  ["bsx", /^$/],
  ["kx", /^$/],
  ["vKillx", /^$/],
  ["qC", /^QC1$/],
  ["qCRC:1000,4", /^C[0-9a-f]{1,8}$/],
  ["qCRC:40,4", /^E0e$/],
  [`qCRC:80000000,${(MAX_SUMMED_BYTES + 1).toString(16)}`, /^E16$/],
  ["vCont;c:99", /^E16$/],
  ["Qqemu.PhyMemMode:xyz", /^E16$/],
  ["Z0,80000000,2;X,", /^E16$/],
  ["Z0,80000000,2;X2,27", /^E16$/],
  ["Z0,80000000,2;X1,27X1,27", /^OK$/],
  ["z", /^E16$/],
  ["z0,80000000,2", /^OK$/],
];

test("given packets, when they are sent, then each has the answer that the protocol says", () =>
  withPeer(async (peer) => {
    for (const [packet, reply] of answers) assert.match(await peer.ask(packet), reply, packet);
  }));

test("given garbage in between, when packets follow, then they are answered, and the replay is the same", () =>
  withPeer(async (peer) => {
    const seed = freshSeed();
    const random = seededRandom(seed);
    for (let round = 0; round < 100; round += 1) {
      peer.send(Uint8Array.from({ length: random(300) }, () => random(256)));
      const body = `${oneOf(random, ["m", "M", "p", "Z", "z", "q", "H", "vCont;", "T", "P", "X"])}${String(random(1e9))}`;
      await peer.ask(body);
    }
    const icount = 1 + random(INSNS_A_DAY);
    await peer.replay.seek(icount);
    assert.is(peer.hash, hashOfState(peer.recording.at(icount)), `FOLDVM_SEED=${String(seed)}`);
  }));

test("given a packet that gdb has sent again before it was acknowledged, when both come at once, then it is answered once", () =>
  withPeer(async (peer) => {
    assert.is(await peer.ask("vCont;s:1"), "T05thread:1;");
    const { icount } = peer.target.present().position;
    peer.send(Buffer.concat([packetOf("vCont;s:1"), packetOf("vCont;s:1")]));
    while (peer.target.present().position.icount === icount) await new Promise((resolve) => setImmediate(resolve));
    // Whatever came behind it is answered before that.
    await peer.ask("qAttached");
    await peer.ask("qAttached");
    assert.is(peer.target.present().position.icount, icount + 1);
  }));

test("given more packets than a gdb leaves unanswered, when they come, then it is let go", () =>
  withPeer(async (peer) => {
    for (let count = 0; count <= MAX_WAITING_PACKETS; count += 1) peer.send(packetOf("?"));
    assert.is(peer.left, "detached");
    await new Promise((resolve) => setImmediate(resolve));
  }));

test("given breakpoints, when gdb detaches, then none of its own is left", () =>
  withPeer(async (peer) => {
    assert.is(await peer.ask("Z0,80000000,2"), "OK");
    await peer.ask("c");
    assert.is(peer.replay.stops.points.all.length, 1);
    assert.is(await peer.ask("D"), "OK");
    assert.is(peer.replay.stops.points.all.length, 0);
    assert.is(peer.left, "detached");
  }));

test("given memory that is not all there, or a machine that is off, when it is written, then nothing is, and no branch is made", () =>
  withPeer(async (peer) => {
    const end = 0x8000_0000 + peer.target.present().ram.byteLength;
    for (const packet of [
      `M${(end - 2).toString(16)},4:01020304`,
      `X${(end - 4096).toString(16)},1001:${"a".repeat(4097)}`,
    ]) {
      assert.match(await peer.ask(packet), /^E/, packet);
      assert.is(peer.target.mode, "replay", packet);
    }
    await peer.ask("c");
    assert.match(await peer.ask("Pa=0100000000000000"), /^E\.the machine is off here; go back first$/);
    assert.is(peer.target.mode, "replay");
  }, true));

test("given what gdb sets, and where its monitor goes, then that is said in the monitor's words, and what gdb keeps once", () =>
  withPeer(async (peer) => {
    const said = async (command: string): Promise<string> => {
      await peer.ask(`qRcmd,${Buffer.from(command).toString("hex")}`);
      return peer.said;
    };
    await peer.ask("Z0,80000000,2;X1,27");
    await peer.ask("Z2,80000010,8");
    await peer.ask("s");
    assert.match(await said("info breakpoints"), /^breakpoint 1: 0x80000000(, \S+:\d+)?\nwatchpoint 2: 0x80000010\n$/);
    assert.match(await said("goto 10"), /\(gdb shows what it read before/);
    assert.not.match(await said("goto 20"), /gdb shows/);
    assert.match(await said("fork -"), /error: a branch is saved into a file: give its name/);
  }, true));

test("given an address to go on from, when the hart steps, then it does from there, in a branch", () =>
  withPeer(async (peer) => {
    assert.is(await peer.ask("s80000004"), "T05thread:1;");
    assert.is(peer.target.mode, "branch");
    assert.is(await peer.ask("p20"), "0800008000000000");
  }, true));

test("given a way back that is interrupted, then it stands where it stood, and gdb hears of a Ctrl-C", () =>
  withPeer(async (peer) => {
    await peer.ask("c");
    const { position } = peer.target.present();
    assert.is(await peer.ask("Z0,80000000,2;X1,27"), "OK");
    const answer = peer.ask("bc");
    peer.send(Uint8Array.of(3));
    assert.is(await answer, "T02thread:1;");
    assert.equal(peer.target.present().position, position);
    assert.ok(peer.said.includes("foldvm: given up; it stands where it was\n"), peer.said);
  }));

test.run();
