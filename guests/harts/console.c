#include "console.h"

#define UART_THR 0
#define UART_LSR 5
#define LSR_THRE 0x20

#define FINISHER_FAIL 0x3333u
#define FINISHER_PASS 0x5555u

static void put(char character)
{
    while ((MMIO8(UART + UART_LSR) & LSR_THRE) == 0)
        ;
    MMIO8(UART + UART_THR) = (uint8_t)character;
}

void print(const char *text)
{
    while (*text != '\0')
        put(*text++);
}

static void print_in(uint64_t number, uint64_t base)
{
    char digits[20];
    size_t count = 0;
    do
        digits[count++] = "0123456789abcdef"[number % base];
    while ((number /= base) != 0);
    while (count > 0)
        put(digits[--count]);
}

void print_number(uint64_t number) { print_in(number, 10); }
void print_hex(uint64_t number) { print_in(number, 16); }

void finish(uint16_t code)
{
    MMIO32(FINISHER) = code == EXIT_PASS ? FINISHER_PASS : FINISHER_FAIL | (uint32_t)code << 16;
    for (;;)
        wait_for_interrupt();
}
