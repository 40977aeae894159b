/* CLINT timer: a periodic tick, and the time since reset. */
#pragma once
#include "platform.h"

#define TICK_HZ 1000ul

extern volatile uint64_t timer_ticks;

void timer_start(void);
void timer_tick(void);
uint64_t timer_now(void); /* in periods of TIMEBASE_HZ */
