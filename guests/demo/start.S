/* Reset entry and trap vector: everything that C cannot say. */

    .file "start.S" /* without it, the symbol table names the compiler's temporary object */
    .section .text.start, "ax"
    .globl _start
_start:
    /* QEMU's boot protocol: a0 = hart id, a1 = physical address of the device tree. */
    csrw    mie, zero
    la      t0, trap_vector
    csrw    mtvec, t0
    la      sp, __stack_top
    bnez    a0, park

    /* All mutable data lies in .bss (image.ld asserts it), so a reset that keeps RAM boots like the first one. */
    la      t0, __bss_start
    la      t1, __bss_end
1:  bgeu    t0, t1, 2f
    sd      zero, 0(t0)
    addi    t0, t0, 8
    j       1b
2:  call    main
park:
    wfi
    j       park

    /* Saves what the calling convention lets C overwrite; the handler itself keeps the rest. */
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
