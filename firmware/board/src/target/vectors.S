/* The vectors. Every one of them can be reached by a module with every register its own choice,
 * LITBASE, LBEG, LEND and LCOUNT among them. So, until LITBASE is even: no l32r. While PS.EXCM is
 * set the loop registers have no effect. Nothing here stores to an address out of a user register
 * at ring 0: window vectors use s32e and l32e, which take the ring of PS.RING, the module's. */

#include "layout.h"
#include "special.h"

.macro OVERFLOW4
    s32e a0, a5, -16
    s32e a1, a5, -12
    s32e a2, a5, -8
    s32e a3, a5, -4
    rfwo
.endm

.macro UNDERFLOW4
    l32e a0, a5, -16
    l32e a1, a5, -12
    l32e a2, a5, -8
    l32e a3, a5, -4
    rfwu
.endm

    .section .vectors, "ax"
    .p2align 10
    .global vector_base
vector_base:

    .org vector_base + 0x000
    OVERFLOW4
    .org vector_base + 0x040
    UNDERFLOW4

    .org vector_base + 0x080
    s32e a0, a9, -16
    l32e a0, a1, -12
    s32e a1, a9, -12
    s32e a2, a9, -8
    s32e a3, a9, -4
    s32e a4, a0, -32
    s32e a5, a0, -28
    s32e a6, a0, -24
    s32e a7, a0, -20
    rfwo

    .org vector_base + 0x0c0
    l32e a0, a9, -16
    l32e a1, a9, -12
    l32e a2, a9, -8
    l32e a7, a1, -12
    l32e a3, a9, -4
    l32e a4, a7, -32
    l32e a5, a7, -28
    l32e a6, a7, -24
    l32e a7, a7, -20
    rfwu

    .org vector_base + 0x100
    s32e a0, a13, -16
    l32e a0, a1, -12
    s32e a1, a13, -12
    s32e a2, a13, -8
    s32e a3, a13, -4
    s32e a4, a0, -48
    s32e a5, a0, -44
    s32e a6, a0, -40
    s32e a7, a0, -36
    s32e a8, a0, -32
    s32e a9, a0, -28
    s32e a10, a0, -24
    s32e a11, a0, -20
    rfwo

    .org vector_base + 0x140
    l32e a0, a13, -16
    l32e a1, a13, -12
    l32e a2, a13, -8
    l32e a11, a1, -12
    l32e a3, a13, -4
    l32e a4, a11, -48
    l32e a5, a11, -44
    l32e a6, a11, -40
    l32e a7, a11, -36
    l32e a8, a11, -32
    l32e a9, a11, -28
    l32e a10, a11, -24
    l32e a11, a11, -20
    rfwu

    /* Levels 2 to 5: nothing is enabled on them, so what arrives is a failure of the board. */
    .org vector_base + 0x180
    j unexpected_interrupt
    .org vector_base + 0x1c0
    j unexpected_interrupt
    .org vector_base + 0x200
    j unexpected_interrupt
    .org vector_base + 0x240
    j unexpected_interrupt

    /* Debug (level 6): a module's `break`. */
    .org vector_base + 0x280
    WSR(0, SR_EXCSAVE1)
    j debug_entry

    /* NMI. */
    .org vector_base + 0x2c0
    j unexpected_interrupt

    .org vector_base + 0x2e0
    .global call_table_address
call_table_address:
    .long call_table

    /* An exception of the kernel itself. */
    .org vector_base + 0x300
    j kernel_fault

    /* An exception of a module. */
    .org vector_base + 0x340
    .global user_vector
user_vector:
    WSR(0, SR_EXCSAVE1)
    RSR(0, SR_EXCCAUSE)
    beqi a0, 1, system_call
    j user_exception

/* Calls that need neither the kernel's stack nor its tables. They run at PS.EXCM = 1, read no
 * literal, and store nowhere but in the kernel's own ring. In: a0 and a8 free (the module's a0 is
 * in EXCSAVE1, a8 held the number). */
quick_call:
    bnei a8, 32, 2f
    RSR(2, SR_EXCSAVE5)           /* ticks */
    l32i a2, a2, CORE_TICKS
quick_return:
    RSR(0, SR_EPC1)
    addi a0, a0, 3
    RSR(8, SR_LEND)
    beq a0, a8, quick_loop
    WSR(0, SR_EPC1)
    RSR(0, SR_EXCSAVE1)
    RFE
quick_loop:                       /* the call is the last instruction of a loop */
    RSR(8, SR_LCOUNT)
    beqz a8, 1f
    addi a8, a8, -1
    WSR(8, SR_LCOUNT)
    RSR(0, SR_LBEG)
1:
    WSR(0, SR_EPC1)
    movi a8, 0
    RSR(0, SR_EXCSAVE1)
    RFE
2:
    j trace_call

    /* An exception while another was handled: a window vector met a bad stack pointer of the
     * module, or the kernel has a bug in a system call. */
    .org vector_base + 0x3c0
    WSR(0, SR_EXCSAVE2)
    j double_exception

/* A system call: number in a8, arguments in a2 to a7, result in a2. It runs at PS.EXCM = 1 from
 * here to rfe: ring 0, interrupts off, window checks off, loops off; so PS, WINDOWBASE, WINDOWSTART
 * and the loop registers need no saving, and the call0 code below changes neither them nor a12 to
 * a15, THREADPTR or MAC16. What it may change and the module must not see is cleared at the end. */
    .global system_call
system_call:
    bgeui a8, CALL_TABLE_ENTRIES, quick_call
    mov a7, a8                    /* the number; a call has five arguments in registers */
slow_call:
#ifdef BREAK_RULE_4               /* BROKEN ON PURPOSE, rule 4: at ring 0, below the module's stack */
    addi a0, a1, -32
    s32i a2, a0, 0
#endif
    XSR(1, SR_MISC0)              /* a1: the kernel's stack; MISC0: the module's a1 */
    movi a0, 0
    WSR(0, SR_LITBASE)            /* from here on l32r is the kernel's own */
    isync
    RSR(0, SR_EPC1)
    addi a0, a0, 3
    RSR(9, SR_LEND)
    bne a0, a9, 1f
    RSR(9, SR_LCOUNT)             /* the call is the last instruction of a loop: what the */
    beqz a9, 1f                   /* hardware would do behind it is to be done here */
    addi a9, a9, -1
    WSR(9, SR_LCOUNT)
    RSR(0, SR_LBEG)
1:
    WSR(0, SR_EPC1)
    l32r a9, call_table_address
    addx4 a9, a8, a9
    l32i a9, a9, 0
    callx0 a9
system_call_return:
    XSR(1, SR_MISC0)
    RSR(0, SR_EXCSAVE1)
    movi a3, 0
    movi a4, 0
    movi a5, 0
    movi a6, 0
    movi a7, 0
    movi a8, 0
    movi a9, 0
    movi a10, 0
    movi a11, 0
    WSR(11, SR_SAR)
    WSR(11, SR_SCOMPARE1)
    RFE
/* A record of 16 bytes into the thread's ring, with the time. Whatever is out of the ordinary (not
 * in the quick window, not aligned, the ring full, no such number) goes by way of the table's last
 * entry, with the number in a7 and a2 as it was. */
trace_call:
    bnei a8, 64, other_call
    RSR(0, SR_MISC1)
    l32i a8, a0, RECORD_QUICK_START
    sub a8, a2, a8
    l32i a3, a0, RECORD_QUICK_BYTES
    bgeu a8, a3, trace_slow
    extui a8, a2, 0, 4
    bnez a8, trace_slow
    l32i a8, a0, RECORD_QUICK_RING
    l32i a3, a8, 0
    bgeui a3, TRACES, trace_slow
    l32i a0, a0, RECORD_QUICK_STEP
    add a2, a2, a0                /* the kernel's own address of the record */
    addi a0, a3, 1
    s32i a0, a8, 0
    slli a3, a3, TRACE_SHIFT
    add a3, a3, a8
    RSR(0, SR_CCOUNT)
    s32i a0, a3, TRACE_FIRST + TRACE_CYCLES
    DHWBI(2)                      /* what the module wrote, then read past the cache */
    movi a8, 1
    slli a8, a8, UNCACHED_STEP_BITS
    add a2, a2, a8
    l32i a0, a2, 0
    s32i a0, a3, TRACE_FIRST
    l32i a0, a2, 4
    s32i a0, a3, TRACE_FIRST + 4
    l32i a0, a2, 8
    s32i a0, a3, TRACE_FIRST + 8
    l32i a0, a2, 12
    s32i a0, a3, TRACE_FIRST + 12
    movi a2, 0
    movi a3, 0
    j quick_return
other_call:
    bnei a8, 128, beyond_table
    j yield_call
trace_slow:
    movi a8, 64
beyond_table:
    mov a7, a8
    movi a8, CALL_TABLE_ENTRIES - 1
    j slow_call
    .p2align 2
    .global system_call_end
system_call_end:
