/* Code that is loaded, gets hot and is dropped, without end: a new loop in one page after the other of 16 MiB, and round again. */
#include "bench.h"

enum { PAGES = 4096, PAGE_WORDS = 1024, BODY = 24, AGAIN = 48, ITERATIONS = 12000 };

#ifndef VISITS
#define VISITS (1ull << 60)
#endif

typedef uint64_t loop(uint64_t value, uint64_t iterations);

static uint32_t area[PAGES][PAGE_WORDS] __attribute__((aligned(4096)));

/* a0 = a0 op imm, for addi and xori. */
static uint32_t on_a0(uint32_t funct3, uint32_t imm)
{
    return imm << 20 | 10 << 15 | funct3 << 12 | 10 << 7 | 0x13;
}

/* BODY random instructions, then: addi a1, a1, -1; bnez a1, back to the first; ret. */
static void load(uint32_t *code, uint64_t seed)
{
    for (int i = 0; i < BODY; i++) {
        seed = xorshift(seed);
        code[i] = on_a0(seed & 1 ? 0 : 4, seed >> 8 & 0xfff);
    }
    uint32_t back = -(BODY + 1) * 4;
    code[BODY] = 0xfff58593;
    code[BODY + 1] =
        (back >> 12 & 1) << 31 | (back >> 5 & 0x3f) << 25 | 11 << 15 | 1 << 12 | (back >> 1 & 0xf) << 8 | (back >> 11 & 1) << 7 | 0x63;
    code[BODY + 2] = 0x00008067;
}

uint64_t run(void)
{
    uint64_t value = 1, seed = 88172645463325252u;
    for (uint64_t visit = 0; visit < VISITS; visit++) {
        uint32_t *code = area[visit % PAGES];
        seed = xorshift(seed);
        load(code, seed);
        __asm__ volatile("fence.i" ::: "memory");
        value = ((loop *)code)(value, ITERATIONS);
        /* Another that was loaded a while ago, and is compiled by now. */
        if (visit >= AGAIN)
            value ^= ((loop *)area[(visit - AGAIN) % PAGES])(value, ITERATIONS / 4);
    }
    return value;
}
