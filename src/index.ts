/** foldvm as a library: machines, recordings and the streams between them. */
export { Divergence } from "./machine/divergence.js";
export { fold } from "./machine/fold.js";
export { DiskReadError, type DiskImage } from "./machine/disk/disk-image.js";
export type { DiskState } from "./machine/disk/disk-state.js";
export { initialState } from "./machine/initial-state.js";
export { Machine, type Stop } from "./machine/machine.js";
export { hashOfState } from "./machine/state-hash.js";
export type { MachineState } from "./machine/state.js";
export type { HartState } from "./machine/hart/fields.js";
export { Ram } from "./machine/ram.js";
export { disassemble } from "./machine/isa/disassemble.js";
export { BootError } from "./machine/boot/boot-error.js";
export { ElfError } from "./machine/elf.js";
export { FdtError } from "./machine/fdt/decode.js";
export type { Effect } from "./reducers/device.js";
export type { MachineEvent, Position, PositionedEvent } from "./reducers/events.js";
export type { MachineConfig } from "./reducers/machine-config.js";
export type { Backend } from "./streams/backend.js";
export { Control, type Stopped } from "./streams/control.js";
export type { RunTarget } from "./streams/run-target.js";
export { consoleBackend, type ConsoleOptions } from "./streams/backends/console.js";
export { disks, type DisksOptions } from "./streams/backends/disks.js";
export { entropy } from "./streams/backends/entropy.js";
export { network } from "./streams/backends/network/network.js";
export { ForwardError, router } from "./streams/backends/network/router.js";
export { parseReachRule, type ReachRule } from "./streams/backends/network/reach.js";
export type { HostEndpoint, PortForward, RouterOptions } from "./streams/backends/network/router-options.js";
export {
  streamSocket,
  StreamSocketError,
  type StreamAddress,
  type StreamSocketOptions,
} from "./streams/backends/network/stream-socket.js";
export type { FromWire, GuestPort, Wire } from "./streams/backends/network/wire.js";
export { hostClock } from "./streams/backends/host-clock.js";
export { powerSwitch, type PowerSwitchOptions } from "./streams/backends/power-switch.js";
export type { GuestCause, HostCause } from "./reducers/power.js";
export type { DriveOptions } from "./streams/disks/drives.js";
export { exportDisk } from "./streams/disks/export.js";
export type { HostDisk } from "./streams/disks/host-disk.js";
export { writeBack } from "./streams/disks/write-back.js";
export { hostEngine } from "./streams/host-engine.js";
export { ImageError } from "./streams/images.js";
export { fileSink, fromJson, LogError, memorySink, toJson, type LogSink } from "./streams/log/index.js";
export { openMachine, OptionError, type MachineOptions, type OpenedMachine } from "./streams/machine-options.js";
export { profile, type Profile, type ProfileOptions } from "./streams/profile.js";
export { openSavedMachine, type SavedMachineOptions } from "./streams/saved-machine.js";
export { record, type RecordOptions, type SnapshotCommand } from "./streams/recorder.js";
export { openRecording, Recording, replay } from "./streams/recording.js";
export type { RecordingInfo, SnapshotInfo } from "./streams/recording-info.js";
export { PositionError, type Until } from "./streams/replayer.js";
export { trace$, type TracedAction, type TraceOptions } from "./streams/trace.js";
export type { GuestAction, GuestActionType } from "./machine/hart/traced.js";
export { run } from "./streams/run.js";
export {
  describeState,
  loadState,
  saveState,
  StateError,
  type SavedStateInfo,
  type StateErrorCode,
} from "./streams/saved-state/index.js";
export { runMeter, type RunMeter, type RunStatistics } from "./streams/run-statistics.js";
export { hostScheduler, realtimeScheduler, virtualScheduler } from "./streams/schedulers.js";
export type { VirtualTimers } from "./streams/timer-queue.js";
export type { SequenceOptions } from "./streams/sequence/sequence-options.js";
