// What a recording's guest printed on its console.
import { lastValueFrom } from "rxjs";

import { openRecording } from "../../src/streams/session/open-recording.js";

export const consoleTextOf = async (path: string): Promise<string> => {
  const recording = openRecording(path);
  const machine = recording.openMachine();
  let text = "";
  machine.listen((effect) => {
    if (effect.type === "console/transmitted") text += Buffer.from(effect.bytes).toString("latin1");
  });
  await lastValueFrom(recording.replay$(machine));
  return text;
};
