/** The log: one file a recording, written segment by segment, read the same way. The format: docs/log-format.md. */
export { appendToLog } from "./append-to-log.js";
export type { LogAppender } from "./append-to-log.js";
export type { LogEnd } from "./end.js";
export { fileSink } from "./file-sink.js";
export { ImageDigest } from "./header.js";
export type { LogHeader, LogStart } from "./header.js";
export { fromJson, toJson } from "./json.js";
export type { JsonEvent } from "./json.js";
export { LogError } from "./log-error.js";
export type { LogErrorCode, LogPlace } from "./log-error.js";
export { memorySink } from "./memory-sink.js";
export { openLog } from "./reader.js";
export type { Log, Truncation } from "./reader.js";
export { SnapshotName } from "./snapshot-segments.js";
export type { Snapshot, SnapshotDescription, SnapshotHeader } from "./snapshot-segments.js";
export { CURRENT_VERSION } from "./upcast.js";
export { MAX_EVENT_BYTES, openWriter } from "./writer.js";
export type { LogSink, LogWriter } from "./writer.js";
