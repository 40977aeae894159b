/* Code that one hart writes and the others execute: it asks them for fence.i before they call it again. */
#include "program.h"

#define ROUNDS 40u

/* addi a0, zero, value; ret. */
static volatile uint32_t function[2];
static volatile uint32_t stale;
static volatile uint32_t calls;

static uint32_t call(void) { return ((uint32_t(*)(void))(uintptr_t)function)(); }

static void write(uint32_t value)
{
    function[0] = value << 20 | 10u << 7 | 0x13u;
    function[1] = 0x00008067u;
    __asm__ volatile("fence.i" ::: "memory");
}

static void run(uint64_t hart)
{
    interrupts_on();
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        harts_meet();
        /* The writers take turns. */
        if (hart == round % harts_count) {
            write(round);
            harts_request(hart, REQUEST_FENCE_I);
        }
        harts_meet();
        if (call() != round)
            atomic_add(&stale, 1);
        atomic_add(&calls, 1);
    }
    interrupts_off();
}

static bool report(void)
{
    print("calls ");
    print_number(calls);
    print(", stale ");
    print_number(stale);
    return stale == 0 && calls == ROUNDS * harts_count;
}

const struct program code = {"code", 2, run, report};
