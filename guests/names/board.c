#include "board.h"

#define FINISHER_PASS 0x5555

void print(const char *text)
{
    while (*text)
        put(*text++);
}

static void print_decimal(uint64_t value)
{
    if (value >= 10)
        print_decimal(value / 10);
    put((char)('0' + value % 10));
}

void print_number(const char *name, uint64_t value)
{
    print(name);
    put(' ');
    print_decimal(value);
    put('\n');
}

void power_off(void) { *(volatile uint32_t *)0x00100000ul = FINISHER_PASS; }
