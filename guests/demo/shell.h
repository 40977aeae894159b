/* The command line. */
#pragma once
#include "fdt.h"

void shell_start(const struct board *board);
void shell_run(const char *line);           /* one or more commands, separated by ; */
__attribute__((noreturn)) void shell_loop(void);
