#!/bin/sh
# Compiles a bare-metal guest in C: compile.sh NAME OUTPUT ARGUMENT..., with the sources in the folder NAME beside this file.
# The same sources give the same bytes on each build, in any directory, with Debian 12's riscv64-unknown-elf-gcc (12.2.0):
# sources are named in a fixed order, paths in the debug information are relative, no time or build id enters the file.
set -eu
LC_ALL=C
export LC_ALL
name=$1
output=$(realpath "$2")
shift 2
cd "$(dirname "$0")/$name"
compiler=${CC:-riscv64-unknown-elf-gcc}
headers=$(realpath "$($compiler -print-file-name=include)")

exec "$compiler" -march=rv64imac_zicsr -mabi=lp64 -mcmodel=medany -mno-relax -std=c11 -O2 -g \
    -ffreestanding -nostdlib -static -fno-common -fno-tree-loop-distribute-patterns \
    -Wall -Wextra -Werror -gno-record-gcc-switches -gno-variable-location-views -gno-statement-frontiers \
    -ffile-prefix-map="$PWD"="$name" -ffile-prefix-map="$headers"=gcc \
    -Wa,--debug-prefix-map="$PWD"="$name" \
    -Wl,--build-id=none,--no-warn-rwx-segments,-T,../image.ld \
    -o "$output" "$@"
