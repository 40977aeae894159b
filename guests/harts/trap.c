/* Traps: an interrupt of another hart is answered with the fence that it asks for; an ecall leads back to M mode. */
#include "console.h"
#include "harts.h"

#define SOFTWARE_INTERRUPT (1ul << 63 | 3)
#define ECALL_FROM_S 9ul

uint64_t trap_handle(uint64_t cause, uint64_t epc, uint64_t value)
{
    if (cause == SOFTWARE_INTERRUPT) {
        harts_answer(csr_read(mhartid));
        return epc;
    }
    if (cause == ECALL_FROM_S) {
        csr_set(mstatus, MSTATUS_MPP);
        return epc + 4;
    }
    print("trap: mcause ");
    print_hex(cause);
    print(", mepc ");
    print_hex(epc);
    print(", mtval ");
    print_hex(value);
    print("\n");
    finish(EXIT_TRAP);
}
