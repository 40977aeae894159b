/* A million ecalls from U-mode to M-mode and back. */
#include "bench.h"
#include "privileged.h"

enum { CALLS = 1000000 };

static uint64_t call_often(void)
{
    uint64_t value = 0;
    for (int i = 0; i < CALLS; i++)
        value = ecall(value * 3);
    return value;
}

uint64_t run(void) { return call_in_mode(call_often, USER); }
