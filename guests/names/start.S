/* Reset entry. */

    .file "start.S"
    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    csrw    mie, zero
    la      sp, __stack_top
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
    .size _start, . - _start
