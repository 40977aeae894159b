/* Drives every virtio-rng and virtio-console there is: takes entropy from all at once, then echoes what is typed until a 'q'. */
#include "platform.h"
#include "virtio.h"

#define ROUNDS        2
#define ENTROPY_BYTES 8
#define LINE_BYTES    64

enum { RECEIVE = 0, TRANSMIT = 1 };

static struct device devices[SLOTS];
static uint8_t buffers[SLOTS][LINE_BYTES], output[SLOTS][LINE_BYTES];

static void print_slot(const char *what, unsigned slot)
{
    char digit[] = {(char)('0' + slot), '\0'};
    print(what);
    print(digit);
}

static unsigned count(uint32_t id)
{
    unsigned found = 0;
    for (unsigned slot = 0; slot < SLOTS; slot++)
        found += devices[slot].id == id;
    return found;
}

/* Shows it in the order in which it came. */
static void take_entropy(void)
{
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (devices[slot].id == ID_RNG)
            offer(&devices[slot], 0, buffers[slot], ENTROPY_BYTES, true);
    for (unsigned left = count(ID_RNG); left > 0;) {
        unsigned source = wait_for_interrupt(), slot = source - 1;
        uint32_t length;
        acknowledge(&devices[slot]);
        interrupt_done(source);
        if (!take(&devices[slot], 0, &length))
            continue;
        left--;
        print_slot("rng ", slot);
        print(": ");
        print_hex(buffers[slot], length);
        print("\n");
    }
}

static void send(unsigned slot, const char *text, uint32_t length)
{
    uint32_t unused;
    for (uint32_t i = 0; i < length; i++)
        output[slot][i] = (uint8_t)text[i];
    offer(&devices[slot], TRANSMIT, output[slot], length, false);
    while (!take(&devices[slot], TRANSMIT, &unused))
        ;
}

static void echo(void)
{
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (devices[slot].id == ID_CONSOLE) {
            char prompt[] = {'c', 'o', 'n', 's', 'o', 'l', 'e', ' ', (char)('0' + slot), '\n'};
            offer(&devices[slot], RECEIVE, buffers[slot], LINE_BYTES, true);
            send(slot, prompt, sizeof prompt);
        }
    for (;;) {
        unsigned source = wait_for_interrupt(), slot = source - 1;
        uint32_t length;
        bool is_last = false;
        acknowledge(&devices[slot]);
        interrupt_done(source);
        while (take(&devices[slot], RECEIVE, &length)) {
            for (uint32_t i = 0; i < length; i++)
                is_last |= buffers[slot][i] == 'q';
            send(slot, (const char *)buffers[slot], length);
            offer(&devices[slot], RECEIVE, buffers[slot], LINE_BYTES, true);
        }
        if (is_last)
            return;
    }
}

void main(void)
{
    for (unsigned slot = 0; slot < SLOTS; slot++)
        device_start(&devices[slot], slot);
    for (unsigned round = 0; round < ROUNDS; round++)
        take_entropy();
    if (count(ID_CONSOLE) > 0)
        echo();
    print("done\n");
    power_off();
}
