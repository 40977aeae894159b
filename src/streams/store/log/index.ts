/**
 * The log: one file for each recording, written and read segment by segment. docs/log-format.md describes the format.
 */
export { appendToLog } from "./append-to-log.js";
export type { LogAppender } from "./append-to-log.js";
export { bytesSource, type ByteSource } from "./byte-source.js";
export { LogTail } from "./log-tail.js";
export { packLog } from "./pack.js";
export { STOPPED, type LogEnd } from "./end.js";
export { endedAt } from "./ended-log.js";
export { ImageDigest } from "./header.js";
export type { LogHeader, LogParent, LogStart } from "./header.js";
export { fromJson, payloadOfJson, toJson } from "./json.js";
export type { JsonEvent } from "./json.js";
export { LogError } from "./log-error.js";
export type { LogErrorCode, LogPlace } from "./log-error.js";
export { machineOf } from "./machine-of.js";
export { memorySink } from "./memory-sink.js";
export { openLog, readLogHeader } from "./reader.js";
export type { Log, Truncation } from "./reader.js";
export { isRecording } from "./segment.js";
export { describedSnapshot, SnapshotName } from "./snapshot-segments.js";
export type { Snapshot, SnapshotDescription, SnapshotHeader } from "./snapshot-segments.js";
export { CURRENT_VERSION } from "./upcast.js";
export { MAX_EVENT_BYTES, openWriter } from "./writer.js";
export type { LogSink } from "./log-sink.js";
export type { LogWriter } from "./writer.js";
