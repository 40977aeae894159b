/* What harts do together: wait for each other, interrupt each other, have each other's caches forgotten. */
#pragma once
#include "platform.h"

extern uint32_t harts_count;

/* A place to wait for others. All zeros at first. */
struct meeting {
    volatile uint32_t arrived;
    volatile uint32_t number;
};

/* Until so many harts are there. */
void harts_meet_at(struct meeting *meeting, uint32_t harts);
/* Until all harts are here. */
void harts_meet(void);

void harts_interrupt(uint64_t hart);

enum request { REQUEST_FENCE_I = 1, REQUEST_SFENCE = 2 };
/* Each other hart executes the fence, in its interrupt handler. Returns when all have. One hart at a time may ask. */
void harts_request(uint64_t own, enum request request);
/* From the handler. */
void harts_answer(uint64_t hart);

static inline void interrupts_on(void)
{
    csr_write(mie, MIE_MSIE);
    csr_set(mstatus, MSTATUS_MIE);
}
static inline void interrupts_off(void) { csr_clear(mstatus, MSTATUS_MIE); }
