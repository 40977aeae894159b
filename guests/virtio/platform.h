/* What this guest uses of QEMU's virt board beside virtio: the UART to report on, the PLIC to be woken by, the finisher. */
#pragma once
#include <stdint.h>

#define MMIO8(address)  (*(volatile uint8_t *)(uintptr_t)(address))
#define MMIO16(address) (*(volatile uint16_t *)(uintptr_t)(address))
#define MMIO32(address) (*(volatile uint32_t *)(uintptr_t)(address))

void print(const char *text);
void print_hex(const uint8_t *bytes, uint32_t length);
/* Lets interrupts of this PLIC source end a wait. */
void wake_on(unsigned source);
/* Sleeps until a source asks, and answers which. */
unsigned wait_for_interrupt(void);
/* Once its device no longer asks. */
void interrupt_done(unsigned source);
void power_off(void);
