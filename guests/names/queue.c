#include "queue.h"

struct queue q;
static struct job pool[JOBS];

static inline struct job *take_free(void)
{
    for (unsigned i = 0; i < JOBS; i++) {
        struct job *job = &pool[i];
        if (!job->is_used) {
            job->is_used = 1;
            return job;
        }
    }
    return 0;
}

static inline void append(struct queue *queue, struct job *job)
{
    if (queue->first == 0)
        queue->last = &queue->first;
    *queue->last = job;
    queue->last = &job->next;
    queue->pending++;
}

struct job *queue_put(struct queue *queue, work run, uint64_t argument, enum urgency urgency)
{
    struct job *job = take_free();
    if (job == 0)
        return 0;
    job->next = 0;
    job->run = run;
    job->argument.word = argument;
    job->urgency = urgency;
    job->balance = (int)argument - 100;
    job->wide = argument << 20;
    append(queue, job);
    return job;
}

uint64_t queue_run(struct queue *queue)
{
    struct job *job = queue->first;
    if (job == 0)
        return 0;
    queue->first = job->next;
    queue->pending--;
    job->tries++;
    uint64_t result = job->run(job->argument.word);
    job->is_used = 0;
    queue->done++;
    return result;
}
