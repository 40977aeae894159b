/**
 * A process that records what its standard input describes, as JSON, into the file of its argument; its digest goes out
 * as JSON.
 */
import { readFileSync } from "node:fs";

import { fileSink } from "../../src/streams/host/file-sink.js";
import { recordTyped, type TypedRecording } from "./typed-recording.js";

const [path = ""] = process.argv.slice(2);
const { digest } = await recordTyped(JSON.parse(readFileSync(0, "utf8")) as TypedRecording, fileSink(path));
process.stdout.write(JSON.stringify(digest));
