/** Runs one whole process with its console in hand, and says what it cost: wall time, CPU time, peak memory. */
import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";

/** One thing done to the console, in order: wait for a text, then for a while, then type. */
export interface ConsoleStep {
  readonly waitFor?: string;
  readonly delayMs?: number;
  readonly send?: string;
  /** Notes how long the log file is then, under this name. */
  readonly markLogBytes?: string;
}

export interface ProcessPlan {
  readonly command: readonly string[];
  readonly console?: readonly ConsoleStep[];
  /** What the console must show for the run to count. */
  readonly expect: string;
  readonly logPath?: string;
  readonly timeoutMs?: number;
}

export interface Cost {
  readonly wallMs: number;
  /** User and system time of the process and its children. */
  readonly cpuMs: number;
  /** Sampled from /proc, so undefined elsewhere and for a process that is over at once. */
  readonly peakRssBytes: number | undefined;
  readonly logBytes: number | undefined;
  readonly logMarks: Readonly<Record<string, number>>;
}

/** Where this is set Node reads all certificates of its file before anything else: 80 ms of the host's, not of ours. */
const ENVIRONMENT = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };

/** Fails with the end of what the process printed when it does not exit with 0 or does not show what it must. */
export const measure = async (plan: ProcessPlan): Promise<Cost> => {
  // bash's `time` counts what the child and its children used, which Node tells only about itself. `cat` gives the
  // child a pipe where Node would give it a socket: QEMU's recording takes twenty times as long when its console is a
  // socket.
  const script = 'TIMEFORMAT="%R %U %S"; exec 4>&2; { time "$@" 2>&4; } 2>&3 > >(exec cat 3>&- 4>&-)';
  const child = spawn("bash", ["-c", script, "bash", ...plan.command], {
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    env: ENVIRONMENT,
  });
  const { stdin, stdout, stderr } = child;
  const times = child.stdio[3];
  if (stdin === null || stdout === null || stderr === null || times === undefined || times === null)
    throw new Error("a child process without its pipes");

  let text = "";
  let errors = "";
  let timesText = "";
  const consoleScript = follow(plan, stdin);
  stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    consoleScript.shown(text);
  });
  stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  times.on("data", (chunk: Buffer) => (timesText += chunk.toString()));
  // The process may end before it has read what was typed.
  stdin.on("error", () => undefined);

  let peakRssBytes: number | undefined;
  const sampler = setInterval(() => (peakRssBytes = peakRss(child.pid) ?? peakRssBytes), SAMPLE_MS);
  const timeoutMs = plan.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  let timedOut = false;
  const kill = (): void => {
    const program = timedProcess(child.pid);
    if (program !== undefined) process.kill(program, "SIGKILL");
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  const timeout = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutMs);

  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  }).finally(() => {
    clearInterval(sampler);
    clearTimeout(timeout);
    process.off("exit", kill);
    consoleScript.stop();
  });
  const fail = (why: string): never => {
    throw new Error(`${why}: ${plan.command.join(" ")}\n${tail(text)}${tail(errors)}`);
  };
  if (timedOut) fail(`not over after ${String(timeoutMs / 1000)} s`);
  if (code !== 0) fail(`exit code ${String(code)}`);
  if (!text.includes(plan.expect)) fail(`the console does not show ${JSON.stringify(plan.expect)}`);
  const [wall, user, system] = timesText.trim().split(/\s+/).map(Number);
  if (wall === undefined || user === undefined || system === undefined) return fail("bash told no times");
  return {
    wallMs: wall * 1000,
    cpuMs: (user + system) * 1000,
    peakRssBytes,
    logBytes: plan.logPath === undefined ? undefined : sizeOf(plan.logPath),
    logMarks: consoleScript.marks,
  };
};

const SAMPLE_MS = 20;
const DEFAULT_TIMEOUT_MS = 300_000;
const TAIL_CHARACTERS = 600;

const tail = (text: string): string => (text === "" ? "" : `  ...${text.slice(-TAIL_CHARACTERS)}\n`);

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const follow = (plan: ProcessPlan, stdin: NodeJS.WritableStream) => {
  const steps = [...(plan.console ?? [])];
  const marks: Record<string, number> = {};
  let text = "";
  let seen = 0;
  let timer: NodeJS.Timeout | undefined;
  const advance = (): void => {
    if (timer !== undefined) return;
    const step = steps[0];
    if (step === undefined) return;
    const at = text.indexOf(step.waitFor ?? "", seen);
    if (at < 0) return;
    seen = at + (step.waitFor ?? "").length;
    timer = setTimeout(() => {
      timer = undefined;
      steps.shift();
      if (step.markLogBytes !== undefined) marks[step.markLogBytes] = sizeOf(plan.logPath ?? "");
      if (step.send !== undefined) stdin.write(step.send);
      advance();
    }, step.delayMs ?? 0);
  };
  return {
    marks,
    shown: (all: string): void => {
      text = all;
      advance();
    },
    stop: (): void => {
      clearTimeout(timer);
    },
  };
};

/** The child of bash that it times: `cat` was started before it. Linux only. */
const timedProcess = (bashPid: number | undefined): number | undefined => {
  try {
    const pid = String(bashPid);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return children.length < 2 ? undefined : Number(children.at(-1));
  } catch {
    return undefined;
  }
};

/** proc(5): VmHWM is the process's own peak, so one sample near the end is enough. */
const peakRss = (bashPid: number | undefined): number | undefined => {
  try {
    const status = readFileSync(`/proc/${String(timedProcess(bashPid))}/status`, "utf8");
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
};
