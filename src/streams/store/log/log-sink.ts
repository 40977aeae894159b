/** Where a recording goes. */
export interface LogSink {
  /** Takes the bytes of one whole segment; they are never changed afterwards. */
  write(bytes: Uint8Array): void;
  close(): void;
}
