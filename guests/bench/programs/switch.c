/* A bytecode interpreter: one switch in a loop, an indirect jump that is hard to foresee. */
#include "bench.h"

enum { ITERATIONS = 5000000 };

enum op { HALT, PUSH, ADD, SUB, MUL, XOR, SHIFT, LOAD, STORE, DUP, SWAP, DROP, LESS, JUMP_IF, JUMP, ROTATE };

enum { OTHERWISE = 33, JOIN = 43 };

/* Slot 0 counts down, slot 1 is a hash, slot 2 what the branches made of it. */
static const uint8_t code[] = {
    LOAD, 1, DUP, SHIFT, 13, XOR,                    /*  0: hash ^= hash << 13 */
    DUP, SHIFT, 64 + 7, XOR,                         /*  6: hash ^= hash >> 7 */
    DUP, SHIFT, 17, XOR,                             /* 10: hash ^= hash << 17 */
    DUP, STORE, 1,                                   /* 14 */
    LOAD, 2, SWAP, LESS, JUMP_IF, OTHERWISE,         /* 17: the hash decides where to go */
    LOAD, 2, ROTATE, LOAD, 1, ADD, STORE, 2,         /* 23 */
    JUMP, JOIN,                                      /* 31 */
    LOAD, 1, PUSH, 3, MUL, LOAD, 2, XOR, STORE, 2,   /* OTHERWISE */
    LOAD, 0, PUSH, 1, SUB, DUP, STORE, 0, JUMP_IF, 0, HALT, /* JOIN */
};

static uint64_t slots[16];

static uint64_t interpret(const uint8_t *program, uint64_t iterations)
{
    uint64_t stack[32], *top = stack, steps = 0;
    const uint8_t *pc = program;
    slots[0] = iterations;
    slots[1] = 88172645463325252u;
    slots[2] = 1;
    for (;;) {
        steps++;
        switch ((enum op)*pc++) {
        case HALT: return slots[1] * 31 + slots[2] * 7 + steps;
        case PUSH: *++top = *pc++; break;
        case ADD: top--; top[0] += top[1]; break;
        case SUB: top--; top[0] -= top[1]; break;
        case MUL: top--; top[0] *= top[1]; break;
        case XOR: top--; top[0] ^= top[1]; break;
        case SHIFT: {
            uint8_t n = *pc++;
            *top = n & 64 ? *top >> (n & 63) : *top << n;
            break;
        }
        case LOAD: *++top = slots[*pc++]; break;
        case STORE: slots[*pc++] = *top--; break;
        case DUP: top++; top[0] = top[-1]; break;
        case SWAP: {
            uint64_t t = top[0];
            top[0] = top[-1];
            top[-1] = t;
            break;
        }
        case DROP: top--; break;
        case LESS: top--; top[0] = top[0] < top[1]; break;
        case JUMP_IF: pc = *top-- ? program + *pc : pc + 1; break;
        case JUMP: pc = program + *pc; break;
        case ROTATE: *top = *top << 9 | *top >> 55; break;
        }
    }
}

uint64_t run(void) { return interpret(code, ITERATIONS); }
