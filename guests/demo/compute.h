/* Work without I/O, and the checksum that others use. */
#pragma once
#include "platform.h"

uint32_t crc32(uint32_t seed, const uint8_t *bytes, size_t size);
uint32_t primes_below(uint32_t limit);
