/** What a log point says: a text with expressions in braces, which mean what they mean where the machine is. */
import type { Inspected } from "../../../../machine/inspect.js";
import { frameIn } from "../../../past/names/frame.js";
import type { Names } from "../../../past/names/names.js";
import { evaluated } from "../data/evaluate.js";

export function logText(message: string, names: Names, at: Inspected): string {
  const view = { names, at, frame: frameIn({ names, at }) };
  return message.replaceAll(/\{([^{}]+)\}/g, (_, expression: string) => {
    try {
      return evaluated(expression, view, { isHex: false }).value;
    } catch (fault) {
      return `<${fault instanceof Error ? fault.message : String(fault)}>`;
    }
  });
}
