/* A driver for virtio-mmio devices (virtio 1.2), with split queues of a few descriptors. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SLOTS      8
#define QUEUES     2
#define QUEUE_SIZE 4

enum { ID_NONE = 0, ID_CONSOLE = 3, ID_RNG = 4 };

struct descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags, next;
};

struct queue {
    struct descriptor descriptors[QUEUE_SIZE];
    struct {
        uint16_t flags, index, ring[QUEUE_SIZE];
    } available;
    struct {
        uint16_t flags, index;
        struct {
            uint32_t id, length;
        } ring[QUEUE_SIZE];
    } used;
    uint16_t seen;
} __attribute__((aligned(16)));

struct device {
    uintptr_t base;
    uint32_t id;
    struct queue queues[QUEUES];
};

/* Finds out what is in the slot and, where a driver is here for it, gets it going. */
void device_start(struct device *device, unsigned slot);
/* Offers a buffer, to be read by the device or written; one at a time. */
void offer(struct device *device, unsigned queue, void *buffer, uint32_t length, bool written);
/* Whether the device has given the buffer back, and how much it wrote. */
bool take(struct device *device, unsigned queue, uint32_t *length);
void acknowledge(struct device *device);
