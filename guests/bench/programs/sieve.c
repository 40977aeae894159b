/* The sieve of Eratosthenes over a megabyte of flags. */
#include "bench.h"

enum { LIMIT = 1 << 20, ROUNDS = 120 };

static uint8_t composite[LIMIT];

uint64_t run(void)
{
    uint64_t sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < LIMIT; i++)
            composite[i] = 0;
        for (uint32_t i = 2; i < LIMIT; i++) {
            if (composite[i])
                continue;
            sum += i ^ (uint32_t)round;
            for (uint64_t j = (uint64_t)i * i; j < LIMIT; j += i)
                composite[j] = 1;
        }
    }
    return sum;
}
