# Entry in M-mode, as `-bios none` gives it: a stack, a zeroed .bss, the floating-point unit on, then `main`.
.section .text.start, "ax"
.global _start
_start:
    csrr    t0, mhartid
    bnez    t0, park
    la      sp, __stack_top
    la      t0, unexpected_trap
    csrw    mtvec, t0
    li      t0, 1 << 13                 # mstatus.FS = Initial
    csrs    mstatus, t0
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

# A program that traps where it should not ends with an exit code: 0x3333 in the low half, the cause in the high half.
.balign 4
.global unexpected_trap
unexpected_trap:
    csrr    t0, mcause
    andi    t0, t0, 0xff
    addi    t0, t0, 64
    slli    t0, t0, 16
    li      t1, 0x3333
    or      t0, t0, t1
    li      t1, 0x100000
    sw      t0, 0(t1)
    j       park
