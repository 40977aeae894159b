/* The part of QEMU's virt board that this firmware uses, in the order of its memory map. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FINISHER 0x00100000ul
#define CLINT    0x02000000ul
#define PLIC     0x0c000000ul
#define UART     0x10000000ul

#define UART_IRQ     10
#define TIMEBASE_HZ  10000000ul

#define MMIO8(address)  (*(volatile uint8_t *)(address))
#define MMIO32(address) (*(volatile uint32_t *)(address))
#define MMIO64(address) (*(volatile uint64_t *)(address))

/* Exit codes that the finisher hands to the host. */
enum { FAIL_RACE = 1, FAIL_RACE_TIMEOUT = 2, FAIL_MEMTEST = 3, FAIL_PANIC = 9, FAIL_TRAP = 127 };
