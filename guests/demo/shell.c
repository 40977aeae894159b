#include "shell.h"
#include "compute.h"
#include "console.h"
#include "finisher.h"
#include "link.h"
#include "log.h"
#include "memtest.h"
#include "race.h"
#include "string.h"
#include "timer.h"
#include "uart.h"

#define MEMTEST_BYTES (4ul << 20)

extern uint8_t __image_start[], __image_end[], __firmware_end[];

static const struct board *board;

static uint32_t parse_number(const char *text, uint32_t otherwise)
{
    uint32_t value = 0;
    if (*text < '0' || *text > '9')
        return otherwise;
    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (uint32_t)(*text - '0');
    return value;
}

static void do_uptime(const char *argument)
{
    (void)argument;
    uint64_t now = timer_now();
    console_print("up %lu.%06lu s, %lu ticks\n", now / TIMEBASE_HZ, now % TIMEBASE_HZ / 10, timer_ticks);
}

static void do_memtest(const char *argument)
{
    (void)argument;
    uint64_t start = ((uint64_t)__firmware_end + 0xfffff) & ~0xffffful;
    uint64_t end = board->memory_start + board->memory_bytes;
    if (board->device_tree >= start && board->device_tree < end)
        end = board->device_tree;
    if (end <= start) {
        console_print("memtest: no memory to test\n");
        return;
    }
    uint64_t bytes = end - start < MEMTEST_BYTES ? end - start : MEMTEST_BYTES;
    if (!memtest((uint64_t *)start, bytes & ~0xffful))
        finisher_fail(FAIL_MEMTEST);
}

static void do_stats(const char *argument)
{
    (void)argument;
    console_print("timer  %lu ticks\n", timer_ticks);
    console_print("uart   %u interrupts, %u bytes, %u overruns\n", uart_counters.interrupts, uart_counters.bytes,
                  uart_counters.overruns);
    console_print("idle   %u times\n", console_idles);
}

static void do_crc(const char *argument)
{
    (void)argument;
    size_t size = (size_t)(__image_end - __image_start);
    console_print("crc32 of the firmware, %lu bytes: %08x\n", size, crc32(0, __image_start, size));
}

static void do_primes(const char *argument)
{
    uint32_t limit = parse_number(argument, 20000);
    /* Above, divisor * divisor would not fit in 32 bits. */
    if (limit > 10000000) {
        console_print("primes: at most 10000000\n");
        return;
    }
    console_print("%u primes below %u\n", primes_below(limit), limit);
}

static void do_log(const char *argument) { log_print(parse_number(argument, 16)); }

static void do_race(const char *argument)
{
    (void)argument;
    race_run();
}

static void do_reset(const char *argument)
{
    (void)argument;
    finisher_reset();
}

static void do_poweroff(const char *argument)
{
    (void)argument;
    finisher_pass();
}

static void do_panic(const char *argument)
{
    uint32_t code = parse_number(argument, FAIL_PANIC);
    console_print("panic: code %u\n", code);
    finisher_fail((uint16_t)code);
}

static void do_help(const char *argument);

static const struct {
    const char *name;
    void (*run)(const char *argument);
    const char *help;
} commands[] = {
    {"help", do_help, "this list"},
    {"uptime", do_uptime, "time since reset"},
    {"memtest", do_memtest, "patterns over 4 MiB"},
    {"stats", do_stats, "interrupts, bytes, idle"},
    {"crc", do_crc, "CRC-32 of the firmware"},
    {"primes", do_primes, "[N] count primes below N"},
    {"log", do_log, "[N] last lines of the trace log"},
    {"race", do_race, "receive 24 bytes while working; ends the run"},
    {"reset", do_reset, "reset the machine"},
    {"poweroff", do_poweroff, "end the run, exit code 0"},
    {"panic", do_panic, "[N] end the run, exit code N"},
};
#define COMMANDS (sizeof commands / sizeof commands[0])

static void do_help(const char *argument)
{
    (void)argument;
    for (size_t i = 0; i < COMMANDS; i++)
        console_print("  %s%s%s\n", commands[i].name, &"           "[string_length(commands[i].name)],
                      commands[i].help);
}

static void run_command(char *line)
{
    while (*line == ' ')
        line++;
    char *argument = line;
    while (*argument != ' ' && *argument != '\0')
        argument++;
    while (*argument == ' ')
        *argument++ = '\0';
    if (*line == '\0')
        return;
    for (size_t i = 0; i < COMMANDS; i++)
        if (string_equals(line, commands[i].name)) {
            commands[i].run(argument);
            return;
        }
    console_print("%s: unknown command, try help\n", line);
}

void shell_start(const struct board *found) { board = found; }

void shell_run(const char *line)
{
    while (*line != '\0') {
        char command[128];
        size_t length = 0;
        for (; *line != '\0' && *line != ';'; line++)
            if (length + 1 < sizeof command)
                command[length++] = *line;
        command[length] = '\0';
        if (*line == ';')
            line++;
        run_command(command);
    }
}

void shell_loop(void)
{
    for (;;) {
        char line[128];
        console_print("demo> ");
        console_read_line(line, sizeof line);
        shell_run(line);
    }
}
