#!/bin/sh
# Builds the demo firmware: build.sh [OUTPUT [EXTRA_FLAG...]], default demo.elf beside this file.
# The same sources give the same bytes on each build, in any directory, with Debian 12's riscv64-unknown-elf-gcc (12.2.0):
# sources are named in a fixed order, paths in the debug information are relative, no time or build id enters the file.
set -eu
LC_ALL=C
export LC_ALL
case "${1:-}" in
"") output=$(dirname "$0")/demo.elf ;;
*) output=$1 && shift ;;
esac
output=$(realpath "$output")
cd "$(dirname "$0")"
compiler=${CC:-riscv64-unknown-elf-gcc}
headers=$(realpath "$($compiler -print-file-name=include)")

$compiler -march=rv64imac_zicsr -mabi=lp64 -mcmodel=medany -mno-relax -std=c11 -O2 -g \
    -ffreestanding -nostdlib -static -fno-common -fno-tree-loop-distribute-patterns \
    -Wall -Wextra -Werror -gno-record-gcc-switches -gno-variable-location-views -gno-statement-frontiers \
    -ffile-prefix-map="$PWD"=demo -ffile-prefix-map="$headers"=gcc \
    -Wa,--debug-prefix-map="$PWD"=demo \
    -Wl,--build-id=none,--no-warn-rwx-segments,-T,demo.ld "$@" \
    -o "$output" \
    start.S main.c trap.c timer.c plic.c uart.c console.c format.c log.c string.c fdt.c finisher.c \
    shell.c compute.c memtest.c link.c race.c
