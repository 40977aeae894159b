/* Reads and writes at random places of 16 MiB: what a translation buffer and a cache can't hold. */
#include "bench.h"

enum { WORDS = (16 << 20) / 8, ACCESSES = 30000000 };

static uint64_t memory[WORDS];

uint64_t run(void)
{
    uint64_t x = 88172645463325252u, sum = 0;
    for (int i = 0; i < ACCESSES; i++) {
        x = xorshift(x);
        uint64_t *word = &memory[x % WORDS];
        sum += *word;
        *word = sum ^ x;
    }
    return sum;
}
