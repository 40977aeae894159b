/* Recursive calls and returns: Fibonacci and Ackermann. */
#include "bench.h"

enum { FIB = 37, ACKERMANN = 7 };

__attribute__((noinline)) static uint64_t fib(uint64_t n)
{
    if (n < 2)
        return n;
    uint64_t left = fib(n - 1);
    /* Keeps the compiler from turning the second call into a loop. */
    __asm__ volatile("" : "+r"(left));
    uint64_t right = fib(n - 2);
    __asm__ volatile("" : "+r"(right));
    return left + right;
}

__attribute__((noinline, optimize("no-optimize-sibling-calls"))) static uint64_t ackermann(uint64_t m, uint64_t n)
{
    if (m == 0)
        return n + 1;
    if (n == 0)
        return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

uint64_t run(void) { return fib(FIB) * 1000003 + ackermann(3, ACKERMANN); }
