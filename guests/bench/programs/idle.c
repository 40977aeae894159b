/* Sleeps in WFI, with a tick a second, until a `q` arrives on the UART. (Without a tick, QEMU's recording never wakes.) */
#include "bench.h"
#include "privileged.h"

static volatile uint8_t *const uart = (volatile uint8_t *)0x10000000;
static volatile uint32_t *const priority = (volatile uint32_t *)0x0c000000;
static volatile uint32_t *const enable = (volatile uint32_t *)0x0c002000;
static volatile uint32_t *const threshold = (volatile uint32_t *)0x0c200000;
static volatile uint32_t *const claim = (volatile uint32_t *)0x0c200004;
static volatile uint64_t *const mtimecmp = (volatile uint64_t *)0x02004000;
static volatile uint64_t *const mtime = (volatile uint64_t *)0x0200bff8;

enum { RBR = 0, IER = 1, LSR = 5, IER_RDI = 1, LSR_DR = 1, UART_SOURCE = 10, MIE_MEIE = 1 << 11, MIE_MTIE = 1 << 7, TICKS_A_SECOND = 10000000 };

uint64_t run(void)
{
    priority[UART_SOURCE] = 1;
    enable[0] = 1u << UART_SOURCE;
    threshold[0] = 0;
    uart[IER] = IER_RDI;
    /* mstatus.MIE stays off: a pending interrupt ends the WFI and is not taken. */
    csr_set(mie, MIE_MEIE | MIE_MTIE);
    *mtimecmp = *mtime + TICKS_A_SECOND;
    print("idle ready\n");
    for (uint64_t c = 0; c != 'q';) {
        while (!(uart[LSR] & LSR_DR)) {
            __asm__ volatile("wfi");
            if (*mtime >= *mtimecmp)
                *mtimecmp += TICKS_A_SECOND;
        }
        c = uart[RBR];
        *claim = *claim;
    }
    return 'q';
}
