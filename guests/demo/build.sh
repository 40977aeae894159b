#!/bin/sh
# Builds the demo firmware: build.sh [OUTPUT [EXTRA_FLAG...]], default demo.elf beside this file.
set -eu
here=$(dirname "$0")
output=${1:-$here/demo.elf}
[ $# -eq 0 ] || shift
exec "$here/../compile.sh" demo "$output" "$@" \
    start.S main.c trap.c timer.c plic.c uart.c console.c format.c log.c string.c fdt.c finisher.c \
    shell.c compute.c memtest.c link.c race.c
