#!/bin/sh
# Builds the virtio guest: build.sh [OUTPUT], default virtio.elf beside this file.
set -eu
here=$(dirname "$0")
exec "$here/../compile.sh" virtio "${1:-$here/virtio.elf}" start.S main.c virtio.c platform.c
