/** A client of gdb's remote protocol: packets without gdb's own work around them. */
import { connect, type Socket } from "node:net";

const NO_ACKNOWLEDGEMENT = "QStartNoAckMode";
const REPLY = /\$([^#]*)#[0-9a-f]{2}/;
/** What the guest or `monitor` prints comes before the answer. */
const SAID = /^O[0-9a-f]/;

export class Remote {
  private received = "";
  private answered: ((body: string) => void) | undefined;
  private fail: (fault: Error) => void = () => undefined;
  /** What was said to gdb's console since the last packet was sent. */
  said = "";

  private constructor(private readonly socket: Socket) {
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.received += text;
      this.take();
    });
    socket.on("close", () => {
      this.fail(new Error("the server has closed the connection"));
    });
  }

  /** Without acknowledgements. */
  static async to(path: string): Promise<Remote> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    const remote = new Remote(socket);
    await remote.ask(NO_ACKNOWLEDGEMENT);
    socket.write("+");
    return remote;
  }

  ask(body: string): Promise<string> {
    this.said = "";
    const answer = new Promise<string>((resolve, reject) => {
      this.answered = resolve;
      this.fail = reject;
    });
    this.socket.write(packetOf(body), "latin1");
    return answer;
  }

  /** A command of the monitor. */
  async command(line: string): Promise<string> {
    await this.ask(`qRcmd,${Buffer.from(line).toString("hex")}`);
    return this.said;
  }

  end(): void {
    this.fail = () => undefined;
    this.socket.destroy();
  }

  private take(): void {
    for (let match = REPLY.exec(this.received); match !== null; match = REPLY.exec(this.received)) {
      this.received = this.received.slice(match.index + match[0].length);
      const [, body = ""] = match;
      if (SAID.test(body)) this.said += Buffer.from(body.slice(1), "hex").toString();
      else this.answered?.(body);
    }
  }
}

function packetOf(body: string): string {
  const sum = Buffer.from(body, "latin1").reduce((total, byte) => (total + byte) & 0xff, 0);
  return `$${body}#${sum.toString(16).padStart(2, "0")}`;
}
