#pragma once
#include "platform.h"

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
bool string_equals(const char *a, const char *b);
bool string_starts(const char *text, const char *prefix);
size_t string_length(const char *text);
