/* Phases: between two meetings no hart sees another one ahead or behind. */
#include "program.h"

#define PHASES 100u

static volatile uint32_t phases[MAX_HARTS];
static volatile uint32_t strays;

static void run(uint64_t hart)
{
    for (uint32_t phase = 1; phase <= PHASES; phase++) {
        phases[hart] = phase;
        harts_meet();
        for (uint32_t other = 0; other < harts_count; other++)
            if (phases[other] != phase)
                atomic_add(&strays, 1);
        harts_meet();
    }
}

static bool report(void)
{
    uint64_t sum = 0;
    for (uint32_t hart = 0; hart < harts_count; hart++)
        sum += phases[hart];
    print("phases ");
    print_number(sum);
    print(", strays ");
    print_number(strays);
    return strays == 0 && sum == (uint64_t)PHASES * harts_count;
}

const struct program barrier = {"barrier", 1, run, report};
