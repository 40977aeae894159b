#!/bin/sh
# Builds the programs for several harts: build.sh [OUTPUT], default harts.elf beside this file.
set -eu
here=$(dirname "$0")
exec "$here/../compile.sh" harts "${1:-$here/harts.elf}" -march=rv64imac_zicsr_zifencei \
    start.S main.c trap.c harts.c console.c device-tree.c \
    locks.c messages.c barrier.c code.c shootdown.c litmus.c bugs.c
