#!/bin/sh
# Builds the virtio guest: build.sh [OUTPUT], default virtio.elf beside this file. The same sources give the same bytes
# with Debian 12's riscv64-unknown-elf-gcc (12.2.0); guests/demo/build.sh says how.
set -eu
LC_ALL=C
export LC_ALL
output=$(realpath "${1:-$(dirname "$0")/virtio.elf}")
cd "$(dirname "$0")"
compiler=${CC:-riscv64-unknown-elf-gcc}
headers=$(realpath "$($compiler -print-file-name=include)")

$compiler -march=rv64imac_zicsr -mabi=lp64 -mcmodel=medany -mno-relax -std=c11 -O2 -g \
    -ffreestanding -nostdlib -static -fno-common -fno-tree-loop-distribute-patterns \
    -Wall -Wextra -Werror -gno-record-gcc-switches -gno-variable-location-views -gno-statement-frontiers \
    -ffile-prefix-map="$PWD"=virtio -ffile-prefix-map="$headers"=gcc \
    -Wa,--debug-prefix-map="$PWD"=virtio \
    -Wl,--build-id=none,--no-warn-rwx-segments,-T,../demo/demo.ld \
    -o "$output" \
    start.S main.c virtio.c platform.c
