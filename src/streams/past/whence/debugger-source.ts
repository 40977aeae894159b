/** A register that holds what a debugger wrote into it. */
import { registerOf } from "../../../machine/dataflow/explain.js";
import { integerOf } from "../../../machine/little-endian.js";
import type { Context } from "./context.js";
import { eventAt } from "./device-sources.js";
import type { EventMaker } from "./history.js";
import { Source } from "./source.js";
import type { RegisterSpot } from "./spot.js";
import type { Steps } from "./steps.js";

export function* debuggerSource(
  { describer, recording }: Context,
  spot: RegisterSpot,
  maker: EventMaker,
): Steps<Source> {
  const { seq, icount, ns, type } = eventAt({ recording }, maker.seq);
  const state = yield* recording.stepsTo({ seq });
  const whole = registerOf(state, spot.hart, spot.key);
  return new Source({
    kind: "event",
    place: describer.place(spot),
    value: integerOf(Uint8Array.from(spot.bytes, (byte) => Number((whole >> BigInt(8 * byte)) & 0xffn))),
    at: { seq, icount, ns },
    hart: spot.hart,
    who: describer.who(spot.hart),
    ...{ pc: undefined, function: undefined, line: undefined },
    text: type,
  });
}
