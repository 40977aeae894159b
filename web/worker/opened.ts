/** A recording in a page, with all that is known of it so far. */
import { concatenated } from "../../src/reducers/concatenated.js";
import type { MachineState } from "../../src/machine/state.js";
import { bootNames } from "../../src/streams/past/names/boot-names.js";
import { Names } from "../../src/streams/past/names/names.js";
import { EventClock } from "../../src/streams/past/recorded-events.js";
import { Recording } from "../../src/streams/past/recording.js";
import type { PageInstant, PagePosition, Source } from "../protocol.js";
import { EventIndex } from "./event-index.js";
import { fetched } from "./fetched.js";
import { namesGiven, placeOf, type PageFiles } from "./page-place.js";
import { RecentStates } from "./recent-states.js";
import { SourceTexts } from "./source-texts.js";
import { Survey } from "./survey.js";

/** The memory for states that are kept on the way, in all recordings of a page together. */
export const PAGE_KEPT_BYTES = 512 * 2 ** 20;

/** @throws {PageError} where something can't be fetched */
export async function filesOf(source: Source, signal: AbortSignal): Promise<PageFiles> {
  const { name, recording, images, disks = {}, index, symbols = [] } = source;
  return {
    name,
    recording: await fetched(recording, name, signal),
    images: await fetchedAll(Object.entries(images), `an image of ${name}`, signal),
    disks: await fetchedAll(
      Object.entries(disks).map(([slot, bytes]) => [Number(slot), bytes] as const),
      `a disk of ${name}`,
      signal,
    ),
    index: index && (await fetched(index, `the states of ${name}`, signal)),
    symbols: [
      ...(await fetchedAll(
        symbols.map((file) => [file.name, file.bytes] as const),
        "a file of names",
        signal,
      )),
    ].map(([file, bytes]) => ({ name: file, bytes })),
  };
}

async function fetchedAll<Key>(
  all: readonly (readonly [Key, Parameters<typeof fetched>[0]])[],
  what: string,
  signal: AbortSignal,
): Promise<Map<Key, Uint8Array>> {
  const found = new Map<Key, Uint8Array>();
  for (const [key, bytes] of all) found.set(key, await fetched(bytes, what, signal));
  return found;
}

export class Opened {
  readonly recent = new RecentStates();
  readonly sources: SourceTexts;
  private namesOfImages: Names | undefined;
  private reachedEnd: boolean;

  private constructor(
    readonly source: Source,
    readonly files: PageFiles,
    readonly recording: Recording,
    readonly events: EventIndex,
    readonly start: PageInstant,
    private present: PageInstant,
    readonly survey: Survey,
  ) {
    this.reachedEnd = !recording.mayHaveKernel;
    this.sources = new SourceTexts(source);
  }

  /** A stretch at a time. @throws {LogError} where it is damaged, or is no recording @throws {PageError} */
  static *of(source: Source, files: PageFiles, keptBytes: number): Generator<undefined, Opened> {
    const recording = new Recording(placeOf(files, keptBytes));
    const start = startOf(recording);
    const events = yield* EventIndex.of(recording, start);
    const end = endOf(recording, events);
    return new Opened(source, files, recording, events, start, end, new Survey(recording, start, end.icount));
  }

  get end(): PageInstant {
    return this.present;
  }

  /** What came to the recording of a machine that runs. False: nothing. */
  *readOn(more: Uint8Array): Generator<undefined, boolean> {
    if (more.length === 0) return false;
    const { recording, events, files, survey } = this;
    files.recording = concatenated([files.recording, more]);
    recording.reread();
    yield* events.readOn(recording);
    this.present = endOf(recording, events);
    survey.grow(this.present.icount);
    // A kernel may have come up meanwhile.
    this.reachedEnd = !recording.mayHaveKernel;
    return true;
  }

  /** The state at a position; what is looked at now is kept for what is asked next. */
  *stateAt(position: PagePosition): Generator<PagePosition, MachineState> {
    const recent = this.recent.get(position);
    if (recent !== undefined) return recent;
    const state = yield* this.recording.stepsTo(position);
    this.recent.add(state);
    return state;
  }

  /** Whether the kernel's own names are known: they are in memory at the end. */
  get hasAllNames(): boolean {
    return this.reachedEnd;
  }

  /** All that are known by now. */
  get names(): Names {
    if (this.reachedEnd) return this.recording.names;
    const { config, images } = this.recording;
    return (this.namesOfImages ??= new Names(() => [
      ...bootNames(config.memoryBytes, images),
      ...namesGiven(this.files),
    ]));
  }

  /** From now on all names are known. */
  *learnNames(): Generator<PagePosition, void> {
    if (this.reachedEnd) return;
    const end = yield* this.recording.stepsTo();
    // Each reads some tenths of a second: who looks at a moment meanwhile has his turn in between.
    const { kernel, names } = this.recording;
    yield end.position;
    names.functionAt(kernel?.place.virtual ?? 0n);
    yield end.position;
    this.reachedEnd = true;
  }
}

const endOf = (recording: Recording, events: EventIndex): PageInstant =>
  events.instantAt({ seq: recording.log.lastSeq, icount: recording.info.instructions });

/** At reset, or with a saved state. */
function startOf({ log, config }: Recording): PageInstant {
  const { seq, icount } = log.start;
  return { seq, icount, ns: Number(EventClock.ofLog(log, config.shift).nsAt(icount)) };
}
