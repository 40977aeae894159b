#include "timer.h"

#define MTIMECMP (CLINT + 0x4000)
#define MTIME    (CLINT + 0xbff8)
#define PERIOD   (TIMEBASE_HZ / TICK_HZ)

volatile uint64_t timer_ticks;

uint64_t timer_now(void) { return MMIO64(MTIME); }

void timer_start(void) { MMIO64(MTIMECMP) = timer_now() + PERIOD; }

void timer_tick(void)
{
    timer_ticks++;
    /* From the last deadline, not from now: the rate does not drift. A deadline missed by far (a host that slept,
       without icount) starts afresh instead of catching up. */
    uint64_t next = MMIO64(MTIMECMP) + PERIOD;
    uint64_t now = timer_now();
    MMIO64(MTIMECMP) = next > now ? next : now + PERIOD;
}
