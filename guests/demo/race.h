/* The race job: receive a known line over the link while working, check it, end the run with the verdict. */
#pragma once

__attribute__((noreturn)) void race_run(void);
