/** Which lanes there are, from the state: the heads beside the picture and the picture are made of one list. */
import type { DensityAnswer, RowKind, Summary } from "../../protocol.js";
import type { LaneKind } from "../parts/colours.js";
import { COMPUTED, type Answered, type ComputedKind, type State } from "../model/state.js";

export const LANE_HEIGHT = 24;
export const TALL_HEIGHT = 40;
/** With more types of events than these, a lane is a device's. */
const MAX_TYPE_LANES = 7;

export type Series = Pick<DensityAnswer["series"][number], "name" | "kind">;

interface Common {
  readonly key: string;
  readonly title: string;
  readonly top: number;
  readonly height: number;
}

export type Lane = Common &
  (
    | { readonly kind: "ruler" }
    | { readonly kind: "overview"; readonly recording: number; readonly summary: Summary }
    /** `labels`: rows that have names, where few are in view. */
    | {
        readonly kind: "density";
        readonly recording: number;
        readonly summary: Summary;
        readonly isOf: (series: Series) => boolean;
        readonly colour: LaneKind;
        readonly labels: RowKind | undefined;
      }
    | { readonly kind: "rows"; readonly recording: number; readonly rows: ComputedKind }
    | { readonly kind: "marks"; readonly recording: number; readonly answer: Answered }
    /** Where more lanes are opened. */
    | { readonly kind: "more"; readonly recording: number; readonly closed: readonly ComputedKind[] }
  );

type Given<Kind extends Lane["kind"]> = Omit<Extract<Lane, { readonly kind: Kind }>, "top" | "height">;
type AnyGiven = { [Kind in Lane["kind"]]: Given<Kind> }[Lane["kind"]];

export const laneName = (recording: number, kind: ComputedKind): string => `${kind} ${String(recording)}`;

export function lanesOf(state: Pick<State, "recordings" | "answers" | "open" | "folded">): readonly Lane[] {
  const given: AnyGiven[] = [{ kind: "ruler", key: "ruler", title: "" }];
  for (const summary of state.recordings) {
    const { recording, name } = summary;
    const id = String(recording);
    given.push({ kind: "overview", key: `overview ${id}`, title: name, recording, summary });
    if (!state.folded.has(recording)) given.push(...lanesOfRecording(state, summary));
    given.push(...marksOf(state.answers, recording));
  }
  let top = 0;
  return given.map((lane) => {
    const height = lane.kind === "overview" ? TALL_HEIGHT : LANE_HEIGHT;
    top += height;
    return { ...lane, top: top - height, height };
  });
}

function lanesOfRecording({ open }: Pick<State, "open">, summary: Summary): AnyGiven[] {
  const { recording, types } = summary;
  const density = (title: string, colour: LaneKind, isOf: (series: Series) => boolean, labels?: RowKind): AnyGiven => ({
    ...{ kind: "density", key: `${title} ${String(recording)}`, title },
    ...{ recording, summary, isOf, colour, labels },
  });
  const ofKind = (title: string, wanted: LaneKind, labels?: RowKind): AnyGiven =>
    density(title, wanted, ({ kind }) => kind === wanted, labels);
  const devices = new Map(types.map(({ type, kind }) => [deviceOf(type), kind]));
  const events =
    types.length <= MAX_TYPE_LANES
      ? types.map(({ type, kind }) => density(type, kind, ({ name }) => name === type, "events"))
      : [...devices].map(([device, kind]) => density(device, kind, ({ name }) => deviceOf(name) === device, "events"));
  const opened = COMPUTED.filter((kind) => open.has(laneName(recording, kind)));
  const closed = COMPUTED.filter((kind) => !opened.includes(kind));
  return [
    ...events,
    ofKind("console", "console", "output"),
    ofKind("interrupts", "interrupt"),
    ofKind("traps", "trap"),
    ...opened.map((rows): AnyGiven => ({
      ...{ kind: "rows", key: laneName(recording, rows), title: COMPUTED_NAMES[rows] },
      ...{ recording, rows },
    })),
    { kind: "more", key: `more ${String(recording)}`, title: "", recording, closed },
  ];
}

/** `uart16550/byteReceived`: the first word. */
const deviceOf = (type: string): string => type.split("/")[0] ?? type;

export const COMPUTED_NAMES: Readonly<Record<ComputedKind, string>> = {
  interrupts: "each interrupt",
  syscalls: "system calls",
  tasks: "tasks",
  devices: "device accesses",
};

const marksOf = (answers: readonly Answered[], recording: number): AnyGiven[] =>
  answers
    .filter((answer) => answer.recording === recording)
    .map((answer) => ({
      ...{ kind: "marks", key: `marks ${String(answer.id)}`, title: answer.title },
      ...{ recording, answer },
    }));

export const heightOf = (lanes: readonly Lane[]): number => {
  const last = lanes.at(-1);
  return last === undefined ? 0 : last.top + last.height;
};

export const laneAt = (lanes: readonly Lane[], y: number): Lane | undefined =>
  lanes.find(({ top, height }) => y >= top && y < top + height);
