/* The UART, polled, and the test finisher, which ends a run. Only one hart at a time may print. */
#pragma once
#include "platform.h"

enum { EXIT_PASS = 0, EXIT_FAIL = 1, EXIT_USAGE = 2, EXIT_TRAP = 127 };

void print(const char *text);
void print_number(uint64_t number);
void print_hex(uint64_t number);
__attribute__((noreturn)) void finish(uint16_t code);
