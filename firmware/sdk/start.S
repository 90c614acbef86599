// Where the kernel enters a module: calls the function in a2 with the arguments in a3 to a6, then
// ends the entry with its result. Assembled with the windowed options of a module.

    .section .literal._bulkhead_start, "ax", @progbits
    .p2align 2
.Ldone:
    .long   bulkhead_done

    .section .text._bulkhead_start, "ax", @progbits
    .p2align 2
    .global _bulkhead_start
    .type   _bulkhead_start, @function
_bulkhead_start:
    // This is the oldest frame: when a call below spills it, the window handler looks for the
    // caller's stack pointer under a1 and saves a4 to a7 relative to it. So the old top becomes
    // the caller's stack pointer.
    mov     a8, a1
    addi    a1, a1, -64
    addi    a9, a1, -16
    s32i    a8, a9, 4
    mov     a10, a3
    mov     a11, a4
    mov     a12, a5
    mov     a13, a6
    callx8  a2
    // The result is in a10, where the stub expects its argument.
    l32r    a8, .Ldone
    callx8  a8
    // The call does not return. If a kernel lets it, nothing else may run.
    .byte   0x00, 0x00, 0x00
    .size   _bulkhead_start, . - _bulkhead_start

// Stops the module: an illegal instruction, which the kernel reports as cause 0.
    .section .text.bulkhead_fail, "ax", @progbits
    .p2align 2
    .global bulkhead_fail
    .type   bulkhead_fail, @function
bulkhead_fail:
    entry   a1, 32
    .byte   0x00, 0x00, 0x00
    .size   bulkhead_fail, . - bulkhead_fail

    .section .note.GNU-stack, "", @progbits
