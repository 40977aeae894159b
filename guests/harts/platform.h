/* The part of QEMU's virt board that these programs use, and the few instructions that C has no words for. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FINISHER 0x00100000ul
#define CLINT    0x02000000ul
#define UART     0x10000000ul

#define MAX_HARTS 8u

#define MIE_MSIE     (1ul << 3)
#define MSTATUS_MIE  (1ul << 3)
#define MSTATUS_MPP  (3ul << 11)
#define MSTATUS_MPP_S (1ul << 11)

#define MMIO8(address)  (*(volatile uint8_t *)(address))
#define MMIO32(address) (*(volatile uint32_t *)(address))

#define csr_read(csr)                                                                                                  \
    ({                                                                                                                 \
        uint64_t value_;                                                                                               \
        __asm__ volatile("csrr %0, " #csr : "=r"(value_)::"memory");                                                   \
        value_;                                                                                                        \
    })
#define csr_write(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"r"(value) : "memory")
#define csr_set(csr, bits)    __asm__ volatile("csrs " #csr ", %0" ::"r"(bits) : "memory")
#define csr_clear(csr, bits)  __asm__ volatile("csrc " #csr ", %0" ::"r"(bits) : "memory")

static inline void fence(void) { __asm__ volatile("fence rw, rw" ::: "memory"); }
/* Stores reach memory before an interrupt that is sent after them. */
static inline void fence_for_device(void) { __asm__ volatile("fence w, o" ::: "memory"); }
static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }
/* Zihintpause, as a word: older assemblers have no name for it. */
static inline void pause(void) { __asm__ volatile(".word 0x0100000f" ::: "memory"); }

static inline uint32_t atomic_add(volatile uint32_t *at, uint32_t addend)
{
    uint32_t before;
    __asm__ volatile("amoadd.w.aqrl %0, %2, (%1)" : "=r"(before) : "r"(at), "r"(addend) : "memory");
    return before;
}
