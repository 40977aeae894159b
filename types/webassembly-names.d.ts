// The names of WebAssembly's types that foldvm's declarations mention, for programs that have no library "DOM": they merge with its.

declare namespace WebAssembly {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface Memory {}
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface Table {}
}
