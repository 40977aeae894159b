#include "platform.h"

#define FINISHER 0x00100000ul
#define PLIC     0x0c000000ul
#define UART     0x10000000ul

#define PLIC_PRIORITY(source) (PLIC + 4ul * (source))
/* Context 0: machine mode of hart 0. */
#define PLIC_ENABLE           (PLIC + 0x2000)
#define PLIC_THRESHOLD        (PLIC + 0x200000)
#define PLIC_CLAIM            (PLIC + 0x200004)

#define MIE_MEIE        0x800
#define FINISHER_PASS   0x5555

void print(const char *text)
{
    while (*text)
        MMIO8(UART) = (uint8_t)*text++;
}

void print_hex(const uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        MMIO8(UART) = (uint8_t)"0123456789abcdef"[bytes[i] >> 4];
        MMIO8(UART) = (uint8_t)"0123456789abcdef"[bytes[i] & 15];
    }
}

void wake_on(unsigned source)
{
    MMIO32(PLIC_PRIORITY(source)) = 1;
    MMIO32(PLIC_ENABLE) |= 1u << source;
    MMIO32(PLIC_THRESHOLD) = 0;
    __asm__ volatile("csrs mie, %0" ::"r"(MIE_MEIE));
}

unsigned wait_for_interrupt(void)
{
    for (;;) {
        unsigned source = MMIO32(PLIC_CLAIM);
        if (source)
            return source;
        __asm__ volatile("wfi" ::: "memory");
    }
}

void interrupt_done(unsigned source) { MMIO32(PLIC_CLAIM) = source; }

void power_off(void) { MMIO32(FINISHER) = FINISHER_PASS; }
