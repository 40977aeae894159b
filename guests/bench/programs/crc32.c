/* CRC-32 (IEEE 802.3, reflected) of a buffer, a byte at a time through a table. */
#include "bench.h"

enum { BYTES = 1 << 16, ROUNDS = 6400 };

static uint32_t table[256];
static uint8_t buffer[BYTES];

static uint32_t crc32(uint32_t crc, const uint8_t *bytes, size_t count)
{
    crc = ~crc;
    while (count--)
        crc = table[(crc ^ *bytes++) & 0xff] ^ (crc >> 8);
    return ~crc;
}

uint64_t run(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
        table[i] = crc;
    }
    uint64_t x = 88172645463325252u;
    for (int i = 0; i < BYTES; i++)
        buffer[i] = (uint8_t)(x = xorshift(x));
    uint32_t crc = 0;
    for (int round = 0; round < ROUNDS; round++)
        crc = crc32(crc, buffer, BYTES);
    return crc;
}
