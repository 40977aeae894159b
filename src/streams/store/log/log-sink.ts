/** The destination of a recording. */
export interface LogSink {
  /** Takes the bytes of one whole segment. They never change afterwards. */
  write(bytes: Uint8Array): void;
  close(): void;
}
