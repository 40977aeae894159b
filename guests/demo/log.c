#include "log.h"
#include "console.h"
#include "timer.h"

#define LINES 64u
#define WIDTH 48u

struct line {
    uint32_t tick;
    char text[WIDTH];
};
static struct line lines[LINES];
static uint32_t written;

void log_write(const char *text, ...)
{
    struct line *line = &lines[written % LINES];
    va_list arguments;
    line->tick = (uint32_t)timer_ticks;
    va_start(arguments, text);
    format(line->text, WIDTH, text, arguments);
    va_end(arguments);
    written++;
}

void log_print(unsigned count)
{
    uint32_t kept = written < LINES ? written : LINES;
    for (uint32_t i = written - (count < kept ? count : kept); i != written; i++)
        console_print("  [%u ms] %s\n", lines[i % LINES].tick, lines[i % LINES].text);
}
