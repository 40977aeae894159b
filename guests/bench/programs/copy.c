/* Copies of blocks in words, eight to a round, and in bytes where the two ends are not aligned alike. */
#include "bench.h"

enum { BYTES = 1 << 18, ROUNDS = 28000 };

static uint64_t from[BYTES / 8 + 8], to[BYTES / 8 + 8];

__attribute__((noinline)) static void copy(void *target, const void *source, size_t count)
{
    uint8_t *t = target;
    const uint8_t *s = source;
    if (((uintptr_t)t & 7) == ((uintptr_t)s & 7)) {
        for (; count && (uintptr_t)t & 7; count--)
            *t++ = *s++;
        uint64_t *wide = (uint64_t *)t;
        const uint64_t *source_wide = (const uint64_t *)s;
        for (; count >= 64; count -= 64, wide += 8, source_wide += 8) {
            uint64_t a = source_wide[0], b = source_wide[1], c = source_wide[2], d = source_wide[3];
            uint64_t e = source_wide[4], f = source_wide[5], g = source_wide[6], h = source_wide[7];
            wide[0] = a, wide[1] = b, wide[2] = c, wide[3] = d, wide[4] = e, wide[5] = f, wide[6] = g, wide[7] = h;
        }
        t = (uint8_t *)wide;
        s = (const uint8_t *)source_wide;
    }
    for (; count; count--)
        *t++ = *s++;
}

uint64_t run(void)
{
    uint64_t x = 88172645463325252u, sum = 0;
    for (int i = 0; i < BYTES / 8 + 8; i++)
        from[i] = x = xorshift(x);
    for (int round = 0; round < ROUNDS; round++) {
        /* One copy of sixteen is misaligned, and a quarter as long. */
        if (round % 16 == 15)
            copy((uint8_t *)to + 1, (uint8_t *)from + round % 8, BYTES / 4);
        else
            copy((uint8_t *)to + round % 8, (uint8_t *)from + round % 8, BYTES);
        sum = sum * 31 + to[(unsigned)round * 40503u % (BYTES / 8)];
        from[(unsigned)round % (BYTES / 8)] ^= sum;
    }
    return sum;
}
