/* The few CSR accesses that C code needs. */
#pragma once

#define MSTATUS_MIE (1ul << 3)
#define MIE_MTIE    (1ul << 7)
#define MIE_MEIE    (1ul << 11)

#define csr_set(csr, bits)   __asm__ volatile("csrs " #csr ", %0" ::"r"(bits) : "memory")
#define csr_clear(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"r"(bits) : "memory")

static inline void interrupts_enable(void) { csr_set(mstatus, MSTATUS_MIE); }
static inline void interrupts_disable(void) { csr_clear(mstatus, MSTATUS_MIE); }
static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }
