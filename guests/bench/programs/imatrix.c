/* Multiplication of 64-bit integer matrices. */
#include "bench.h"

enum { N = 96, ROUNDS = 640 };

static int64_t a[N][N], b[N][N], c[N][N];

uint64_t run(void)
{
    uint64_t x = 88172645463325252u, sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (int64_t)(x = xorshift(x));
            b[i][j] = (int64_t)(x = xorshift(x));
        }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                uint64_t dot = 0;
                for (int k = 0; k < N; k++)
                    dot += (uint64_t)a[i][k] * (uint64_t)b[k][j];
                c[i][j] = (int64_t)dot;
            }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                sum = sum * 31 + (uint64_t)c[i][j];
                a[i][j] = c[i][j] ^ (c[j][i] >> 7);
            }
    }
    return sum;
}
