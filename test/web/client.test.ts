// The page's side of the protocol. Seen red: requests that nobody answered any more, and that waited for ever.
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { clientOf } from "../../web/client.js";

const test = suite("the page's client");

test("given a worker that ends, when requests wait for it or come later, then each is a fault that says why", async () => {
  let end: (why: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (end = resolve));
  const client = clientOf({ postMessage: () => undefined, addEventListener: () => undefined }, ended);
  const fault = async (): Promise<string> => {
    try {
      await client.ask("hash", { recording: 0, where: { icount: 0 } });
    } catch (error) {
      return String(error);
    }
    return "none";
  };
  const waiting = fault();
  end("it is out of memory");
  const expected = "WorkerEnded: the replay behind this page has ended: it is out of memory";
  assert.equal([await waiting, await fault()], [expected, expected]);
});

test.run();
