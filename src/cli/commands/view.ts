/** `foldvm view`: recordings on a page, in a browser. */
import { openBrowser } from "../../streams/host/open-browser.js";
import { writePieces } from "../../streams/host/pieces-file.js";
import type { Stdio } from "../../streams/host/stdio.js";
import { requireFree } from "../../streams/host/whole-file.js";
import { writeAllBytes } from "../../streams/host/write-all.js";
import { pageOf, pageRecording, type PageRecording } from "../../streams/page/index.js";
import { openRecording } from "../../streams/session/open-recording.js";
import type { Arguments } from "../arguments.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { bytes } from "../figures.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { requireImagesKept } from "../overwritten-input.js";
import { SERVER_OPTIONS, serveFiles, serverOptions } from "../served-files.js";
import { STANDARD_STREAM } from "../standard-stream.js";

const OPTIONS = {
  export: {
    value: "PAGE.html",
    file: "written",
    help: "write all of it into one file of HTML, which needs no server; -: standard output",
  },
  "no-sources": { help: "leave out of it what the guest's program was compiled from" },
  force: { short: "f", help: "overwrite it" },
  "no-open": { help: "say where the page is, and open no browser" },
  quiet: { short: "q", help: "say nothing" },
  ...SERVER_OPTIONS,
  port: { ...SERVER_OPTIONS.port, help: "where to listen (any that is free)" },
  ...NAMED_RECORDING_OPTIONS,
} as const;

/** More would not fit on a screen under each other, nor into a browser. */
const MOST_FILES = 16;

export const view = command({
  name: "view",
  operand: "FILE",
  more: { words: "FILE...", most: MOST_FILES - 1 },
  summary: "Shows recordings on a page: a timeline, and the machine at every moment of it.",
  options: OPTIONS,
  notes:
    "The page comes from a server on this host, until a signal ends it.\n" +
    "With --export it holds all that it needs: the recordings, their images, the replay itself, the states that\n" +
    "foldvm index has kept, and the sources that debugging information names. It opens from a disk, and asks nobody\n" +
    "for anything.\n" +
    "Example: foldvm view boot.fold --export boot.html\n",
  read(args) {
    const output = args.get("export");
    const server = serverOptions(args);
    if (output !== undefined) return (stdio) => exported(args, output, stdio);
    return (stdio) =>
      serveFiles(stdio, {
        paths: args.operands,
        recording: namedRecordingOptions(args),
        server: { ...server, port: server.port ?? 0 },
        started(url) {
          stdio.stderr.write(`foldvm: ${url}\n`);
          if (!args.has("no-open")) openBrowser(url);
        },
      });
  },
});

async function exported(args: Arguments<typeof OPTIONS>, output: string, stdio: Stdio): Promise<number> {
  const isPiped = output === STANDARD_STREAM;
  if (!isPiped) requireFree(output, args.has("force"));
  const shown = args.operands.map((path): PageRecording => {
    const recording = openRecording(path, namedRecordingOptions(args));
    requireImagesKept(args, recording.info.images, path);
    const made = pageRecording(fileName(path), recording);
    return args.has("no-sources") ? { ...made, sources: [] } : made;
  });
  const pieces = pageOf(shown);
  const byteLength = isPiped
    ? await writeAllBytes(stdio.stdout, pieces)
    : writePieces(output, pieces, args.has("force"));
  if (!args.has("quiet")) stdio.stderr.write(`foldvm: ${output}, ${bytes(byteLength)}\n`);
  return EXIT.done;
}

const fileName = (path: string): string => path.replace(/^.*[/\\]/, "");
