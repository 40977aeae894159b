#!/bin/sh
# Builds every benchmark program: build.sh [DIRECTORY], default elf/ beside this file.
# The same sources give the same bytes on each build, in any directory, with Debian 12's riscv64-unknown-elf-gcc (12.2.0).
set -eu
LC_ALL=C
export LC_ALL
here=$(realpath "$(dirname "$0")")
output=${1:-$here/elf}
mkdir -p "$output"
output=$(realpath "$output")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiler=${CC:-riscv64-unknown-elf-gcc}
"$here/cold.sh" >"$work/cold.c"
cd "$here"

build() {
    name=$1 && source=$2 && shift 2
    # -ffp-contract=off: a fused multiply-add only where the source says so.
    $compiler -march=rv64gc_zicsr_zifencei -mabi=lp64d -mcmodel=medany -mno-relax -std=gnu11 -O2 -ffp-contract=off \
        -ffreestanding -fno-math-errno -nostdlib -static -fno-common -fno-tree-loop-distribute-patterns \
        -Wall -Wextra -Wno-main -Werror -I. -DPROGRAM="\"$name\"" "$@" \
        -Wl,--build-id=none,--no-warn-rwx-segments,-s,-T,bench.ld \
        -o "$output/$name.elf" start.S privileged.S runtime.c "$source"
}

for source in programs/*.c "$work/cold.c"; do
    build "$(basename "$source" .c)" "$source"
done
build timer-long programs/timer.c -DINTERRUPTS=1000000
