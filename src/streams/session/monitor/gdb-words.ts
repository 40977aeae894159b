/** Words of gdb's that are no command here, each with what does most of its work: it begins with that command. */

const ARRIVE = "run_until FUNCTION, or run_until *ADDRESS, runs to the next time that the pc is there";
const OVER = "step N goes on by instructions; run_until *ADDRESS passes a call";

export const GDB_WORDS: ReadonlyMap<string, string> = new Map([
  ["until", ARRIVE],
  ["nexti", OVER],
  ["disassemble", "x /Ni $pc shows N instructions"],
  ["display", "print EXPRESSION shows a value once"],
  ["printf", "print EXPRESSION shows one value"],
  ["set", "type TEXT at the guest's console is all that changes it: a recording has no other input of a monitor's"],
  ["list", "x /Ni $pc shows N instructions; there are no source lines"],
]);
