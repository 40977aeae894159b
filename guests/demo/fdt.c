/* One pass over a flattened device tree (Devicetree Specification 0.4, chapter 5): /memory reg and /chosen bootargs. */
#include "fdt.h"
#include "string.h"

#define MAGIC      0xd00dfeedu
#define BEGIN_NODE 1u
#define END_NODE   2u
#define PROP       3u
#define NOP        4u

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t be64(const uint8_t *at) { return (uint64_t)be32(at) << 32 | be32(at + 4); }

static size_t aligned(size_t size) { return (size + 3) & ~(size_t)3; }

bool fdt_read_board(uint64_t address, struct board *board)
{
    const uint8_t *tree = (const uint8_t *)address;
    board->device_tree = address;
    if (address == 0 || be32(tree) != MAGIC)
        return false;
    const uint8_t *at = tree + be32(tree + 8);
    const char *strings = (const char *)tree + be32(tree + 12);
    const char *node = "";
    unsigned depth = 0;
    for (;;) {
        uint32_t token = be32(at);
        at += 4;
        if (token == BEGIN_NODE) {
            node = (const char *)at;
            depth++;
            at += aligned(string_length(node) + 1);
        } else if (token == END_NODE) {
            depth--;
            node = "";
        } else if (token == PROP) {
            uint32_t size = be32(at);
            const char *name = strings + be32(at + 4);
            const uint8_t *value = at + 8;
            /* The virt board has two address cells and two size cells at its root. */
            if (depth == 2 && string_starts(node, "memory@") && string_equals(name, "reg") && size >= 16) {
                board->memory_start = be64(value);
                board->memory_bytes = be64(value + 8);
            }
            if (depth == 2 && string_equals(node, "chosen") && string_equals(name, "bootargs"))
                for (size_t i = 0; i < size && i + 1 < sizeof board->bootargs; i++)
                    board->bootargs[i] = (char)value[i];
            at += 8 + aligned(size);
        } else if (token != NOP) {
            return board->memory_bytes != 0;
        }
    }
}
