/** The last line that a guest printed, fit to be shown in a line of ours. */
import { stripVTControlCharacters } from "node:util";

/** Of a console, a character a byte. Without blank lines, control characters and what is beyond `maxLetters`. */
export function lastLine(console: string, maxLetters: number): string {
  const lines = stripVTControlCharacters(Buffer.from(console, "latin1").toString("utf8"))
    .split(/[\r\n]+/)
    .map((line) => line.replace(/\p{C}/gu, "").trim());
  const letters = [...(lines.findLast((line) => line !== "") ?? "")];
  return letters.length <= maxLetters ? letters.join("") : `${letters.slice(0, maxLetters - 1).join("")}…`;
}
