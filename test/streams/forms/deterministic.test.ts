/** One recording has one export in each form, to the byte: no clock and no chance of the host is in it. */
import { setTimeout as sleep } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { EXPORT_FORMS } from "../../../src/cli/export-forms.js";
import { rows, type QuestionsByKind } from "../../../src/streams/rows/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";

type Form = keyof typeof EXPORT_FORMS;

/** Opened anew, so that nothing is left of a reading before. */
async function exported(form: Form, path: string): Promise<Buffer> {
  const recording = openRecording(path, { index: false });
  const pieces: Uint8Array[] = [];
  const source = {
    recording,
    range: {},
    of: undefined,
    rows: (questions: QuestionsByKind) => rows(recording, { questions }),
  };
  for await (const piece of EXPORT_FORMS[form].write(source)) pieces.push(Buffer.from(piece));
  recording.close();
  return Buffer.concat(pieces);
}

for (const form of Object.keys(EXPORT_FORMS) as Form[])
  for (const name of ["race-fails", "virtio"])
    test(`given the recording ${name}, when it is exported as ${form} twice, then both are the same bytes`, async () => {
      const path = `logs/${name}.fold`;
      const first = await exported(form, path);
      // Another instant of the host's clock, in its milliseconds too.
      await sleep(2);
      const second = await exported(form, path);
      assert.ok(first.length > 100);
      assert.is(Buffer.compare(first, second), 0);
    });

test.run();
