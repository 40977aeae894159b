/* Protocol: the host sends the letters a to x, in order, at any pace. CR and LF are ignored. */
#include "race.h"
#include "compute.h"
#include "console.h"
#include "csr.h"
#include "finisher.h"
#include "format.h"
#include "link.h"
#include "log.h"
#include "timer.h"
#include "uart.h"

#define LINE_BYTES 24u

/* Mean number of records that are made between two reads of the link. Half as many, twice the failing runs. */
#ifndef RACE_RECORDS
#define RACE_RECORDS 50u
#endif

/* All bytes were received, and so many reads since then brought none: the ring has lost count. */
#define STALLED_READS 64u
#define TIMEOUT_TICKS (60 * TICK_HZ)

static uint32_t checksum;

/* Stands for the firmware's real job: telemetry records, formatted and checksummed. As real work does, it varies in
   length, by 0.5 to 1.5 of the mean. */
static void work(void)
{
    uint32_t records = RACE_RECORDS / 2 + checksum % RACE_RECORDS;
    checksum ^= (uint32_t)link.last_arrival;
    for (uint32_t i = 0; i < records; i++) {
        char record[48];
        size_t length = format_text(record, sizeof record, "record %u: sample %u", i, checksum >> 20);
        checksum = crc32(checksum, (const uint8_t *)record, length);
    }
}

static void describe_ring(void)
{
    console_print("ring: count %u, head %u, tail %u\n", link.count, link.head, link.tail);
}

__attribute__((noreturn)) static void fail(uint16_t code)
{
    describe_ring();
    log_print(4);
    finisher_fail(code);
}

void race_run(void)
{
    uint32_t delivered = 0;
    uint32_t ignored = 0;
    uint32_t empty_reads = 0;
    uint32_t head_seen = 0;
    uint64_t deadline = timer_ticks + TIMEOUT_TICKS;

    uart_give_to(link_receive);
    console_print("race: send the letters a to %c\n", 'a' + LINE_BYTES - 1);

    while (delivered < LINE_BYTES) {
        uint8_t bytes[8];
        work();
        uint32_t taken = link_read(bytes, sizeof bytes);
        for (uint32_t i = 0; i < taken; i++) {
            if (bytes[i] == '\r' || bytes[i] == '\n') {
                ignored++;
                continue;
            }
            uint8_t expected = (uint8_t)('a' + delivered);
            if (bytes[i] != expected) {
                console_print("FAIL: byte %u is 0x%x, not '%c'\n", delivered + 1, bytes[i], expected);
                fail(FAIL_RACE);
            }
            delivered++;
        }
        empty_reads = taken == 0 && link.head == head_seen ? empty_reads + 1 : 0;
        head_seen = link.head;
        if (link.head - ignored >= LINE_BYTES && empty_reads >= STALLED_READS) {
            console_print("FAIL: %u bytes received, %u delivered, then nothing\n", link.head - ignored, delivered);
            fail(FAIL_RACE);
        }
        if (timer_ticks >= deadline) {
            console_print("FAIL: timeout, %u of %u bytes received\n", link.head - ignored, LINE_BYTES);
            fail(FAIL_RACE_TIMEOUT);
        }
    }

    /* A late byte may have pushed out one that was stuck: then all came, and the ring is still wrong. */
    interrupts_disable();
    if (link.count != link.head - link.tail) {
        console_print("FAIL: all %u bytes delivered, but the ring is inconsistent\n", LINE_BYTES);
        fail(FAIL_RACE);
    }
    console_print("PASS: %u bytes in order\n", LINE_BYTES);
    describe_ring();
    finisher_pass();
}
