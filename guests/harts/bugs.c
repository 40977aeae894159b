/*
 * Known bugs between harts 0 and 1, for tools that look for such. None shows where each hart has long turns: a turn has
 * to end in one window (depth2, update), or in one window and then in another one (depth3).
 */
#include "program.h"

/* Some instructions, as real work between two steps. */
static void work(uint32_t turns)
{
    __asm__ volatile("1: addi %0, %0, -1\nbnez %0, 1b" : "+r"(turns));
}

static volatile uint32_t is_started, is_over;
static volatile uint64_t *volatile setting;
static volatile uint64_t setting_value;
static volatile uint64_t used;

/* An order violation: hart 0 says that all is ready, and makes it ready a little later. */
static void run_depth2(uint64_t hart)
{
    if (hart == 0) {
        work(5000);
        is_started = 1;
        fence();
        work(700);
        setting_value = 42;
        setting = &setting_value;
        fence();
        work(4000);
    } else if (hart == 1) {
        while (!is_started)
            pause();
        fence();
        used = setting == NULL ? 0 : *setting;
    }
}

static bool report_used(void)
{
    print("setting ");
    print_number(used);
    return used == 42;
}

const struct program bug_depth2 = {"depth2", 2, run_depth2, report_used};

/*
 * A use after the end: hart 0 offers the setting only for a while. Hart 1 has to find it in that while, and hart 0 has
 * to take it back before hart 1, which has checked it, gets to use it.
 */
static void run_depth3(uint64_t hart)
{
    if (hart == 0) {
        used = 42;
        setting_value = 42;
        fence();
        work(1000);
        setting = &setting_value;
        fence();
        work(4000);
        setting = NULL;
        setting_value = 0;
        fence();
        work(1000);
        is_over = 1;
    } else if (hart == 1) {
        while (setting == NULL && !is_over)
            pause();
        volatile uint64_t *found = setting;
        if (found == NULL)
            return;
        work(4000);
        used = *found;
    }
}

const struct program bug_depth3 = {"depth3", 2, run_depth3, report_used};

#define DEPOSITS 40u

static volatile uint64_t balance;

/* A lost update: both add to the balance, each time with a moment between reading and writing it. */
static void run_update(uint64_t hart)
{
    /* Both begin at once, if each has a hart of the host's. */
    harts_meet();
    if (hart > 1)
        return;
    for (uint32_t deposit = 0; deposit < DEPOSITS; deposit++) {
        work(100);
        uint64_t before = balance;
        work(30);
        balance = before + 1;
    }
}

static bool report_update(void)
{
    print("balance ");
    print_number(balance);
    print(" of ");
    print_number(2 * DEPOSITS);
    return balance == 2 * DEPOSITS;
}

const struct program bug_update = {"lost-update", 2, run_update, report_update};
