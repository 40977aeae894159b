/* Quicksort through a comparison callback, as qsort(3) sorts: indirect calls, hard branches. */
#include "bench.h"

enum { COUNT = 50000, ROUNDS = 100 };

typedef int compare(const uint32_t *a, const uint32_t *b);

static uint32_t values[COUNT];

static int ascending(const uint32_t *a, const uint32_t *b) { return (*a > *b) - (*a < *b); }
static int descending(const uint32_t *a, const uint32_t *b) { return (*a < *b) - (*a > *b); }
static int by_low_bits(const uint32_t *a, const uint32_t *b)
{
    uint32_t x = *a & 0xffff, y = *b & 0xffff;
    return x == y ? ascending(a, b) : (x > y) - (x < y);
}

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t t = *a;
    *a = *b;
    *b = t;
}

static void sort(uint32_t *low, uint32_t *high, compare *order)
{
    while (low < high) {
        uint32_t pivot = low[(high - low) / 2];
        uint32_t *i = low, *j = high;
        while (i <= j) {
            while (order(i, &pivot) < 0)
                i++;
            while (order(j, &pivot) > 0)
                j--;
            if (i <= j)
                swap(i++, j--);
        }
        sort(low, j, order);
        low = i;
    }
}

uint64_t run(void)
{
    compare *const orders[] = {ascending, descending, by_low_bits};
    uint64_t x = 88172645463325252u, sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < COUNT; i++)
            values[i] = (uint32_t)(x = xorshift(x));
        sort(values, values + COUNT - 1, orders[round % 3]);
        for (int i = 0; i < COUNT; i++)
            sum = sum * 31 + values[i];
    }
    return sum;
}
