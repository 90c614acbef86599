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

    .section .note.GNU-stack, "", @progbits
