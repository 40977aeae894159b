#include "uart.h"

/* PC16550D, table II. */
#define RBR_THR (UART + 0)
#define IER     (UART + 1)
#define FCR     (UART + 2)
#define LCR     (UART + 3)
#define MCR     (UART + 4)
#define LSR     (UART + 5)

#define IER_RECEIVED_DATA 0x01
#define FCR_ENABLE_CLEAR  0x07
#define LCR_8N1           0x03
#define MCR_DTR_RTS_OUT2  0x0b
#define LSR_DATA_READY    0x01
#define LSR_OVERRUN       0x02
#define LSR_THR_EMPTY     0x20

volatile struct uart_counters uart_counters;
static volatile uart_receiver receive;

void uart_start(uart_receiver receiver)
{
    receive = receiver;
    MMIO8(LCR) = LCR_8N1;
    MMIO8(FCR) = FCR_ENABLE_CLEAR;
    MMIO8(MCR) = MCR_DTR_RTS_OUT2;
    MMIO8(IER) = IER_RECEIVED_DATA;
}

void uart_give_to(uart_receiver receiver) { receive = receiver; }

void uart_interrupt(void)
{
    uint8_t status;
    uart_counters.interrupts++;
    while ((status = MMIO8(LSR)) & LSR_DATA_READY) {
        if (status & LSR_OVERRUN)
            uart_counters.overruns++;
        uart_counters.bytes++;
        receive(MMIO8(RBR_THR));
    }
}

void uart_put(char c)
{
    while (!(MMIO8(LSR) & LSR_THR_EMPTY)) {
    }
    MMIO8(RBR_THR) = (uint8_t)c;
}
