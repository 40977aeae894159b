#include "virtio.h"
#include "platform.h"

/* Section 4.2.2. */
#define SLOT_BASE(slot) (0x10001000ul + 0x1000ul * (slot))
#define SLOT_SOURCE     1

#define MAGIC_VALUE         0x000
#define DEVICE_ID           0x008
#define DRIVER_FEATURES     0x020
#define DRIVER_FEATURES_SEL 0x024
#define QUEUE_SEL           0x030
#define QUEUE_NUM           0x038
#define QUEUE_READY         0x044
#define QUEUE_NOTIFY        0x050
#define INTERRUPT_STATUS    0x060
#define INTERRUPT_ACK       0x064
#define STATUS              0x070
#define QUEUE_DESC          0x080
#define QUEUE_DRIVER        0x090
#define QUEUE_DEVICE        0x0a0

#define MAGIC              0x74726976
#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER      2
#define STATUS_DRIVER_OK   4
#define STATUS_FEATURES_OK 8
#define F_VERSION_1_HIGH   1
#define DESCRIPTOR_WRITE   2

static void start_queue(struct device *device, unsigned index)
{
    struct queue *queue = &device->queues[index];
    MMIO32(device->base + QUEUE_SEL) = index;
    MMIO32(device->base + QUEUE_NUM) = QUEUE_SIZE;
    MMIO32(device->base + QUEUE_DESC) = (uint32_t)(uintptr_t)queue->descriptors;
    MMIO32(device->base + QUEUE_DRIVER) = (uint32_t)(uintptr_t)&queue->available;
    MMIO32(device->base + QUEUE_DEVICE) = (uint32_t)(uintptr_t)&queue->used;
    MMIO32(device->base + QUEUE_READY) = 1;
}

void device_start(struct device *device, unsigned slot)
{
    device->base = SLOT_BASE(slot);
    device->id = MMIO32(device->base + MAGIC_VALUE) == MAGIC ? MMIO32(device->base + DEVICE_ID) : ID_NONE;
    unsigned queues = device->id == ID_RNG ? 1 : device->id == ID_CONSOLE ? 2 : 0;
    if (queues == 0) {
        device->id = ID_NONE;
        return;
    }
    MMIO32(device->base + STATUS) = 0;
    MMIO32(device->base + STATUS) = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
    MMIO32(device->base + DRIVER_FEATURES_SEL) = 1;
    MMIO32(device->base + DRIVER_FEATURES) = F_VERSION_1_HIGH;
    MMIO32(device->base + STATUS) = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK;
    for (unsigned queue = 0; queue < queues; queue++)
        start_queue(device, queue);
    MMIO32(device->base + STATUS) = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK;
    wake_on(SLOT_SOURCE + slot);
}

void offer(struct device *device, unsigned index, void *buffer, uint32_t length, bool written)
{
    struct queue *queue = &device->queues[index];
    queue->descriptors[0] = (struct descriptor){(uintptr_t)buffer, length, written ? DESCRIPTOR_WRITE : 0, 0};
    queue->available.ring[queue->available.index % QUEUE_SIZE] = 0;
    __asm__ volatile("fence" ::: "memory");
    queue->available.index++;
    __asm__ volatile("fence" ::: "memory");
    MMIO32(device->base + QUEUE_NOTIFY) = index;
}

bool take(struct device *device, unsigned index, uint32_t *length)
{
    struct queue *queue = &device->queues[index];
    if (MMIO16(&queue->used.index) == queue->seen)
        return false;
    *length = queue->used.ring[queue->seen++ % QUEUE_SIZE].length;
    return true;
}

void acknowledge(struct device *device)
{
    MMIO32(device->base + INTERRUPT_ACK) = MMIO32(device->base + INTERRUPT_STATUS);
}
