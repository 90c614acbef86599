// The attacks that need registers or instructions of their own choice. Windowed code, called from
// Rust with call8: arguments in a2 and up, result in a2.
//
// A function that comes back has failed to get the module stopped, unless its comment says what
// its result means.

    .macro function name
    .section .text.\name, "ax", @progbits
    .p2align 2
    .global \name
    .type   \name, @function
\name:
    entry   a1, 32
    .endm

    .macro literal name, value
    .section .literal.\name, "ax", @progbits
    .p2align 2
.L\name:
    .long   \value
    .endm

// ---- Single accesses. a2: the address.

    function hostile_load
    l32i    a2, a2, 0
    retw

    function hostile_store
    s32i    a2, a2, 0
    retw

    function hostile_jump
    jx      a2

    // SCOMPARE1 is register 12: compare with 0, store the address.
    function hostile_swap
    movi    a3, 0
    .byte   0x30, 12, 0x13
    mov     a3, a2
    s32c1i  a3, a2, 0
    retw

    // dhwb a2, 0
    function hostile_write_back
    .byte   0x42, 0x72, 0x00
    retw

    // dhwbi a2, 0
    function hostile_write_back_drop
    .byte   0x52, 0x72, 0x00
    retw

    // ihi a2, 0
    function hostile_drop_text
    .byte   0xe2, 0x72, 0x00
    retw

    // dpfr, dpfw, dpfro, dpfwo, ipf
    function hostile_prefetch
    .byte   0x02, 0x72, 0x00
    .byte   0x12, 0x72, 0x00
    .byte   0x22, 0x72, 0x00
    .byte   0x32, 0x72, 0x00
    .byte   0xc2, 0x72, 0x00
    retw

    function hostile_divide
    movi    a3, 0
    quou    a2, a2, a3
    retw

    function hostile_break
    .byte   0xf0, 0x41, 0x00
    retw

// ---- Special registers: for each number a function of 8 bytes that accesses it with a2.

    .macro registers name, operation
    .section .text.\name, "ax", @progbits
    .p2align 3
    .global \name
\name:
    .set    number, 0
    .rept   256
    entry   a1, 32
    .byte   0x20, number, \operation
    .byte   0x1d, 0xf0
    .set    number, number + 1
    .endr
    .endm

    registers hostile_rsr, 0x03
    registers hostile_wsr, 0x13
    registers hostile_xsr, 0x61

    // User registers, likewise: rur has the number in two fields, wur in one.
    .section .text.hostile_rur, "ax", @progbits
    .p2align 3
    .global hostile_rur
hostile_rur:
    .set    number, 0
    .rept   256
    entry   a1, 32
    .byte   (number & 15) << 4, 0x20 | number >> 4, 0xe3
    .byte   0x1d, 0xf0
    .set    number, number + 1
    .endr

    registers hostile_wur, 0xf3

// ---- System calls.

    // a2: any number. The result is the kernel's.
    function hostile_number
    mov     a8, a2
    movi    a2, 0
    syscall
    retw

    // a2: the number, a3 to a5: the arguments. The result is the kernel's answer.
    function hostile_ask
    mov     a8, a2
    mov     a2, a3
    mov     a3, a4
    mov     a4, a5
    syscall
    retw

    // a2: the number of the null call. The result is 0 if the kernel left nothing in the registers
    // that a system call does not keep: a3 to a11, SAR (3), SCOMPARE1 (12), LITBASE (5).
    function hostile_leak
    mov     a8, a2
    movi    a3, 21
    .byte   0x30, 3, 0x13
    .byte   0x30, 12, 0x13
    // All that must come back as zero, so that one that is left alone shows as well.
    movi    a9, -1
    mov     a3, a9
    mov     a4, a9
    mov     a5, a9
    mov     a6, a9
    mov     a7, a9
    mov     a10, a9
    mov     a11, a9
    syscall
    or      a2, a2, a3
    or      a2, a2, a4
    or      a2, a2, a5
    or      a2, a2, a6
    or      a2, a2, a7
    or      a2, a2, a8
    or      a2, a2, a9
    or      a2, a2, a10
    or      a2, a2, a11
    .byte   0x30, 3, 0x03
    or      a2, a2, a3
    .byte   0x30, 12, 0x03
    or      a2, a2, a3
    .byte   0x30, 5, 0x03
    or      a2, a2, a3
    retw

    // a2: the number of a call that keeps nearly all; a3: what a3 comes back as when it was all ones.
    // The result is 0 if everything else is as it was: a4 to a7, a9 to a15, SAR, SCOMPARE1,
    // LITBASE; and a8 is LEND.
    function hostile_keep
    mov     a8, a2
    mov     a15, a3
    movi    a9, -1
    movi    a4, 21
    .byte   0x40, 3, 0x13
    .byte   0x40, 12, 0x13
    movi    a4, 20
    .byte   0x40, 1, 0x13
    slli    a4, a4, 12
    .byte   0x40, 5, 0x13
    isync
    mov     a2, a1
    mov     a3, a9
    mov     a4, a9
    mov     a5, a9
    mov     a6, a9
    mov     a7, a9
    mov     a10, a9
    mov     a11, a9
    mov     a12, a9
    mov     a13, a9
    mov     a14, a9
    syscall
    sub     a2, a3, a15
    and     a4, a4, a5
    and     a4, a4, a6
    and     a4, a4, a7
    and     a4, a4, a9
    and     a4, a4, a10
    and     a4, a4, a11
    and     a4, a4, a12
    and     a4, a4, a13
    and     a4, a4, a14
    addi    a4, a4, 1
    or      a2, a2, a4
    addi    a4, a8, -20
    or      a2, a2, a4
    .byte   0x40, 5, 0x03
    movi    a3, 20
    slli    a3, a3, 12
    sub     a4, a4, a3
    or      a2, a2, a4
    movi    a3, 21
    .byte   0x40, 3, 0x03
    sub     a4, a4, a3
    or      a2, a2, a4
    .byte   0x40, 12, 0x03
    sub     a4, a4, a3
    or      a2, a2, a4
    retw

// ---- What one life leaves for the next in registers that the kernel has no use for: ACCLO, ACCHI
// (16, 17), M0 to M3 (32 to 35), THREADPTR, EXPSTATE, LBEG, LEND (0, 1).

    // a2: the mark.
    function hostile_mark
    .byte   0x20, 16, 0x13
    .byte   0x20, 17, 0x13
    .byte   0x20, 32, 0x13
    .byte   0x20, 33, 0x13
    .byte   0x20, 34, 0x13
    .byte   0x20, 35, 0x13
    .byte   0x20, 0xe7, 0xf3
    .byte   0x20, 0xe6, 0xf3
    .byte   0x20, 0, 0x13
    .byte   0x20, 1, 0x13
    retw

    // The result is 0 if nothing is there.
    function hostile_seek
    .byte   0x20, 16, 0x03
    .byte   0x30, 17, 0x03
    or      a2, a2, a3
    .byte   0x30, 32, 0x03
    or      a2, a2, a3
    .byte   0x30, 33, 0x03
    or      a2, a2, a3
    .byte   0x30, 34, 0x03
    or      a2, a2, a3
    .byte   0x30, 35, 0x03
    or      a2, a2, a3
    .byte   0x70, 0x3e, 0xe3
    or      a2, a2, a3
    .byte   0x60, 0x3e, 0xe3
    or      a2, a2, a3
    .byte   0x30, 0, 0x03
    or      a2, a2, a3
    .byte   0x30, 1, 0x03
    or      a2, a2, a3
    retw

// ---- Time.

    function hostile_spin
1:  j       1b

// ---- Stack pointers. a2: the pointer, a3: the number of the null call.

    function hostile_stack_call
    mov     a1, a2
    mov     a8, a3
    syscall
    s32i    a1, a1, 0
    retw

    function hostile_stack_spin
    mov     a1, a2
1:  j       1b

    // The callee gets the module's own stack back, so that only this frame has the other.
    literal hostile_stack_older, hostile_stack_inner
    function hostile_stack_older
    mov     a6, a1
    mov     a7, a3
    mov     a1, a2
    l32r    a4, .Lhostile_stack_older
    callx4  a4
    s32i    a1, a1, 0
    retw

    function hostile_stack_inner
    mov     a1, a2
    mov     a8, a3
    syscall
    retw

    // Calls itself a2 times, which spills every older frame.
    literal hostile_deep, hostile_deep
    function hostile_deep
    beqz    a2, 1f
    addi    a6, a2, -1
    l32r    a4, .Lhostile_deep
    callx4  a4
1:  retw

    literal hostile_stack_overflow, hostile_deep
    function hostile_stack_overflow
    mov     a1, a2
    movi    a6, 12
    l32r    a4, .Lhostile_stack_overflow
    callx4  a4
    retw

    literal hostile_stack_underflow, hostile_deep
    function hostile_stack_underflow
    movi    a6, 12
    l32r    a4, .Lhostile_stack_underflow
    callx4  a4
    mov     a1, a2
    retw

    // With the caller's frame spilled, movsp traps and the kernel reloads it.
    literal hostile_stack_move_to, hostile_deep
    function hostile_stack_move_to
    movi    a6, 12
    l32r    a4, .Lhostile_stack_move_to
    callx4  a4
    movsp   a1, a2
    s32i    a1, a1, 0
    retw

    literal hostile_stack_move_from, hostile_deep
    function hostile_stack_move_from
    movi    a6, 12
    l32r    a4, .Lhostile_stack_move_from
    callx4  a4
    mov     a1, a2
    movsp   a1, a2
    retw

// ---- LITBASE (5). a2: the base with its lowest bit set, a3: the number of the null call.

    // The result is 0 if the system call came back with LITBASE clear.
    function hostile_literals
    mov     a12, a2
    .byte   0xc0, 5, 0x13
    isync
    mov     a8, a3
    syscall
    .byte   0x20, 5, 0x03
    bnez    a2, 1f
    .byte   0xc0, 5, 0x13
    isync
    // l32r a3 from the word before the base
    .byte   0x31, 0xff, 0xff
    .byte   0x20, 5, 0x13
    isync
1:  retw

    function hostile_literals_spin
    .byte   0x20, 5, 0x13
    isync
1:  j       1b

// ---- LBEG (0), LEND (1), LCOUNT (2).

    // a2: where the loop goes back to.
    literal hostile_loop_to, .Lloop_to_end
    function hostile_loop_to
    .byte   0x20, 0, 0x13
    l32r    a4, .Lhostile_loop_to
    .byte   0x40, 1, 0x13
    movi    a3, 5
    .byte   0x30, 2, 0x13
    isync
    movi    a3, 0
.Lloop_to_end:
    .byte   0x30, 2, 0x13
    retw

    // a3: the number of the call, the last instruction of the loop. A trace takes its record from
    // the stack.
    literal hostile_loop_call_to, .Lloop_call_to_end
    function hostile_loop_call_to
    .byte   0x20, 0, 0x13
    l32r    a4, .Lhostile_loop_call_to
    .byte   0x40, 1, 0x13
    movi    a4, 5
    .byte   0x40, 2, 0x13
    isync
    mov     a2, a1
    mov     a8, a3
    syscall
.Lloop_call_to_end:
    movi    a3, 0
    .byte   0x30, 2, 0x13
    retw

    // a2, a3: first and last end, a4: the number of the call. The result is 0.
    literal hostile_loop_sweep, hostile_captured
    function hostile_loop_sweep
    mov     a12, a2
    mov     a13, a3
    mov     a14, a4
    l32r    a5, .Lhostile_loop_sweep
    .byte   0x50, 0, 0x13
1:  .byte   0xc0, 1, 0x13
    movi    a5, 3
    .byte   0x50, 2, 0x13
    isync
    mov     a2, a1
    mov     a8, a14
    syscall
    movi    a5, 0
    .byte   0x50, 2, 0x13
    addi    a12, a12, 1
    bltu    a12, a13, 1b
    movi    a2, 0
    retw

    // a2: how many bytes behind the end of a page the loop ends. It begins before that end, in a long run
    // of nothing that has one. The result is what is left of the count.
    literal hostile_loop_across, .Lloop_across_run
    function hostile_loop_across
    l32r    a4, .Lhostile_loop_across
    movi    a5, 1
    slli    a5, a5, 12
    add     a4, a4, a5
    addi    a4, a4, 64
    movi    a5, -1
    slli    a5, a5, 12
    and     a4, a4, a5
    addi    a5, a4, -6
    .byte   0x50, 0, 0x13
    add     a5, a4, a2
    .byte   0x50, 1, 0x13
    movi    a5, 5
    .byte   0x50, 2, 0x13
    isync
    addi    a5, a4, -32
    jx      a5
    .p2align 2
.Lloop_across_run:
    .rept   (4096 + 128) / 2
    .byte   0x3d, 0xf0
    .endr
    .byte   0x20, 2, 0x03
    retw

    // a2: the end.
    literal hostile_loop_spin, hostile_captured
    function hostile_loop_spin
    l32r    a5, .Lhostile_loop_spin
    .byte   0x50, 0, 0x13
    .byte   0x20, 1, 0x13
    movi    a5, 3
    .byte   0x50, 2, 0x13
    isync
1:  j       1b

    // a2, a3: first and last end; stays at each for longer than the kernel's slice of time, which
    // ends in an interrupt, and at the last for ever.
    literal hostile_loop_spin_sweep, hostile_captured
    function hostile_loop_spin_sweep
    l32r    a5, .Lhostile_loop_spin_sweep
    .byte   0x50, 0, 0x13
1:  .byte   0x20, 1, 0x13
    movi    a5, 3
    .byte   0x50, 2, 0x13
    isync
    movi    a6, 1375
    slli    a6, a6, 5
2:  addi    a6, a6, -1
    bnez    a6, 2b
    addi    a2, a2, 1
    bltu    a2, a3, 1b
3:  j       3b

    // Where a captured loop goes. At the module's rights this is an illegal instruction; with the
    // kernel's it shows up as a fault of the kernel.
    .section .text.hostile_captured, "ax", @progbits
    .p2align 2
    .global hostile_captured
hostile_captured:
    .byte   0x00, 0x00, 0x00

// ---- Stack overflow, by each size of window.

    literal hostile_recurse4, hostile_recurse4
    function hostile_recurse4
    l32r    a4, .Lhostile_recurse4
    callx4  a4
    retw

    literal hostile_recurse8, hostile_recurse8
    function hostile_recurse8
    l32r    a8, .Lhostile_recurse8
    callx8  a8
    retw

    literal hostile_recurse12, hostile_recurse12
    .section .text.hostile_recurse12, "ax", @progbits
    .p2align 2
    .global hostile_recurse12
    .type   hostile_recurse12, @function
hostile_recurse12:
    entry   a1, 48
    l32r    a12, .Lhostile_recurse12
    callx12 a12
    retw

// ---- Frames at a depth, by each size of window. a2: how many more, a3: the address of two words, what
// to do at the innermost and with what. The result is a2 if each frame below was as it was left, else -1.

    .macro windows size, frame
    literal hostile_windows\size, hostile_windows\size
    literal hostile_deed\size, hostile_deed
    .section .text.hostile_windows\size, "ax", @progbits
    .p2align 2
    .global hostile_windows\size
    .type   hostile_windows\size, @function
hostile_windows\size:
    entry   a1, \frame
    bnez    a2, 1f
    mov     a6, a3
    l32r    a4, .Lhostile_deed\size
    callx4  a4
    retw
1:
    .endm

    windows 4, 32
    addi    a6, a2, -1
    mov     a7, a3
    l32r    a4, .Lhostile_windows4
    callx4  a4
    addi    a6, a6, 1
    sub     a6, a6, a2
    movi    a3, -1
    movnez  a2, a3, a6
    retw

    windows 8, 32
    mov     a5, a2
    addi    a10, a2, -1
    mov     a11, a3
    l32r    a8, .Lhostile_windows8
    callx8  a8
    addi    a10, a10, 1
    sub     a10, a10, a2
    movi    a3, -1
    movnez  a2, a3, a10
    sub     a10, a5, a2
    movnez  a2, a3, a10
    retw

    windows 12, 48
    mov     a5, a2
    mov     a11, a2
    addi    a14, a2, -1
    mov     a15, a3
    l32r    a12, .Lhostile_windows12
    callx12 a12
    addi    a14, a14, 1
    sub     a14, a14, a2
    movi    a3, -1
    movnez  a2, a3, a14
    sub     a14, a5, a2
    movnez  a2, a3, a14
    sub     a14, a11, a2
    movnez  a2, a3, a14
    retw

    // a2: the address of the two words.
    literal hostile_deed, hostile_deep
    function hostile_deed
    l32i    a3, a2, 0
    l32i    a5, a2, 4
    beqi    a3, 1, 1f
    beqi    a3, 2, 3f
    beqi    a3, 3, 4f
    beqi    a3, 4, 5f
    // 0: a system call
    mov     a8, a5
    syscall
    retw
    // 1: an interrupt
1:  movi    a6, 1375
    slli    a6, a6, 5
2:  addi    a6, a6, -1
    bnez    a6, 2b
    retw
    // 2: a fault
3:  l32i    a2, a5, 0
    retw
    // 3: a fault while a frame is spilled
4:  mov     a1, a5
    movi    a6, 12
    l32r    a4, .Lhostile_deed
    callx4  a4
    retw
    // 4: a stack pointer that is moved past spilled frames
5:  movi    a6, 12
    l32r    a4, .Lhostile_deed
    callx4  a4
    addi    a3, a1, -32
    movsp   a1, a3
    retw

    .section .note.GNU-stack, "", @progbits
