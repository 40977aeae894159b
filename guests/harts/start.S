/* Reset entry of every hart, the trap vector, and the way into supervisor mode: everything that C cannot say. */

#define STACK_SHIFT 10
#define MSIP        8
#define CLINT       0x02000000

    .file "start.S" /* without it, the symbol table names the compiler's temporary object */
    .section .text.start, "ax"
    .globl _start
_start:
    /* QEMU's boot protocol: a0 = hart id, a1 = physical address of the device tree. */
    csrw    mie, zero
    la      t0, trap_vector
    csrw    mtvec, t0
    /* 1 KiB of stack a hart, of the 8 KiB that image.ld leaves. */
    la      sp, __stack_top
    slli    t0, a0, STACK_SHIFT
    sub     sp, sp, t0
    bnez    a0, wait_for_start

    la      t0, __bss_start
    la      t1, __bss_end
1:  bgeu    t0, t1, 2f
    sd      zero, 0(t0)
    sd      zero, 8(t0)
    addi    t0, t0, 16
    j       1b
2:  mv      a0, a1
    call    first_hart
    j       park

    /* Until the first hart has cleared .bss and sends an interrupt. */
wait_for_start:
    csrwi   mie, MSIP
1:  wfi
    csrr    t0, mip
    andi    t0, t0, MSIP
    beqz    t0, 1b
    li      t0, CLINT
    slli    t1, a0, 2
    add     t0, t0, t1
    sw      zero, 0(t0)
    fence
    call    other_hart
park:
    csrw    mie, zero
1:  wfi
    j       1b

    .text
    .balign 4
trap_vector:
    addi    sp, sp, -128
    sd      ra, 0(sp)
    sd      t0, 8(sp)
    sd      t1, 16(sp)
    sd      t2, 24(sp)
    sd      t3, 32(sp)
    sd      t4, 40(sp)
    sd      t5, 48(sp)
    sd      t6, 56(sp)
    sd      a0, 64(sp)
    sd      a1, 72(sp)
    sd      a2, 80(sp)
    sd      a3, 88(sp)
    sd      a4, 96(sp)
    sd      a5, 104(sp)
    sd      a6, 112(sp)
    sd      a7, 120(sp)
    csrr    a0, mcause
    csrr    a1, mepc
    csrr    a2, mtval
    call    trap_handle
    csrw    mepc, a0
    ld      ra, 0(sp)
    ld      t0, 8(sp)
    ld      t1, 16(sp)
    ld      t2, 24(sp)
    ld      t3, 32(sp)
    ld      t4, 40(sp)
    ld      t5, 48(sp)
    ld      t6, 56(sp)
    ld      a0, 64(sp)
    ld      a1, 72(sp)
    ld      a2, 80(sp)
    ld      a3, 88(sp)
    ld      a4, 96(sp)
    ld      a5, 104(sp)
    ld      a6, 112(sp)
    ld      a7, 120(sp)
    addi    sp, sp, 128
    mret

    /* void to_supervisor_mode(void): returns in S mode, on the same stack. */
    .globl to_supervisor_mode
to_supervisor_mode:
    li      t0, 3 << 11
    csrc    mstatus, t0
    li      t0, 1 << 11
    csrs    mstatus, t0
    csrw    mepc, ra
    mret
