/** foldvm as a library: machines, recordings and the streams between them. */
export type { Diagnosis, FirstTrap, HartDiagnosis } from "./machine/diagnosis.js";
export { Divergence } from "./machine/divergence.js";
export { fold } from "./machine/checked-fold.js";
export { DiskReadError, type DiskImage } from "./machine/disk/disk-image.js";
export type { DiskState } from "./machine/disk/disk-state.js";
export { initialState } from "./machine/initial-state.js";
export { Machine, type Stop } from "./machine/machine.js";
export { hashOfState } from "./machine/state-hash.js";
export type { MachineState } from "./machine/state.js";
export type { HartState } from "./machine/hart/registers.js";
export { Ram } from "./machine/ram.js";
export { disassemble } from "./machine/isa/disassemble.js";
export { BootError } from "./machine/boot/boot-error.js";
export { ElfError } from "./machine/elf.js";
export { FdtError } from "./machine/fdt/decode.js";
export type { Effect } from "./reducers/effect.js";
export type { EventOf, EventType, MachineEvent, PositionedEvent } from "./reducers/events.js";
export type { Icount, PlainPosition, Position, Seq, VirtualNs } from "./reducers/position.js";
export type { GivenEvent, GivenPositioned, Instant, StreamEvent } from "./reducers/stream-event.js";
export type { MachineConfig } from "./reducers/machine-config.js";
export { answering, UnansweredError, type AskingEffect } from "./streams/live/answers.js";
export type { Backend } from "./streams/live/backend.js";
export { Control, type Stood, type Stopped } from "./streams/time/control.js";
export type { RunTarget } from "./streams/time/run-target.js";
export { consoleBackend, type ConsoleOptions } from "./streams/live/backends/console.js";
export { disks, type DisksOptions } from "./streams/live/backends/disks.js";
export { entropy } from "./streams/live/backends/entropy.js";
export { network } from "./streams/live/backends/network.js";
export { ForwardError, router } from "./streams/host/net/router.js";
export { parseReachRule, type ReachRule } from "./streams/net/reach.js";
export { ServedFolderError } from "./streams/host/net/served-folder.js";
export type { HostEndpoint } from "./streams/net/router-host.js";
export type { PortForward, RouterOptions } from "./streams/net/router-options.js";
export {
  streamSocket,
  StreamSocketError,
  type StreamAddress,
  type StreamSocketOptions,
} from "./streams/host/net/stream-socket.js";
export type { FromWire, GuestPort, Wire } from "./streams/live/wire.js";
export { hostClock } from "./streams/live/backends/host-clock.js";
export { powerSwitch, type PowerSwitchOptions } from "./streams/live/backends/power-switch.js";
export type { GuestCause, HostCause } from "./reducers/power.js";
export type { DriveOptions } from "./streams/host/disks/drives.js";
export { exportDisk } from "./streams/host/disks/export.js";
export type { HostDisk } from "./streams/store/host-disk.js";
export { writeBack } from "./streams/session/write-back.js";
export { hostEngine } from "./streams/host/host-engine.js";
export { ImageError } from "./streams/host/images.js";
export { fileSink } from "./streams/host/file-sink.js";
export { fromJson, LogError, memorySink, toJson, type LogSink } from "./streams/store/log/index.js";
export {
  openMachine,
  OptionError,
  type MachineOptions,
  type OpenedMachine,
} from "./streams/session/machine-options.js";
export { profile, type Profile, type ProfileOptions } from "./streams/past/profile.js";
export { openSavedMachine, type SavedMachineOptions } from "./streams/session/saved-machine.js";
export { record, type RecordOptions, type SnapshotCommand } from "./streams/live/recorder.js";
export { Recording, replay, type MachineParts, type RecordingPlace } from "./streams/past/recording.js";
export { pack } from "./streams/past/pack.js";
export { toCore, type Core, type CoreOptions } from "./streams/past/core/to-core.js";
export {
  LiveRows,
  rows,
  toWebStream,
  type AnyRow,
  type EventRow,
  type FoundRow,
  type GapRow,
  type LiveRowsOptions,
  type QuestionsByKind,
  type RowsOptions,
  type RowStream,
  type RowStreamOptions,
  type StreamRow,
  type WantedEvents,
} from "./streams/rows/index.js";
export type { Moment } from "./streams/past/moment.js";
export type { MomentView } from "./streams/past/moment-view.js";
export type { StackFrame } from "./streams/past/stack.js";
export type { Names } from "./streams/past/names/names.js";
export { DwarfError, dwarfNames, type DwarfErrorCode } from "./streams/past/names/dwarf/index.js";
export type { Scope } from "./streams/past/names/expression/index.js";
export type { GuestValue } from "./streams/past/names/value.js";
export { indexRecording, type IndexOptions, type IndexSummary } from "./streams/past/index-recording.js";
export {
  linuxNames,
  type KernelPlace,
  type LinuxModule,
  type LinuxNames,
  type LinuxTask,
  type LinuxTasks,
  type SchedulingMembers,
  type TaskMembers,
  type TaskScheduling,
  type TaskState,
  type KernelRange,
} from "./streams/past/names/linux/index.js";
export {
  branchesSvg,
  timelineSvg,
  type BranchesOptions,
  type BranchLine,
  type TimelineLane,
  type TimelineOptions,
  type TimelineRow,
} from "./streams/past/pictures/index.js";
export {
  diff,
  RecordingDiff,
  StateDiff,
  type Difference,
  type DifferenceKind,
  type DiffOptions,
  type Ending,
  type Endings,
  type EventPair,
  type Found,
  type Ignorable,
  type Parting,
  type PlainValue,
  type Side,
  type Stateful,
} from "./streams/past/diff/index.js";
export {
  BranchError,
  causality,
  edits,
  minimize,
  type Branch,
  type BranchEnd,
  type BranchErrorCode,
  type BranchInput,
  type BranchKernel,
  type BranchOptions,
  type BranchRunOptions,
  type Causality,
  type CausalityOptions,
  type CausalityProgress,
  type CausalityRow,
  type Delay,
  type Edit,
  type Edits,
  type Failing,
  type InputEdit,
  type InputPlace,
  type Judged,
  type KeptInput,
  type Minimized,
  type MinimizeOptions,
  type MinimizeProgress,
  type Patch,
} from "./streams/past/branch/index.js";
export { fork, type ForkOptions } from "./streams/session/fork.js";
export {
  at,
  bisect,
  calls,
  changes,
  csrs,
  devices,
  followedBy,
  notFollowedBy,
  NotPlainError,
  notPrecededBy,
  output,
  PlaceError,
  precededBy,
  printed,
  Query,
  reads,
  sample,
  toNdjson,
  select,
  signals,
  switches,
  syscalls,
  TRAP_NAMES,
  traps,
  UntrackedError,
  visits,
  where,
  writes,
  type When,
  type Access,
  type AccessesOptions,
  type AskedOptions,
  type BesideOptions,
  type Call,
  type CallsOptions,
  type Returned,
  type Change,
  type ChangesOptions,
  type CsrsOptions,
  type CsrWrite,
  type DeviceAccess,
  type DevicesOptions,
  type Explanation,
  type Job,
  type OutputLine,
  type OutputOptions,
  type PrintedOptions,
  type SignalChange,
  type SignalsOptions,
  type LeftTask,
  type Switch,
  type SwitchesOptions,
  type Syscall,
  type SyscallsOptions,
  type PrintedPiece,
  type Place,
  type Pool,
  type PooledQuery,
  type Progress,
  type QueryOperator,
  type Range,
  type RowOfHart,
  type Sample,
  type SampleOptions,
  type Rows,
  type Trap,
  type TrapsOptions,
  type Visit,
  type VisitsOptions,
  type Write,
} from "./streams/past/query/index.js";
export {
  sourceTree,
  treeLines,
  treeRows,
  whence,
  type GrowOptions,
  type Source,
  type SourceKind,
  type SourceRow,
  type SourceTree,
  type TreeOptions,
  type TreeRow,
  type WhenceOptions,
} from "./streams/past/whence/index.js";
export { workers, type Workers } from "./streams/session/query-pool/workers.js";
export type { ImageContents } from "./streams/store/image-contents.js";
export { openRecording, type IgnoredIndex, type RecordingOptions } from "./streams/session/open-recording.js";
export { Probing, type Told, type Watcher } from "./machine/probing.js";
export { toNodeStream } from "./streams/session/node-stream.js";
export { presentOf } from "./streams/session/present-recording.js";
export type { ImageInfo, RecordingInfo, SnapshotInfo } from "./streams/past/recording-info.js";
export { PositionError } from "./streams/past/replayer.js";
export type { Until } from "./streams/past/until.js";
export {
  trace$,
  type GuestAction,
  type GuestActionOf,
  type GuestActionType,
  type TracedAction,
  type TraceOptions,
} from "./streams/past/trace.js";
export { run } from "./streams/live/run.js";
export { MAX_UNREAD, pulled, type Demand, type PulledOptions } from "./streams/time/pulled.js";
export type { EventStream } from "./streams/time/event-stream.js";
export { script, ScriptError, type Script, type ScriptStep } from "./streams/live/script.js";
export { parseScript } from "./streams/live/script-file.js";
export {
  describeState,
  loadState,
  saveState,
  StateError,
  type SavedStateInfo,
  type StateErrorCode,
} from "./streams/store/saved-state/index.js";
export { saveStateFile } from "./streams/host/state-file.js";
export { hunt } from "./streams/session/hunt/hunt.js";
export { HuntError } from "./streams/session/hunt/hunt-error.js";
export type { HuntSummary } from "./streams/session/hunt/hunt-summary.js";
export type { HuntOptions } from "./streams/session/hunt/hunt-options.js";
export type { HuntRun } from "./streams/session/hunt/hunt-run.js";
export { parseSchedule, scheduleLine } from "./streams/chaos/schedule-text.js";
export { runMeter, type HartStatistics, type RunMeter, type RunStatistics } from "./streams/session/run-statistics.js";
export { hostScheduler, realtimeScheduler, virtualScheduler } from "./streams/time/schedulers.js";
export type { VirtualTimers } from "./streams/time/timer-queue.js";
export { InputError } from "./streams/live/sequence/input-check.js";
export { InputQueueError } from "./streams/live/sequence/input-queue.js";
export type { SequenceOptions } from "./streams/live/sequence/sequence-options.js";

// What the signatures above mention, so that a program can name it.
export type { ChaosOptions } from "./streams/chaos/chaos-options.js";
export type { DeviationEvent } from "./streams/chaos/deviations.js";
export type { DeviationOptions } from "./streams/chaos/deviations-of.js";
export type { Deviation } from "./streams/chaos/schedule.js";
export type { Rate } from "./streams/chaos/rate.js";
export type { SessionCause } from "./streams/session/session-end.js";
export type { BootErrorCode } from "./machine/boot/boot-error.js";
export type { Whereabouts } from "./machine/code-at.js";
export type { Overlay, OverlayPage } from "./machine/disk/disk-state.js";
export type { Disagreement } from "./machine/divergence.js";
export type { EffectListener } from "./machine/effect-listeners.js";
export type { ElfErrorCode, ElfSymbol } from "./machine/elf.js";
export type { Counter } from "./machine/engine/counters.js";
export type { EngineStatistics } from "./machine/engine/engine-statistics.js";
export type { Bus, Engine, EngineOptions, RunBudget, RunEnd, Turn, WriteReader } from "./machine/engine/engine.js";
export type { ModuleCounts } from "./machine/engine/compiled/compiled-modules.js";
export type { CompiledCounts } from "./machine/engine/hot-code.js";
export type { FdtErrorCode } from "./machine/fdt/decode.js";
export type { HartField } from "./machine/hart/fields.js";
export type { HartNote, HartNotes } from "./machine/hart/notes.js";
export type { HartRegisters } from "./machine/hart/registers.js";
export type { Images } from "./machine/initial-state.js";
export type { Inspected } from "./machine/inspect.js";
export type { TurnEnd, TurnEnds } from "./machine/harts.js";
export type { ScheduleState } from "./reducers/schedule.js";
export { FaultError, type Fault } from "./streams/session/fault-kind.js";
export type { SessionRunOptions } from "./streams/session/session-run-options.js";
export type { WatchedTexts } from "./streams/session/watched-output.js";
export type { Signal } from "./streams/host/stdio.js";
export type { MachineOptions as PlainMachineOptions, MachineStatistics } from "./machine/machine.js";
export type { EngineFactory } from "./machine/engine/engine.js";
export type { Digested, PageTree } from "./machine/page-tree.js";
export type { RamPage } from "./machine/ram.js";
export type {
  FrameReader,
  Location,
  NameSource,
  SourceLine,
  UnwindRules,
  Variable,
  FunctionCode,
} from "./streams/past/names/name-source.js";
export type {
  ArrayType,
  EnumerationType,
  FunctionType,
  Member,
  Parameter,
  ScalarType,
  StructureType,
  Type,
} from "./streams/past/names/type.js";
export type { Symbol as GuestSymbol } from "./machine/symbol-table.js";
export type { BottomHalfRequest, BottomHalvesState } from "./reducers/bottom-halves.js";
export type { ClockState } from "./reducers/clock.js";
export type { DiskRequested } from "./reducers/effect.js";
export type { EventIn } from "./reducers/event-table.js";
export type { PlatformState } from "./reducers/platform.js";
export type { PowerState } from "./reducers/power.js";
export type { BlkConfig } from "./reducers/virtio/blk.js";
export type { DriveFormat } from "./streams/host/disks/drives.js";
export type { FileSinkOptions } from "./streams/host/file-sink.js";
export type { ImageRole, ImageSource } from "./streams/host/images.js";
export type { RandomSource } from "./streams/live/backends/entropy.js";
export type { HeldInput } from "./streams/live/backends/typed-input.js";
export type { Subnet } from "./streams/net/addresses.js";
export type { ProfiledFunction, ProfiledInstruction, ProfiledStretch } from "./streams/past/profile.js";
export type { Carried } from "./machine/engine/carried.js";
export type {
  EncodingFilter,
  OutsideWriter,
  ProbeListener,
  Probed,
  Probes,
  MemoryRange,
} from "./machine/engine/probes.js";
export type { Kind, Listener, Question, Reading } from "./streams/past/query/index.js";
export type { KeptState, KeptStates } from "./streams/past/kept-states.js";
export type { IndexPlace, RecordingIndex } from "./streams/past/recording-index.js";
export type { MachineBuilder, PlacedImage } from "./streams/past/recording.js";
export type { ReplayOptions } from "./streams/past/paced-steps.js";
export type { NetworkOptions } from "./streams/session/network-options.js";
export type { NicOptions } from "./streams/session/nics.js";
export type { LogAppender } from "./streams/store/log/append-to-log.js";
export type { ByteSource } from "./streams/store/log/byte-source.js";
export type { LogEnd } from "./streams/store/log/end.js";
export type { ImageDigest, LogHeader, LogParent, LogStart } from "./streams/store/log/header.js";
export type { JsonEvent } from "./streams/store/log/json.js";
export type { LogErrorCode, LogPlace } from "./streams/store/log/log-error.js";
export type { Log, Truncation } from "./streams/store/log/reader.js";
export type { SegmentHeader, SegmentKind, SegmentPlace } from "./streams/store/log/segment.js";
export type { Snapshot, SnapshotDescription, SnapshotHeader } from "./streams/store/log/snapshot-segments.js";
export type { ExpectedMachine } from "./streams/store/saved-state/saved-state.js";
export {
  StateIndexError,
  type IndexedState,
  type StateIndex,
  type StateIndexBuilder,
  type StateIndexErrorCode,
} from "./streams/store/state-index/index.js";
export type { StateKeeper } from "./streams/store/state-keeper.js";
export type { StatePlace } from "./streams/store/saved-state/state-error.js";
export type { HostTime } from "./streams/time/host-time.js";
export type { Sleeper } from "./streams/time/timer-queue.js";
