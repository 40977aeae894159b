#include "harts.h"

uint32_t harts_count;

static struct meeting of_all;

static volatile uint32_t request;
static volatile uint32_t answers;

void harts_meet_at(struct meeting *meeting, uint32_t harts)
{
    uint32_t number = meeting->number;
    fence();
    if (atomic_add(&meeting->arrived, 1) + 1 == harts) {
        meeting->arrived = 0;
        fence();
        meeting->number = number + 1;
    } else {
        while (meeting->number == number)
            pause();
    }
    fence();
}

void harts_meet(void) { harts_meet_at(&of_all, harts_count); }

void harts_interrupt(uint64_t hart)
{
    fence_for_device();
    MMIO32(CLINT + 4 * hart) = 1;
}

void harts_request(uint64_t own, enum request wanted)
{
    request = wanted;
    answers = 0;
    fence();
    for (uint64_t hart = 0; hart < harts_count; hart++)
        if (hart != own)
            harts_interrupt(hart);
    while (answers != harts_count - 1)
        pause();
    fence();
}

void harts_answer(uint64_t hart)
{
    MMIO32(CLINT + 4 * hart) = 0;
    /* The store is done before the request is read: a request after it interrupts again. */
    __asm__ volatile("fence iorw, iorw" ::: "memory");
    if (request == REQUEST_FENCE_I)
        __asm__ volatile("fence.i" ::: "memory");
    else
        __asm__ volatile("sfence.vma" ::: "memory");
    atomic_add(&answers, 1);
}
