/* The console: formatted output, and lines typed by the user, with echo and backspace. */
#pragma once
#include "format.h"

void console_receive(uint8_t byte); /* from the UART interrupt */
void console_print(const char *text, ...) FORMAT_CHECKED(1, 2);
void console_read_line(char *line, size_t size);

extern volatile uint32_t console_idles; /* times that the reader slept in WFI */
