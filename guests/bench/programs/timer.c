/* A storm of timer interrupts: each one arms the next, two ticks of mtime ahead, while the program works. */
#include "bench.h"
#include "privileged.h"

/* A longer recording of the same kind comes from the same source. */
#ifndef INTERRUPTS
#define INTERRUPTS 100000
#endif

enum { PERIOD_TICKS = 2 };

static volatile uint64_t *const mtimecmp = (volatile uint64_t *)0x02004000;
static volatile uint64_t *const mtime = (volatile uint64_t *)0x0200bff8;
static volatile uint32_t interrupts;

enum { MIE_MTIE = 1 << 7, MSTATUS_MIE = 1 << 3 };

__attribute__((interrupt("machine"), aligned(4))) static void interrupted(void)
{
    *mtimecmp = ++interrupts < INTERRUPTS ? *mtime + PERIOD_TICKS : UINT64_MAX;
}

uint64_t run(void)
{
    uint64_t x = 88172645463325252u, sum = 0;
    csr_write(mtvec, interrupted);
    csr_set(mie, MIE_MTIE);
    *mtimecmp = 0;
    csr_set(mstatus, MSTATUS_MIE);
    while (interrupts < INTERRUPTS) {
        x = xorshift(x);
        sum += x & 1;
    }
    csr_clear(mstatus, MSTATUS_MIE);
    /* How much work fits between interrupts depends on the clock: it is no part of the result. */
    return interrupts;
}
