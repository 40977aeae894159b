/* Leaves M-mode for a function and comes back. */
#ifndef PRIVILEGED_H
#define PRIVILEGED_H

#include <stdint.h>

#define csr_read(name) \
    ({ uint64_t value; __asm__ volatile("csrr %0, " #name : "=r"(value)::"memory"); value; })
#define csr_write(name, value) __asm__ volatile("csrw " #name ", %0" ::"r"((uint64_t)(value)) : "memory")
#define csr_set(name, value) __asm__ volatile("csrs " #name ", %0" ::"r"((uint64_t)(value)) : "memory")
#define csr_clear(name, value) __asm__ volatile("csrc " #name ", %0" ::"r"((uint64_t)(value)) : "memory")

enum mode { USER = 0, SUPERVISOR = 1 };

/* Runs `function` in the mode, on the same stack, with all memory open to it (PMP); its ecalls are served in M-mode. */
uint64_t call_in_mode(uint64_t (*function)(void), enum mode mode);

/* The service: M-mode gives back its argument plus one. */
static inline uint64_t ecall(uint64_t argument)
{
    register uint64_t a0 __asm__("a0") = argument;
    register uint64_t a7 __asm__("a7") = 0;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "t0", "memory");
    return a0;
}

#endif
