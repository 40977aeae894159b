/*
 * One virtual page leads to another physical page in each round. All harts read it in S mode, through Sv39 tables; one
 * of them changes the entry, and has the others forget it by an interrupt, as a kernel does.
 */
#include "program.h"

#define ROUNDS  40u
#define PAGES   2u
#define MEMORY  0x80000000ul
#define GIB     (1ul << 30)
#define VIRTUAL (3 * GIB)
#define SV39    (8ul << 60)
#define PTE_V   1ul
#define LEAF    0xcful /* V, R, W, X, A, D */

void to_supervisor_mode(void);

static volatile uint64_t root[512] __attribute__((aligned(4096)));
static volatile uint64_t middle[512] __attribute__((aligned(4096)));
static volatile uint64_t leaves[512] __attribute__((aligned(4096)));
static volatile uint64_t pages[PAGES][512] __attribute__((aligned(4096)));
static volatile uint32_t reads, stale;

static uint64_t entry(const volatile void *page, uint64_t bits) { return (uint64_t)page >> 12 << 10 | bits; }

static void map(uint32_t page) { leaves[0] = entry(pages[page], LEAF); }

static void make_tables(void)
{
    root[0] = LEAF; /* the devices, where they are */
    root[MEMORY / GIB] = entry((const void *)MEMORY, LEAF);
    root[VIRTUAL / GIB] = entry(middle, PTE_V);
    middle[0] = entry(leaves, PTE_V);
    for (uint32_t page = 0; page < PAGES; page++)
        pages[page][0] = page;
    map(0);
}

static void run(uint64_t hart)
{
    if (hart == 0)
        make_tables();
    harts_meet();
    csr_write(pmpaddr0, ~0ul);
    csr_write(pmpcfg0, 0x1ful);
    csr_write(satp, SV39 | (uint64_t)root >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
    interrupts_on();
    to_supervisor_mode();
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        harts_meet();
        if (hart == round % harts_count) {
            map(round % PAGES);
            __asm__ volatile("sfence.vma" ::: "memory");
            harts_request(hart, REQUEST_SFENCE);
        }
        harts_meet();
        if (*(volatile uint64_t *)VIRTUAL != round % PAGES)
            atomic_add(&stale, 1);
        atomic_add(&reads, 1);
    }
    /* Back to M mode. */
    __asm__ volatile("ecall" ::: "memory");
    interrupts_off();
}

static bool report(void)
{
    print("reads ");
    print_number(reads);
    print(", stale ");
    print_number(stale);
    return stale == 0 && reads == ROUNDS * harts_count;
}

const struct program shootdown = {"shootdown", 2, run, report};
