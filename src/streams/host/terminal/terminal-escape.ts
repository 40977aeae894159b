/**
 * QEMU's escape of a terminal console: Ctrl-A X quits, Ctrl-A Ctrl-A types Ctrl-A, Ctrl-A H prints help, Ctrl-A C
 * switches between guest and monitor. Ctrl-A R, which resets, is our own.
 */
const CTRL_A = 0x01;

export interface EscapeActions {
  readonly type: (bytes: Uint8Array) => void;
  readonly quit: () => void;
  readonly reset: () => void;
  readonly help: () => void;
  /** Called with what is typed between one Ctrl-A C and the next. Called with nothing at the first one. */
  readonly monitor: (bytes: Uint8Array) => void;
}

export const ESCAPE_HELP = `
Ctrl-A H       this help
Ctrl-A C       to the monitor, and back
Ctrl-A X       switch the machine off
Ctrl-A R       reset the machine
Ctrl-A Ctrl-A  type Ctrl-A
`;

/** Takes what is typed on a raw terminal, in pieces of any size. */
export const terminalEscape = ({
  type: typeAtGuest,
  quit,
  reset,
  help,
  monitor,
}: EscapeActions): ((bytes: Uint8Array) => void) => {
  let isEscaped = false;
  let isAtMonitor = false;
  const type = (bytes: Uint8Array): void => {
    if (isAtMonitor) monitor(bytes);
    else typeAtGuest(bytes);
  };
  const change = (): void => {
    isAtMonitor = !isAtMonitor;
    if (isAtMonitor) monitor(new Uint8Array());
  };
  const command = (byte: number): void => {
    if (byte === CTRL_A) type(Uint8Array.of(CTRL_A));
    else if (byte === 0x43 || byte === 0x63) change();
    else if (byte === 0x58 || byte === 0x78) quit();
    else if (byte === 0x52 || byte === 0x72) reset();
    else if (byte === 0x48 || byte === 0x68 || byte === 0x3f) help();
    // As in QEMU, any other key is dropped with its escape.
  };
  return (bytes) => {
    let start = 0;
    bytes.forEach((byte, index) => {
      if (isEscaped) {
        isEscaped = false;
        start = index + 1;
        command(byte);
      } else if (byte === CTRL_A) {
        isEscaped = true;
        if (index > start) type(bytes.slice(start, index));
        start = index + 1;
      }
    });
    if (bytes.length > start) type(bytes.slice(start));
  };
};
