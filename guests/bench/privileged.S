# call_in_mode(a0 = function, a1 = mode): mret into it, ecall out of it.
.text
.global call_in_mode
call_in_mode:
    addi    sp, sp, -128
    sd      ra, 0(sp)
    sd      s0, 8(sp)
    sd      s1, 16(sp)
    sd      s2, 24(sp)
    sd      s3, 32(sp)
    sd      s4, 40(sp)
    sd      s5, 48(sp)
    sd      s6, 56(sp)
    sd      s7, 64(sp)
    sd      s8, 72(sp)
    sd      s9, 80(sp)
    sd      s10, 88(sp)
    sd      s11, 96(sp)
    csrw    mscratch, sp
    li      t0, -1                      # one PMP entry over everything: NAPOT, R, W, X
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    la      t0, serve
    csrw    mtvec, t0
    csrw    mepc, a0
    li      t0, 3 << 11
    csrc    mstatus, t0
    slli    a1, a1, 11                  # mstatus.MPP
    csrs    mstatus, a1
    la      ra, leave
    mret
leave:
    li      a7, 1
    ecall

.balign 4
serve:
    csrr    t0, mcause
    addi    t0, t0, -8                  # 8 is an ecall from U, 9 one from S
    sltiu   t0, t0, 2
    beqz    t0, 1f
    bnez    a7, 2f
    addi    a0, a0, 1
    csrr    t0, mepc
    addi    t0, t0, 4
    csrw    mepc, t0
    mret
1:  j       unexpected_trap
2:  csrr    sp, mscratch
    la      t0, unexpected_trap
    csrw    mtvec, t0
    ld      ra, 0(sp)
    ld      s0, 8(sp)
    ld      s1, 16(sp)
    ld      s2, 24(sp)
    ld      s3, 32(sp)
    ld      s4, 40(sp)
    ld      s5, 48(sp)
    ld      s6, 56(sp)
    ld      s7, 64(sp)
    ld      s8, 72(sp)
    ld      s9, 80(sp)
    ld      s10, 88(sp)
    ld      s11, 96(sp)
    addi    sp, sp, 128
    ret
