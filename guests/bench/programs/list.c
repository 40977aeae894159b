/* A walk along linked lists in a shuffled order, with a reversal each round: loads that wait for loads. */
#include "bench.h"

enum { NODES = 1 << 15, ROUNDS = 5000 };

struct node {
    struct node *next;
    uint64_t value, payload[2];
};

static struct node nodes[NODES];
static uint32_t order[NODES];

uint64_t run(void)
{
    uint64_t x = 88172645463325252u, sum = 0;
    for (uint32_t i = 0; i < NODES; i++) {
        order[i] = i;
        nodes[i].value = x = xorshift(x);
    }
    for (uint32_t i = NODES - 1; i > 0; i--) {
        uint32_t j = (uint32_t)((x = xorshift(x)) % (i + 1)), t = order[i];
        order[i] = order[j];
        order[j] = t;
    }
    for (uint32_t i = 0; i + 1 < NODES; i++)
        nodes[order[i]].next = &nodes[order[i + 1]];
    struct node *head = &nodes[order[0]];
    for (int round = 0; round < ROUNDS; round++) {
        struct node *reversed = 0;
        for (struct node *node = head, *next; node; node = next) {
            next = node->next;
            sum = sum * 3 + node->value;
            node->payload[0] += sum;
            node->next = reversed;
            reversed = node;
        }
        head = reversed;
    }
    return sum + head->payload[0];
}
