/* Boot: console, board, interrupts, then the kernel command line as the first typed line, then the prompt. */
#include "console.h"
#include "csr.h"
#include "fdt.h"
#include "interrupt.h"
#include "shell.h"
#include "timer.h"
#include "uart.h"

static struct board board;

void main(uint64_t hart, uint64_t device_tree)
{
    uart_start(console_receive);
    console_print("\nfoldvm demo firmware\n");
    if (fdt_read_board(device_tree, &board))
        console_print("hart %lu, memory %lu MiB at 0x%lx\n", hart, board.memory_bytes >> 20, board.memory_start);
    else
        console_print("hart %lu, no device tree\n", hart);
    plic_start();
    timer_start();
    csr_set(mie, MIE_MTIE | MIE_MEIE);
    interrupts_enable();
    shell_start(&board);
    if (board.bootargs[0] != '\0') {
        console_print("demo> %s\n", board.bootargs);
        shell_run(board.bootargs);
    }
    shell_loop();
}
