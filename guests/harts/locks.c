/* A counter under a lock, of three kinds: what is counted is right only if the lock holds. */
#include "program.h"

#define ROUNDS 300u

static volatile uint32_t lock;
static volatile uint32_t next_ticket, served_ticket;
/* Plain memory: nothing but the lock protects it. */
static volatile uint64_t counter;

static bool try_by_reservation(void)
{
    uint32_t failed;
    __asm__ volatile("1: lr.w.aq %0, (%1)\n"
                     "bnez %0, 2f\n"
                     "sc.w.rl %0, %2, (%1)\n"
                     "bnez %0, 1b\n"
                     "2:"
                     : "=&r"(failed)
                     : "r"(&lock), "r"(1)
                     : "memory");
    return failed == 0;
}

static bool try_by_swap(void)
{
    uint32_t before;
    __asm__ volatile("amoswap.w.aq %0, %2, (%1)" : "=r"(before) : "r"(&lock), "r"(1) : "memory");
    return before == 0;
}

/* `counter` is written before: amoswap.rl orders it. */
static void unlock(void) { __asm__ volatile("amoswap.w.rl zero, zero, (%0)" ::"r"(&lock) : "memory"); }

static void run_lrsc(uint64_t hart)
{
    (void)hart;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        while (!try_by_reservation())
            pause();
        counter = counter + 1;
        unlock();
    }
}

static void run_amo(uint64_t hart)
{
    (void)hart;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        while (!try_by_swap())
            pause();
        counter = counter + 1;
        unlock();
    }
}

static void run_ticket(uint64_t hart)
{
    (void)hart;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t ticket = atomic_add(&next_ticket, 1);
        while (served_ticket != ticket)
            pause();
        fence();
        counter = counter + 1;
        fence();
        served_ticket = ticket + 1;
    }
}

static bool report(void)
{
    print("counter ");
    print_number(counter);
    return counter == (uint64_t)ROUNDS * harts_count;
}

const struct program locks_lrsc = {"lock-lrsc", 1, run_lrsc, report};
const struct program locks_amo = {"lock-amo", 1, run_amo, report};
const struct program locks_ticket = {"lock-ticket", 1, run_ticket, report};
