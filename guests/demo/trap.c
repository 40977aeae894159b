/* Dispatches every trap: timer tick, external interrupt, or a fault, which ends the run. */
#include "csr.h"
#include "console.h"
#include "finisher.h"
#include "interrupt.h"
#include "timer.h"

#define INTERRUPT          (1ul << 63)
#define MACHINE_TIMER      (INTERRUPT | 7)
#define MACHINE_EXTERNAL   (INTERRUPT | 11)

void trap_handle(uint64_t cause, uint64_t pc, uint64_t value)
{
    switch (cause) {
    case MACHINE_TIMER:
        timer_tick();
        return;
    case MACHINE_EXTERNAL:
        plic_dispatch();
        return;
    default:
        console_print("\ntrap: mcause 0x%lx, mepc 0x%lx, mtval 0x%lx\n", cause, pc, value);
        finisher_fail(FAIL_TRAP);
    }
}
