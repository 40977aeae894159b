/**
 * A machine that goes on and is recorded, and its past until now: it goes back, and comes forward to the present,
 * where it goes on.
 */
import type { LinuxNames } from "../../past/names/linux/index.js";
import type { Names } from "../../past/names/names.js";
import type { Recording } from "../../past/recording.js";
import type { Until } from "../../past/until.js";
import type { Marks } from "../target/marks.js";
import { MonitorError } from "../target/monitor-error.js";
import { ReplayTarget, type ReplayTargetOptions } from "../target/replay-target.js";
import type { MonitorTarget, Past } from "../target/target.js";
import type { Ahead } from "../target/ahead.js";
import { DelegatingTarget } from "./delegating-target.js";

export class GrowingTarget extends DelegatingTarget {
  /** Made when it is first gone back. */
  private behind: ReplayTarget | undefined;
  private isBack = false;
  private turning: ReplayTarget | undefined;

  constructor(
    private readonly ahead: Ahead,
    private readonly options: Pick<ReplayTargetOptions, "failed" | "quit">,
  ) {
    super();
  }

  protected get current(): MonitorTarget {
    return this.isBack && this.behind !== undefined ? this.behind : this.ahead;
  }

  /** Of the present, where more may be loaded than then. */
  override get names(): Names {
    return this.ahead.names;
  }

  override get kernel(): LinuxNames | undefined {
    return this.ahead.kernel;
  }

  override get marks(): Marks {
    return this.ahead.marks;
  }

  override get firstIcount(): number | undefined {
    return this.behind?.firstIcount;
  }

  override get lastIcount(): number | undefined {
    return this.ahead.present().position.icount;
  }

  override get recordingName(): string {
    return this.ahead.recordingName;
  }

  override get seek(): (until: Until) => Promise<void> {
    return (until) => this.fromHere((back) => back.seek(until));
  }

  override get past(): Past {
    const recording = (): Recording => this.readable();
    return {
      get recording() {
        return recording();
      },
      goBack: () => this.fromHere((back) => back.past.goBack()),
      hitSince: (icount) => this.fromHere((back) => back.past.hitSince(icount)),
      rows: (rows$, limit) => this.fromHere((back) => back.past.rows(rows$, limit)),
      grow: (tree) => this.fromHere((back) => back.past.grow(tree)),
    };
  }

  override quit(): void {
    this.behind?.quit();
    this.ahead.quit();
  }

  override giveUp(): boolean {
    return this.turning === undefined ? super.giveUp() : this.turning.giveUp();
  }

  /** What it then comes to is the present again, or the past. Where it fails, it stands as before. */
  private async fromHere<T>(go: (back: ReplayTarget) => Promise<T>): Promise<T> {
    const back = this.standingBehind();
    this.turning = back;
    try {
      if (!this.isBack) await back.seek(this.ahead.present().position);
      const gone = await go(back);
      this.turn();
      return gone;
    } finally {
      this.turning = undefined;
    }
  }

  private turn(): void {
    const [here, there] = [this.behind?.present().position, this.ahead.present().position];
    this.stand(here !== undefined && (here.seq !== there.seq || here.icount !== there.icount));
  }

  private stand(isBack: boolean): void {
    const { hart } = this.current;
    this.isBack = isBack;
    this.current.hart = hart;
    // Of the stop points it may have heard nothing yet.
    this.current.stops?.set(() => undefined);
  }

  private standingBehind(): ReplayTarget {
    const { behind } = this;
    if (this.isBack && behind !== undefined) return behind;
    if (!this.ahead.control.isPaused && !this.ahead.control.hasEnded) {
      throw new MonitorError("NOT_HERE", "it runs: stop it first, and then go back");
    }
    const recording = this.readable();
    if (this.ahead.isMidway !== true) recording.kept.keep(this.ahead.state(), false);
    return (this.behind ??= new ReplayTarget(recording, {
      ...this.options,
      heard: () => undefined,
      points: this.ahead.stops?.points,
      recordingName: this.recordingName,
      stood: () => {
        if (this.isBack && this.turning === undefined) this.turn();
      },
    }));
  }

  private readable(): Recording {
    const recording = this.isBack ? this.behind?.past.recording : this.ahead.recorded;
    if (recording !== undefined) return recording;
    throw new MonitorError("NOT_HERE", "what is recorded can't be read back: record into a file, with -o FILE");
  }
}
