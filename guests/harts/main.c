/* Boot: the command line names the program, which then runs on all harts. */
#include "device-tree.h"
#include "program.h"

static const struct program *const programs[] = {
    &locks_lrsc, &locks_amo, &locks_ticket, &messages,    &barrier,    &code,       &shootdown,  &litmus_sb,
    &litmus_mp,  &litmus_lb, &litmus_iriw,  &litmus_corr, &bug_depth2, &bug_depth3, &bug_update,
};
#define PROGRAMS (sizeof programs / sizeof programs[0])

static const struct program *chosen;

__attribute__((noreturn)) static void stop(const char *reason)
{
    print(reason);
    print("\n");
    finish(EXIT_USAGE);
}

__attribute__((noreturn)) static void list_programs(void)
{
    print("name a program on the command line:");
    for (size_t i = 0; i < PROGRAMS; i++) {
        print(" ");
        print(programs[i]->name);
    }
    stop("");
}

void first_hart(uint64_t device_tree)
{
    struct board board = {0};
    if (!device_tree_read(device_tree, &board))
        stop("no device tree");
    for (size_t i = 0; i < PROGRAMS; i++)
        if (text_equals(programs[i]->name, board.bootargs))
            chosen = programs[i];
    if (chosen == NULL)
        list_programs();
    if (board.harts < chosen->least_harts || board.harts > MAX_HARTS)
        stop("too few harts for this program, or more than 8");
    harts_count = board.harts;
    for (uint64_t hart = 1; hart < harts_count; hart++)
        harts_interrupt(hart);
    chosen->run(0);
    harts_meet();
    print(chosen->name);
    print(": ");
    print_number(harts_count);
    print(" harts, ");
    bool is_right = chosen->report();
    print(is_right ? "\nPASS\n" : "\nFAIL\n");
    finish(is_right ? EXIT_PASS : EXIT_FAIL);
}

void other_hart(uint64_t hart)
{
    chosen->run(hart);
    harts_meet();
}
