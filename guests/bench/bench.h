/* What every benchmark program shares: it defines `run`, whose checksum the runtime prints before it powers off. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* The program: its result depends on all of its work, so that no compiler and no emulator can leave any out. */
uint64_t run(void);

/* Text to the UART, for a program that talks before its end. */
void print(const char *text);

/* One round of xorshift64: the programs' only source of variety, the same on each run. */
static inline uint64_t xorshift(uint64_t x)
{
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

#endif
