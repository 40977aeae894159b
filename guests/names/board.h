/* What this guest uses of QEMU's virt board: the UART to print on, the finisher to end the run. */
#pragma once
#include <stdint.h>

static inline void put(char c) { *(volatile uint8_t *)0x10000000ul = (uint8_t)c; }

void print(const char *text);
void print_number(const char *name, uint64_t value);
void power_off(void);
