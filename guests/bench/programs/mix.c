/* A mix of everyday work: list processing, a small matrix, a state machine over text, a checksum bit by bit. */
#include "bench.h"

enum { ROUNDS = 40000, NODES = 64, N = 10, TEXT_BYTES = 256 };

struct item {
    struct item *next;
    int16_t key, value;
};

static struct item items[NODES];
static int16_t a[N][N], b[N][N];
static int32_t c[N][N];
static char text[TEXT_BYTES];

static uint16_t crc16(uint16_t crc, uint32_t data)
{
    for (int i = 0; i < 16; i++, data >>= 1)
        crc = (uint16_t)((crc ^ data) & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1);
    return crc;
}

/* Sorts by merging runs that double in length. */
static struct item *merge_sort(struct item *list, int by_value)
{
    for (int length = 1;; length *= 2) {
        struct item *rest = list, *tail = 0;
        int merges = 0;
        list = 0;
        while (rest) {
            struct item *left = rest, *right = rest;
            int left_count = 0, right_count = length;
            merges++;
            while (left_count < length && right)
                left_count++, right = right->next;
            while (left_count > 0 || (right_count > 0 && right)) {
                struct item *next;
                int take_left = left_count > 0 && (right_count == 0 || !right ||
                                                   (by_value ? left->value <= right->value : left->key <= right->key));
                if (take_left)
                    next = left, left = left->next, left_count--;
                else
                    next = right, right = right->next, right_count--;
                if (tail)
                    tail->next = next;
                else
                    list = next;
                tail = next;
            }
            rest = right;
        }
        tail->next = 0;
        if (merges <= 1)
            return list;
    }
}

static uint16_t lists(uint16_t crc, uint64_t seed)
{
    struct item *list = 0;
    for (int i = 0; i < NODES; i++) {
        seed = xorshift(seed);
        items[i] = (struct item){.next = list, .key = (int16_t)seed, .value = (int16_t)(seed >> 16)};
        list = &items[i];
    }
    list = merge_sort(list, 0);
    crc = crc16(crc, (uint16_t)list->value);
    list = merge_sort(list, 1);
    for (struct item *item = list; item; item = item->next)
        if (item->key & 4)
            crc = crc16(crc, (uint16_t)item->key);
    return crc;
}

static uint16_t matrices(uint16_t crc, uint64_t seed)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            seed = xorshift(seed);
            a[i][j] = (int16_t)(seed & 0xfff);
            b[i][j] = (int16_t)(seed >> 16 & 0xfff);
        }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int32_t dot = 0;
            for (int k = 0; k < N; k++)
                dot += (int32_t)a[i][k] * b[k][j];
            c[i][j] = dot;
        }
    int32_t sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            sum += c[i][j] >> 3 & 0x7f;
    return crc16(crc, (uint32_t)sum);
}

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, SCIENTIFIC, INVALID, STATES };

static enum state step(enum state state, char letter)
{
    int digit = letter >= '0' && letter <= '9';
    switch (state) {
    case START: return digit ? INTEGER : letter == '+' || letter == '-' ? SIGN : letter == '.' ? POINT : INVALID;
    case SIGN: return digit ? INTEGER : letter == '.' ? POINT : INVALID;
    case INTEGER: return digit ? INTEGER : letter == '.' ? FRACTION : letter == 'e' ? EXPONENT : INVALID;
    case POINT: return digit ? FRACTION : INVALID;
    case FRACTION: return digit ? FRACTION : letter == 'e' ? EXPONENT : INVALID;
    case EXPONENT: return digit ? SCIENTIFIC : letter == '+' || letter == '-' ? EXPONENT_SIGN : INVALID;
    case EXPONENT_SIGN: return digit ? SCIENTIFIC : INVALID;
    case SCIENTIFIC: return digit ? SCIENTIFIC : INVALID;
    default: return INVALID;
    }
}

static uint16_t states(uint16_t crc, uint64_t seed)
{
    uint32_t ends[STATES] = {0};
    for (int i = 0; i < TEXT_BYTES; i++) {
        seed = xorshift(seed);
        text[i] = "0123456789012345678901234+-.e,,,"[seed & 31];
    }
    enum state state = START;
    for (int i = 0; i < TEXT_BYTES; i++) {
        if (text[i] == ',') {
            ends[state]++;
            state = START;
        } else {
            state = step(state, text[i]);
        }
    }
    for (int i = 0; i < STATES; i++)
        crc = crc16(crc, ends[i]);
    return crc;
}

uint64_t run(void)
{
    uint64_t seed = 88172645463325252u, sum = 0;
    uint16_t crc = 0;
    for (int round = 0; round < ROUNDS; round++) {
        seed = xorshift(seed);
        crc = lists(crc, seed);
        crc = matrices(crc, seed);
        crc = states(crc, seed);
        sum = sum * 31 + crc;
    }
    return sum;
}
