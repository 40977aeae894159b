/* A queue of jobs: a linked list of nodes from a static pool. */
#pragma once
#include <stdint.h>

#define JOBS 8

enum urgency { LATER = -1, SOON, NOW = 7 };

typedef uint64_t (*work)(uint64_t argument);

struct job {
    struct job *next;
    work run;
    union {
        uint64_t word;
        uint8_t bytes[8];
        struct {
            uint32_t low, high;
        };
    } argument;
    enum urgency urgency;
    unsigned is_used : 1;
    unsigned tries : 5;
    int balance : 10; /* signed, and not at a byte */
    uint64_t wide : 40;
};

struct queue {
    struct job *first, **last;
    uint32_t pending;
    const char *name;
    volatile uint64_t done;
};
extern struct queue q;

struct job *queue_put(struct queue *queue, work run, uint64_t argument, enum urgency urgency);
/* Runs the job that was put first; answers what it answered, or 0 where there is none. */
uint64_t queue_run(struct queue *queue);
