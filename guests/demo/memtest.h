/* Writes patterns over RAM, reads them back. */
#pragma once
#include "platform.h"

bool memtest(uint64_t *start, size_t bytes);
