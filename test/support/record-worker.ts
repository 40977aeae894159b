/** A process that records what its first argument describes, as JSON, into the file of the second; its digest goes out as JSON. */
import { fileSink } from "../../src/streams/log/index.js";
import { recordTyped, type TypedRecording } from "./typed-recording.js";

const [description = "", path = ""] = process.argv.slice(2);
const { digest } = await recordTyped(JSON.parse(description) as TypedRecording, fileSink(path));
process.stdout.write(JSON.stringify(digest));
