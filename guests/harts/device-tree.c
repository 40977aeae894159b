/* One pass over a flattened device tree (Devicetree Specification 0.4, chapter 5). */
#include "device-tree.h"

#define MAGIC      0xd00dfeedu
#define BEGIN_NODE 1u
#define END_NODE   2u
#define PROP       3u
#define NOP        4u

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static size_t aligned(size_t size) { return (size + 3) & ~(size_t)3; }

static size_t length(const char *text)
{
    size_t count = 0;
    while (text[count] != '\0')
        count++;
    return count;
}

bool text_equals(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return *a == *b;
}

static bool is_hart(const char *node)
{
    const char *prefix = "cpu@";
    while (*prefix != '\0')
        if (*node++ != *prefix++)
            return false;
    return true;
}

bool device_tree_read(uint64_t address, struct board *board)
{
    const uint8_t *tree = (const uint8_t *)address;
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
            /* /cpus/cpu@N */
            if (++depth == 3 && is_hart(node))
                board->harts++;
            at += aligned(length(node) + 1);
        } else if (token == END_NODE) {
            depth--;
            node = "";
        } else if (token == PROP) {
            uint32_t size = be32(at);
            const char *name = strings + be32(at + 4);
            if (depth == 2 && text_equals(node, "chosen") && text_equals(name, "bootargs"))
                for (size_t i = 0; i < size && i + 1 < sizeof board->bootargs; i++)
                    board->bootargs[i] = (char)at[8 + i];
            at += 8 + aligned(size);
        } else if (token != NOP) {
            return board->harts != 0;
        }
    }
}
