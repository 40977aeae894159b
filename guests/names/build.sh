#!/bin/sh
# Builds the guest for names: build.sh [OUTPUT [EXTRA_FLAG...]], default names.elf beside this file.
set -eu
here=$(dirname "$0")
output=${1:-$here/names.elf}
[ $# -eq 0 ] || shift
exec "$here/../compile.sh" names "$output" "$@" start.S main.c queue.c board.c
