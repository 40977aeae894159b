/** What the host says of a call that it refused, for a message that names the file itself. */

/** Without the code, the system call and the path, which a file system's errors of Node.js carry along. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const { message } = cause;
  return "syscall" in cause ? message.replace(/^[A-Z0-9]+: /, "").replace(SYSTEM_CALL, "") : message;
}

/** `, open 'PATH'`, `, rename 'PATH' -> 'PATH'`, `, read`. */
const SYSTEM_CALL = /, [a-z]+(?: '.*')?$/s;
