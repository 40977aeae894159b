/** Rows in other tools' formats: the entry `foldvm/forms`, which the main one does not load. */
export { toAsciicast, type AsciicastOptions } from "./asciicast/asciicast.js";
export { toFirefoxProfile, type FirefoxOptions } from "./firefox/firefox.js";
export { firefoxQuestion, type FirefoxQuestion, type SampledFrame, type SampledStack } from "./firefox/question.js";
export { toPerfetto } from "./perfetto/perfetto.js";
export { perfettoQuestion, type PerfettoQuestions } from "./perfetto/questions.js";
export { toVcd, type VcdOptions } from "./vcd/vcd.js";
export type { FormRows } from "./form-rows.js";
export { toCloudEvents, type CloudEvent, type CloudEventsOptions } from "./cloud-events/cloud-events.js";
export { batchMessage, binaryMessage, structuredMessage, type CloudEventMessage } from "./cloud-events/messages.js";
