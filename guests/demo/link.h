/* The serial link of the race job: a receive ring that the UART interrupt fills and the main loop drains.

   It has a bug, on purpose; guests/README.md tells which. It passes review, it passes most runs. */
#pragma once
#include "platform.h"

#define LINK_SIZE 64u

struct link {
    volatile uint32_t count; /* bytes waiting */
    volatile uint32_t head;  /* bytes ever received */
    volatile uint32_t tail;  /* bytes ever delivered */
    volatile uint64_t last_arrival;
    volatile uint8_t bytes[LINK_SIZE];
};
extern struct link link;

void link_receive(uint8_t byte); /* from the UART interrupt */
uint32_t link_read(uint8_t *to, uint32_t room);
