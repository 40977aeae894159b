#include "memtest.h"
#include "console.h"

typedef uint64_t (*pattern)(size_t index);

static uint64_t own_address(size_t index) { return index * 0x0000000100000001ul; }
static uint64_t walking_one(size_t index) { return 1ul << (index % 64); }
static uint64_t walking_zero(size_t index) { return ~walking_one(index); }
static uint64_t checkerboard(size_t index) { return index % 2 ? 0xaaaaaaaaaaaaaaaaul : 0x5555555555555555ul; }

static const struct {
    const char *name;
    pattern at;
} patterns[] = {
    {"own address", own_address},
    {"walking one", walking_one},
    {"walking zero", walking_zero},
    {"checkerboard", checkerboard},
};

static bool run(volatile uint64_t *words, size_t count, pattern at)
{
    size_t part = count / 8;
    for (size_t i = 0; i < count; i++)
        words[i] = at(i);
    for (size_t i = 0; i < count; i++) {
        if (part != 0 && i % part == 0)
            console_print(".");
        uint64_t actual = words[i];
        if (actual != at(i)) {
            console_print(" FAIL at 0x%lx: 0x%lx, not 0x%lx\n", (uint64_t)&words[i], actual, at(i));
            return false;
        }
    }
    console_print(" OK\n");
    return true;
}

bool memtest(uint64_t *start, size_t bytes)
{
    console_print("memtest: %lu KiB at 0x%lx\n", bytes / 1024, (uint64_t)start);
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        console_print("  %s ", patterns[i].name);
        if (!run(start, bytes / sizeof *start, patterns[i].at))
            return false;
    }
    console_print("memtest: OK\n");
    return true;
}
