#include "compute.h"

/* CRC-32 as in zlib, four bits at a time: the table fits in one glance. */
static const uint32_t nibbles[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t crc32(uint32_t seed, const uint8_t *bytes, size_t size)
{
    uint32_t crc = ~seed;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ nibbles[crc & 15];
        crc = crc >> 4 ^ nibbles[crc & 15];
    }
    return ~crc;
}

/* Trial division on purpose: it is work for the divider, not for memory. */
uint32_t primes_below(uint32_t limit)
{
    uint32_t found = limit > 2 ? 1 : 0;
    for (uint32_t n = 3; n < limit; n += 2) {
        uint32_t divisor = 3;
        while (divisor * divisor <= n && n % divisor != 0)
            divisor += 2;
        found += divisor * divisor > n;
    }
    return found;
}
