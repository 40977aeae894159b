/* The two facts that the firmware takes from the device tree. */
#pragma once
#include "platform.h"

struct board {
    uint64_t memory_start;
    uint64_t memory_bytes;
    uint64_t device_tree;
    char bootargs[128];
};

bool fdt_read_board(uint64_t address, struct board *board);
