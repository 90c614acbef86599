// The loops of the probe, in windowed code. a2: turns; a3: a table of as many words; a4: the number
// of the call, so that it stands written in the ABI alone.
//
// Each loop is there twice, with the system call and without: what the second costs is taken off
// the first. Counter, table and number are in registers that a system call keeps.

    .macro PROBE_LOOP name, begin, call, end
    .section .text.probe_\name, "ax", @progbits
    .p2align 2
    .global probe_\name
    .type   probe_\name, @function
probe_\name:
    entry   a1, 48
    mov     a12, a2
    mov     a13, a3
    mov     a14, a4
    beqz    a12, 2f
1:  \begin
    mov     a8, a14
    \call
    \end
    addi    a13, a13, 4
    addi    a12, a12, -1
    bnez    a12, 1b
2:  retw
    .size   probe_\name, . - probe_\name
    .endm

    .macro NOTHING
    .endm
    // 64 bytes, the least alignment, no flags.
    .macro SIZE
    movi    a2, 64
    movi    a3, 0
    movi    a4, 0
    .endm
    .macro KEEP
    s32i    a2, a13, 0
    .endm
    .macro KEPT
    l32i    a2, a13, 0
    .endm
    // A record on the stack.
    .macro RECORD
    addi    a2, a1, 16
    .endm

    PROBE_LOOP plain_calls,    NOTHING, "syscall", NOTHING
    PROBE_LOOP plain_nothing,  NOTHING, NOTHING,   NOTHING
    PROBE_LOOP record_calls,   RECORD,  "syscall", NOTHING
    PROBE_LOOP record_nothing, RECORD,  NOTHING,   NOTHING
    PROBE_LOOP alloc_calls,    SIZE,    "syscall", KEEP
    PROBE_LOOP alloc_nothing,  SIZE,    NOTHING,   KEEP
    PROBE_LOOP free_calls,     KEPT,    "syscall", NOTHING
    PROBE_LOOP free_nothing,   KEPT,    NOTHING,   NOTHING

// Yields at the bottom of as many frames as a2 says. a3: the number of the call, a4: a mark that no
// other module has. The result is 0 if each yield kept the frames, the registers that it keeps and
// THREADPTR, and left zero in all that it gives up: a2 to a11, SAR (3), SCOMPARE1 (12), ACCLO, ACCHI
// (16, 17), M0 to M3 (32 to 35), LBEG, LEND, LCOUNT (0, 1, 2), LITBASE (5).
    .section .literal.probe_deep_yields, "ax", @progbits
    .p2align 2
.Lprobe_deep_yields:
    .long   probe_deep_yields
    .section .text.probe_deep_yields, "ax", @progbits
    .p2align 2
    .global probe_deep_yields
    .type   probe_deep_yields, @function
probe_deep_yields:
    entry   a1, 32
    add     a5, a4, a2
    beqz    a2, 1f
    addi    a10, a2, -1
    mov     a11, a3
    mov     a12, a4
    l32r    a8, .Lprobe_deep_yields
    callx8  a8
    sub     a6, a5, a4
    sub     a6, a6, a2
    or      a2, a10, a6
    retw
1:  mov     a12, a4
    mov     a13, a3
    movi    a14, 0
    movi    a15, 50
    .byte   0xc0, 0xe7, 0xf3
2:  movi    a4, 21
    .byte   0x40, 3, 0x13
    .byte   0x40, 12, 0x13
    .byte   0x40, 16, 0x13
    .byte   0x40, 17, 0x13
    .byte   0x40, 32, 0x13
    .byte   0x40, 33, 0x13
    .byte   0x40, 34, 0x13
    .byte   0x40, 35, 0x13
    .byte   0x40, 0, 0x13
    .byte   0x40, 1, 0x13
    movi    a3, -1
    mov     a5, a3
    mov     a6, a3
    mov     a7, a3
    mov     a9, a3
    mov     a10, a3
    mov     a11, a3
    mov     a8, a13
    mov     a2, a3
    syscall
    or      a14, a14, a2
    or      a14, a14, a3
    or      a14, a14, a4
    or      a14, a14, a5
    or      a14, a14, a6
    or      a14, a14, a7
    or      a14, a14, a8
    or      a14, a14, a9
    or      a14, a14, a10
    or      a14, a14, a11
    .byte   0x40, 3, 0x03
    or      a14, a14, a4
    .byte   0x40, 12, 0x03
    or      a14, a14, a4
    .byte   0x40, 16, 0x03
    or      a14, a14, a4
    .byte   0x40, 17, 0x03
    or      a14, a14, a4
    .byte   0x40, 32, 0x03
    or      a14, a14, a4
    .byte   0x40, 33, 0x03
    or      a14, a14, a4
    .byte   0x40, 34, 0x03
    or      a14, a14, a4
    .byte   0x40, 35, 0x03
    or      a14, a14, a4
    .byte   0x40, 0, 0x03
    or      a14, a14, a4
    .byte   0x40, 1, 0x03
    or      a14, a14, a4
    .byte   0x40, 2, 0x03
    or      a14, a14, a4
    .byte   0x40, 5, 0x03
    or      a14, a14, a4
    .byte   0x70, 0x4e, 0xe3
    sub     a4, a4, a12
    or      a14, a14, a4
    addi    a15, a15, -1
    bnez    a15, 3f
    mov     a2, a14
    retw
3:  j       2b
    .size   probe_deep_yields, . - probe_deep_yields

    .section .note.GNU-stack, "", @progbits
