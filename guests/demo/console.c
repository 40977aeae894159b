#include "console.h"
#include "csr.h"
#include "uart.h"

#define INPUT_SIZE 256u
#define PRINT_SIZE 192u /* longer texts are cut */

/* One writer (the interrupt) for head, one reader for tail, and no counter that both would have to update. */
static volatile uint8_t input[INPUT_SIZE];
static volatile uint32_t head;
static volatile uint32_t tail;

volatile uint32_t console_idles;

void console_receive(uint8_t byte)
{
    if (head - tail == INPUT_SIZE)
        return;
    input[head % INPUT_SIZE] = byte;
    head++;
}

static char read_char(void)
{
    while (head == tail) {
        /* WFI also wakes for an interrupt that mstatus.MIE holds back, so a byte that arrives between the test and
           the WFI does not leave us asleep. */
        interrupts_disable();
        if (head == tail) {
            console_idles++;
            wait_for_interrupt();
        }
        interrupts_enable();
    }
    char c = (char)input[tail % INPUT_SIZE];
    tail++;
    return c;
}

void console_print(const char *text, ...)
{
    char line[PRINT_SIZE];
    va_list arguments;
    va_start(arguments, text);
    format(line, sizeof line, text, arguments);
    va_end(arguments);
    for (const char *c = line; *c != '\0'; c++) {
        if (*c == '\n')
            uart_put('\r');
        uart_put(*c);
    }
}

void console_read_line(char *line, size_t size)
{
    static bool after_return;
    size_t length = 0;
    for (;;) {
        char c = read_char();
        bool second_half_of_crlf = c == '\n' && after_return;
        after_return = c == '\r';
        if (second_half_of_crlf)
            continue;
        if (c == '\r' || c == '\n') {
            line[length] = '\0';
            console_print("\n");
            return;
        }
        if ((c == '\b' || c == 0x7f) && length > 0) {
            length--;
            console_print("\b \b");
        } else if (c >= ' ' && c <= '~' && length + 1 < size) {
            line[length++] = c;
            console_print("%c", c);
        }
    }
}
