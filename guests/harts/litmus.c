/*
 * Litmus tests of the memory model, with fences between each hart's accesses: what is forbidden must never come. The
 * rest may come, and does in some schedule.
 */
#include "program.h"

#define ROUNDS   60u
#define OUTCOMES 16u

static volatile uint32_t x __attribute__((aligned(64))), y __attribute__((aligned(64)));
static volatile uint32_t read[4];
static uint32_t seen[OUTCOMES];
static struct meeting of_few;

/* Harts 0 to few - 1 do their parts at once, the others wait; then hart 0 notes what they read, as bits. */
static void repeat(uint64_t hart, uint32_t few, uint32_t reads, void (*part)(uint64_t hart))
{
    if (hart >= few)
        return;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        if (hart == 0)
            x = y = 0;
        harts_meet_at(&of_few, few);
        part(hart);
        harts_meet_at(&of_few, few);
        if (hart != 0)
            continue;
        uint32_t outcome = 0;
        for (uint32_t i = 0; i < reads; i++)
            outcome = outcome << 1 | read[i];
        seen[outcome]++;
    }
}

static bool report(uint32_t reads, uint32_t forbidden)
{
    for (uint32_t outcome = 0; outcome < 1u << reads; outcome++) {
        for (uint32_t i = reads; i > 0; i--)
            print(outcome >> (i - 1) & 1 ? "1" : "0");
        print(" ");
        print_number(seen[outcome]);
        print(outcome + 1 < 1u << reads ? ", " : "");
    }
    return seen[forbidden] == 0;
}

/* Store buffering: two harts that both store, then read the other's variable, can't both miss. */
static void part_sb(uint64_t hart)
{
    *(hart == 0 ? &x : &y) = 1;
    fence();
    read[hart] = hart == 0 ? y : x;
}
static void run_sb(uint64_t hart) { repeat(hart, 2, 2, part_sb); }
static bool report_sb(void) { return report(2, 0); }
const struct program litmus_sb = {"litmus-sb", 2, run_sb, report_sb};

/* Message passing: who sees the flag sees the data. */
static void part_mp(uint64_t hart)
{
    if (hart == 0) {
        x = 1;
        fence();
        y = 1;
    } else {
        read[0] = y;
        fence();
        read[1] = x;
    }
}
static void run_mp(uint64_t hart) { repeat(hart, 2, 2, part_mp); }
static bool report_mp(void) { return report(2, 2); }
const struct program litmus_mp = {"litmus-mp", 2, run_mp, report_mp};

/* Load buffering: two harts can't both read what the other stores only after its own read. */
static void part_lb(uint64_t hart)
{
    read[hart] = hart == 0 ? x : y;
    fence();
    *(hart == 0 ? &y : &x) = 1;
}
static void run_lb(uint64_t hart) { repeat(hart, 2, 2, part_lb); }
static bool report_lb(void) { return report(2, 3); }
const struct program litmus_lb = {"litmus-lb", 2, run_lb, report_lb};

/* Independent reads of independent writes: two readers agree which store came first. */
static void part_iriw(uint64_t hart)
{
    if (hart < 2) {
        *(hart == 0 ? &x : &y) = 1;
        return;
    }
    read[2 * hart - 4] = hart == 2 ? x : y;
    fence();
    read[2 * hart - 3] = hart == 2 ? y : x;
}
static void run_iriw(uint64_t hart) { repeat(hart, 4, 4, part_iriw); }
static bool report_iriw(void) { return report(4, 10); }
const struct program litmus_iriw = {"litmus-iriw", 4, run_iriw, report_iriw};

/* Coherence: two reads of one variable don't go back in time. */
static void part_corr(uint64_t hart)
{
    if (hart == 0) {
        x = 1;
    } else {
        read[0] = x;
        read[1] = x;
    }
}
static void run_corr(uint64_t hart) { repeat(hart, 2, 2, part_corr); }
static bool report_corr(void) { return report(2, 2); }
const struct program litmus_corr = {"litmus-corr", 2, run_corr, report_corr};
