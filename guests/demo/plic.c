/* PLIC, context 0: one source, the UART. */
#include "interrupt.h"
#include "uart.h"

#define PRIORITY(source) (PLIC + 4 * (source))
#define ENABLE           (PLIC + 0x2000)
#define THRESHOLD        (PLIC + 0x200000)
#define CLAIM_COMPLETE   (PLIC + 0x200004)

void plic_start(void)
{
    MMIO32(PRIORITY(UART_IRQ)) = 1;
    MMIO32(ENABLE) = 1u << UART_IRQ;
    MMIO32(THRESHOLD) = 0;
}

void plic_dispatch(void)
{
    uint32_t source;
    while ((source = MMIO32(CLAIM_COMPLETE)) != 0) {
        if (source == UART_IRQ)
            uart_interrupt();
        MMIO32(CLAIM_COMPLETE) = source;
    }
}
