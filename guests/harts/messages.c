/* A number goes round the harts: each waits for an interrupt, reads what was left for it, and leaves more to the next. */
#include "program.h"

#define LAPS 50u

static uint64_t letters[MAX_HARTS];
static uint64_t result;

static void await(uint64_t hart)
{
    while ((csr_read(mip) & MIE_MSIE) == 0)
        wait_for_interrupt();
    MMIO32(CLINT + 4 * hart) = 0;
    __asm__ volatile("fence iorw, iorw" ::: "memory");
}

static void run(uint64_t hart)
{
    /* It wakes from WFI, and is not taken. */
    csr_write(mie, MIE_MSIE);
    harts_meet();
    uint64_t next = hart + 1 == harts_count ? 0 : hart + 1;
    if (hart == 0) {
        letters[next] = 1;
        harts_interrupt(next);
    }
    for (uint32_t lap = 0; lap < LAPS; lap++) {
        await(hart);
        uint64_t letter = *(volatile uint64_t *)&letters[hart] * 3 + hart;
        if (hart == 0)
            result = letter;
        if (hart == 0 && lap + 1 == LAPS)
            break;
        *(volatile uint64_t *)&letters[next] = letter;
        harts_interrupt(next);
    }
    csr_write(mie, 0);
}

static bool report(void)
{
    uint64_t expected = 1;
    for (uint32_t lap = 0; lap < LAPS; lap++)
        for (uint32_t step = 1; step <= harts_count; step++)
            expected = expected * 3 + step % harts_count;
    print("letter ");
    print_hex(result);
    return result == expected;
}

const struct program messages = {"messages", 2, run, report};
