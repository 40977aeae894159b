/* A program is what all harts run at once, and a verdict on what came of it. */
#pragma once
#include "console.h"
#include "harts.h"

struct program {
    const char *name;
    uint32_t least_harts;
    void (*run)(uint64_t hart);
    /* By hart 0, when all have run: prints what came of it, and says whether it is right. */
    bool (*report)(void);
};

extern const struct program locks_lrsc, locks_amo, locks_ticket, messages, barrier, code, shootdown;
extern const struct program litmus_sb, litmus_mp, litmus_lb, litmus_iriw, litmus_corr;
extern const struct program bug_depth2, bug_depth3, bug_update;
