/** foldvm as a library: machines, recordings and the streams between them. */
export type { Diagnosis, FirstTrap } from "./machine/diagnosis.js";
export { Divergence } from "./machine/divergence.js";
export { fold } from "./machine/fold.js";
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
export type { EventOf, EventType, MachineEvent, Position, PositionedEvent } from "./reducers/events.js";
export type { Moment, StreamEvent } from "./reducers/stream-event.js";
export type { MachineConfig } from "./reducers/machine-config.js";
export { answering, UnansweredError, type AskingEffect } from "./streams/live/answers.js";
export type { Backend } from "./streams/live/backend.js";
export { Control, type Stopped } from "./streams/time/control.js";
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
export type { ImageContents } from "./streams/store/image-contents.js";
export { openRecording, type RecordingOptions } from "./streams/session/open-recording.js";
export type { ImageInfo, RecordingInfo, SnapshotInfo } from "./streams/past/recording-info.js";
export { PositionError } from "./streams/past/replayer.js";
export type { Until } from "./streams/past/until.js";
export { trace$, type TracedAction, type TraceOptions } from "./streams/past/trace.js";
export type { GuestAction, GuestActionType } from "./machine/traced.js";
export { run } from "./streams/live/run.js";
export { MAX_UNREAD, pulled, type Demand } from "./streams/time/pulled.js";
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
export { runMeter, type RunMeter, type RunStatistics } from "./streams/session/run-statistics.js";
export { hostScheduler, realtimeScheduler, virtualScheduler } from "./streams/time/schedulers.js";
export type { VirtualTimers } from "./streams/time/timer-queue.js";
export type { SequenceOptions } from "./streams/live/sequence/sequence-options.js";
