// The room that the guest is told of.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ReceiveWindow } from "../../../src/streams/net/receive-window.js";

const ROOM = 256 << 10;

const opened = (isScaled: boolean) => {
  const application = { unconsumedBytes: 0 };
  const window = new ReceiveWindow(() => application.unconsumedBytes);
  window.opened(999, isScaled);
  return { application, window };
};

test("given an application that reads, when the window is told, then it is all of the room; unscaled, what the field holds", () => {
  assert.is(opened(true).window.tell(), ROOM / 8);
  assert.is(opened(false).window.tell(), 0xffff);
});

test("given what was promised, when the application reads no more, then it is not taken back", () => {
  const { application, window } = opened(true);
  window.tell();
  application.unconsumedBytes = ROOM;
  assert.is(window.bytes, ROOM);
  window.take(ROOM);
  assert.is(window.bytes, 0);
  assert.is(window.tell(), 0);
});

// RFC 9293 §3.8.6.2.2: the silly window syndrome.
test("given a closed window, when it opens by less than two segments, then that is not worth telling; by two, it is", () => {
  const { application, window } = opened(true);
  window.tell();
  application.unconsumedBytes = ROOM;
  window.take(ROOM);
  window.tell();
  assert.not(window.isWorthTelling, "nothing has changed");
  application.unconsumedBytes = ROOM - 2 * 1460 + 1;
  assert.not(window.isWorthTelling);
  application.unconsumedBytes = ROOM - 2 * 1460;
  assert.ok(window.isWorthTelling);
});

test.run();
