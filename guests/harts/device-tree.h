/* The two facts that are taken from the device tree: how many harts there are, and /chosen bootargs. */
#pragma once
#include "platform.h"

struct board {
    uint32_t harts;
    char bootargs[64];
};

bool device_tree_read(uint64_t address, struct board *board);

bool text_equals(const char *a, const char *b);
