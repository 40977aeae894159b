/* The firmware's trace log: the last lines, in memory, free of the slow console. Main loop only. */
#pragma once
#include "format.h"

void log_write(const char *text, ...) FORMAT_CHECKED(1, 2);
void log_print(unsigned lines); /* the last ones, to the console */
