/* The part of printf that is needed here: %s %c %u %x %lu %lx %%, with width and zero padding as in %06u. */
#pragma once
#include <stdarg.h>
#include "platform.h"

#define FORMAT_CHECKED(text, first) __attribute__((format(printf, text, first)))

/* Writes at most size - 1 characters and a 0; returns how many it wrote, without the 0. */
size_t format(char *to, size_t size, const char *text, va_list arguments);
size_t format_text(char *to, size_t size, const char *text, ...) FORMAT_CHECKED(3, 4);
