// The loops of the probe, in windowed code. a2: turns, a3: the number of the null call.
//
// A turn is 3 instructions in the empty loop and 4 in the other, of which one is the system call
// itself: the kernel subtracts the same 3 from both. Counter and number are in a12 and a13, which
// a system call keeps.

    .section .text.probe_call_loop, "ax", @progbits
    .p2align 2
    .global probe_call_loop
    .type   probe_call_loop, @function
probe_call_loop:
    entry   a1, 32
    mov     a12, a2
    mov     a13, a3
    beqz    a12, 2f
1:  mov     a8, a13
    syscall
    addi    a12, a12, -1
    bnez    a12, 1b
2:  retw
    .size   probe_call_loop, . - probe_call_loop

    .section .text.probe_empty_loop, "ax", @progbits
    .p2align 2
    .global probe_empty_loop
    .type   probe_empty_loop, @function
probe_empty_loop:
    entry   a1, 32
    mov     a12, a2
    mov     a13, a3
    beqz    a12, 2f
1:  mov     a8, a13
    addi    a12, a12, -1
    bnez    a12, 1b
2:  retw
    .size   probe_empty_loop, . - probe_empty_loop

    .section .note.GNU-stack, "", @progbits
