/** A moment whose memory alone may be read: what changes without a store is refused by its name. */
import type { Scope } from "../names/expression/index.js";
import { TopFrame } from "../names/frame.js";
import { SeenMoment } from "./seen-moment.js";
import { UntrackedError } from "./tracked-view.js";

export class TrackedMoment extends SeenMoment {
  override get position(): never {
    return refuse("position");
  }

  override get seq(): never {
    return refuse("seq");
  }

  override get icount(): never {
    return refuse("icount");
  }

  override get ns(): never {
    return refuse("ns");
  }

  override get hart(): never {
    return refuse("hart");
  }

  override get pc(): never {
    return refuse("pc");
  }

  override get function(): never {
    return refuse("function");
  }

  override get task(): never {
    return refuse("task");
  }

  override taskOf(): never {
    return refuse("taskOf()");
  }

  override stack(): never {
    return refuse("stack()");
  }

  /** Variables of functions are not meant, since which function executes is not to be known. */
  override get scope(): Scope {
    const { recording, at } = this;
    const { names } = recording;
    const top = new TopFrame({ at }, names);
    // For what is the same in every function: no instruction is meant, so what a variable has at one is not asked for.
    const frame = {
      pc: 0n,
      register: top.register.bind(top),
      canonicalFrameAddress: () => undefined,
      read: top.read.bind(top),
    };
    return { names, at, isGlobal: true, frame };
  }
}

const refuse = (member: string): never => {
  throw new UntrackedError(`moment.${member}`);
};
