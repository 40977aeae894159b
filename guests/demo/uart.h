/* 16550 UART: transmission is polled, reception comes by interrupt and goes to one receiver. */
#pragma once
#include "platform.h"

typedef void (*uart_receiver)(uint8_t byte);

struct uart_counters {
    uint32_t interrupts;
    uint32_t bytes;
    uint32_t overruns;
};
extern volatile struct uart_counters uart_counters;

void uart_start(uart_receiver receiver);
void uart_give_to(uart_receiver receiver);
void uart_interrupt(void);
void uart_put(char c);
