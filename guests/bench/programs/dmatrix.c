/* Multiplication of double-precision matrices: products and sums apart, then fused. The exception flags count too. */
#include "bench.h"

enum { N = 96, ROUNDS = 320 };

static double a[N][N], b[N][N], c[N][N];

static uint64_t bits(double value)
{
    union { double value; uint64_t bits; } u = {.value = value};
    return u.bits;
}

uint64_t run(void)
{
    uint64_t x = 88172645463325252u, sum = 0, flags;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (double)(int32_t)(x = xorshift(x)) / 2147483648.0;
            b[i][j] = (double)(int32_t)(x = xorshift(x)) / 2147483648.0;
        }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                double dot = 0;
                if (round % 4 == 3)
                    for (int k = 0; k < N; k++)
                        dot = __builtin_fma(a[i][k], b[k][j], dot);
                else
                    for (int k = 0; k < N; k++)
                        dot += a[i][k] * b[k][j];
                c[i][j] = dot;
            }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                sum = sum * 31 + bits(c[i][j]);
                a[i][j] = c[i][j] / (1.0 + __builtin_fabs(c[j][i]));
            }
    }
    __asm__ volatile("csrr %0, fflags" : "=r"(flags));
    return sum * 31 + flags;
}
