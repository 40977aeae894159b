/* Something of everything that debugging information can tell of a C program; what it computes is beside the point. */
#include "board.h"
#include "queue.h"

#define SIZE 16

struct point {
    short x, y;
};

struct shape {
    struct point corners[2][3];
    double weight;
    _Bool is_filled;
    char label[4];
    unsigned char bytes[]; /* a flexible array member */
};

static uint8_t buf[SIZE];
static uint32_t table[4][3];
struct shape *shapes[2];
static union {
    struct shape shape;
    uint8_t room[sizeof(struct shape) + 8];
} store;

/* A frame for each call: the compiler would make a loop of it. */
__attribute__((optimize("no-optimize-sibling-calls"))) static uint64_t factorial(uint64_t n)
{
    if (n < 2)
        return 1;
    uint64_t smaller = factorial(n - 1);
    return n * smaller;
}

static uint64_t sum(uint64_t n)
{
    static uint32_t calls;
    uint64_t total = 0;
    calls++;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t square = (uint64_t)i * i;
        total += square;
        buf[i % SIZE] = (uint8_t)total;
    }
    return total + calls;
}

__attribute__((noinline)) static uint32_t fill(uint32_t rows, struct point by)
{
    uint32_t written = 0;
    for (uint32_t row = 0; row < rows; row++)
        for (uint32_t column = 0; column < 3; column++) {
            table[row][column] = row * (uint32_t)by.x + column * (uint32_t)by.y;
            written++;
        }
    return written;
}

__attribute__((noinline)) static struct shape *shape_of(struct point corner, char label)
{
    struct shape *shape = &store.shape;
    for (int i = 0; i < 6; i++)
        shape->corners[i / 3][i % 3] = (struct point){.x = (short)(corner.x + i), .y = (short)(corner.y - i)};
    shape->is_filled = 1;
    shape->label[0] = label;
    shape->bytes[3] = 42;
    shapes[1] = shape;
    return shape;
}

int main(void)
{
    const work works[] = {factorial, sum};
    uint64_t total = 0;
    q.name = "jobs";
    for (unsigned round = 0; round < 6; round++)
        queue_put(&q, works[round % 2], round + 5, round == 3 ? NOW : LATER);
    while (q.pending > 0)
        total += queue_run(&q);
    print_number("total", total);
    print_number("filled", fill(4, (struct point){3, 5}));
    struct shape *shape = shape_of((struct point){7, 9}, 'a');
    print_number("corner", (uint64_t)shape->corners[1][2].x);
    print_number("byte", buf[3]);
    print_number("cell", table[3][2]);
    power_off();
    return 0;
}
