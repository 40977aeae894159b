/* S-mode under Sv39: a window of pages that are mapped anew all the time, with a fence after each change. */
#include "bench.h"
#include "privileged.h"

enum { ROUNDS = 180000, WINDOW_PAGES = 64, FRAMES = 256, TOUCHES = 24, FULL_FENCE_EVERY = 16 };

static uint64_t root[512] __attribute__((aligned(4096)));
static uint64_t middle[512] __attribute__((aligned(4096)));
static uint64_t leaf[512] __attribute__((aligned(4096)));
static uint64_t frames[FRAMES][512] __attribute__((aligned(4096)));

enum { V = 1, R = 2, W = 4, X = 8, A = 64, D = 128 };

#define DRAM 0x80000000u
#define WINDOW 0x40000000u

static uint64_t entry(const void *frame, uint64_t bits) { return (uint64_t)frame >> 12 << 10 | bits; }

static uint64_t supervise(void)
{
    uint64_t x = 88172645463325252u, sum = 0;
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        x = xorshift(x);
        uint64_t page = x % WINDOW_PAGES;
        leaf[page] = entry(frames[(x >> 8) % FRAMES], V | R | W | A | D);
        if (round % FULL_FENCE_EVERY)
            __asm__ volatile("sfence.vma %0, zero" ::"r"(WINDOW + page * 4096) : "memory");
        else
            __asm__ volatile("sfence.vma" ::: "memory");
        for (uint32_t touch = 0; touch < TOUCHES; touch++) {
            volatile uint64_t *word =
                (volatile uint64_t *)(WINDOW + (page + touch) % WINDOW_PAGES * 4096 + (x >> 16) % 512 * 8);
            sum = sum * 3 + *word;
            *word = sum ^ x;
        }
    }
    return sum;
}

uint64_t run(void)
{
    /* Privileged architecture 4.4: one gigapage for DRAM as it is, and the window through three levels. */
    root[DRAM >> 30] = (uint64_t)DRAM >> 12 << 10 | V | R | W | X | A | D;
    root[WINDOW >> 30] = entry(middle, V);
    middle[0] = entry(leaf, V);
    for (int page = 0; page < WINDOW_PAGES; page++)
        leaf[page] = entry(frames[page], V | R | W | A | D);
    csr_write(satp, 8ull << 60 | (uint64_t)root >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
    return call_in_mode(supervise, SUPERVISOR);
}
