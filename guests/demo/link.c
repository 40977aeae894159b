#include "link.h"
#include "csr.h"
#include "log.h"
#include "timer.h"

struct link link;

void link_receive(uint8_t byte)
{
    if (link.count == LINK_SIZE)
        return;
    link.bytes[link.head % LINK_SIZE] = byte;
    link.last_arrival = timer_now();
    link.head++;
    link.count++;
}

uint32_t link_read(uint8_t *to, uint32_t room)
{
#ifdef LINK_FIXED
    interrupts_disable();
#endif
    uint32_t waiting = link.count;
    uint32_t taken = waiting < room ? waiting : room;
    for (uint32_t i = 0; i < taken; i++) {
        to[i] = link.bytes[link.tail % LINK_SIZE];
        link.tail++;
    }
    log_write("link: %u waiting, %u taken", waiting, taken);
    link.count = waiting - taken;
#ifdef LINK_FIXED
    interrupts_enable();
#endif
    return taken;
}
