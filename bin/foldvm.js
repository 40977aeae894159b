#!/usr/bin/env node
// The foldvm command: everything it does is in src/cli, built into one file.
const { loadCommand } = require("./load-command.js");

const command = loadCommand();

if (command === undefined) {
  process.stderr.write(
    "foldvm is not built in this checkout. Run this in its folder first:  npm ci && npm run build\n",
  );
  process.exitCode = 1;
} else {
  void command.main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
