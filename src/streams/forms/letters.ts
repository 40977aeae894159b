/** Rows have what a console took as Latin-1, a character a byte. Who shows it to people takes it for UTF-8. */
export const bytesOfLatin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Of a line, which no letter reaches out of. */
export const lettersOf = (line: string): string => DECODER.decode(bytesOfLatin1(line));

const DECODER = new TextDecoder();
