/* What ends a module's turn: interrupts, faults, `break`, window faults; and what ends the kernel. */

#include "layout.h"
#include "special.h"

    .section .text.boot, "ax"
    .p2align 2
panic_stack_address:
    .long panic_stack_top
trap_address:
    .long kernel_trap

    /* In: a0 free (the module's is in EXCSAVE1). */
    .global user_exception
user_exception:
    bnei a0, 5, save_all          /* a move of a stack pointer past spilled frames */
    j window_move
save_all:
    RSR(0, SR_MISC1)              /* the running thread's record */
    s32i a1, a0, RECORD_NEAR + 4
    s32i a2, a0, RECORD_NEAR + 8
    s32i a3, a0, RECORD_NEAR + 12
    s32i a4, a0, RECORD_NEAR + 16
    s32i a5, a0, RECORD_NEAR + 20
    s32i a6, a0, RECORD_NEAR + 24
    s32i a7, a0, RECORD_NEAR + 28
    s32i a8, a0, RECORD_NEAR + 32
    s32i a9, a0, RECORD_NEAR + 36
    s32i a10, a0, RECORD_NEAR + 40
    s32i a11, a0, RECORD_NEAR + 44
    s32i a12, a0, RECORD_NEAR + 48
    s32i a13, a0, RECORD_NEAR + 52
    s32i a14, a0, RECORD_NEAR + 56
    s32i a15, a0, RECORD_NEAR + 60
    RSR(1, SR_EXCSAVE1)
    s32i a1, a0, RECORD_NEAR
    movi a1, 0
    XSR(1, SR_LITBASE)
    isync
    s32i a1, a0, RECORD_LITBASE
    movi a1, 0
    XSR(1, SR_LCOUNT)
    s32i a1, a0, RECORD_LCOUNT
    RSR(1, SR_LBEG)
    s32i a1, a0, RECORD_LBEG
    RSR(1, SR_LEND)
    s32i a1, a0, RECORD_LEND
    RSR(1, SR_SAR)
    s32i a1, a0, RECORD_SAR
    RSR(1, SR_SCOMPARE1)
    s32i a1, a0, RECORD_SCOMPARE1
    RUR_THREADPTR(1)
    s32i a1, a0, RECORD_THREADPTR
    RUR_EXPSTATE(1)
    s32i a1, a0, RECORD_EXPSTATE
    RSR(1, SR_ACCLO)
    s32i a1, a0, RECORD_ACCLO
    RSR(1, SR_ACCHI)
    s32i a1, a0, RECORD_ACCHI
    RSR(1, SR_M0)
    s32i a1, a0, RECORD_MAC
    RSR(1, SR_M1)
    s32i a1, a0, RECORD_MAC + 4
    RSR(1, SR_M2)
    s32i a1, a0, RECORD_MAC + 8
    RSR(1, SR_M3)
    s32i a1, a0, RECORD_MAC + 12
    RSR(1, SR_EPC1)
    s32i a1, a0, RECORD_PC
    RSR(1, SR_PS)
    s32i a1, a0, RECORD_PS
    RSR(1, SR_WINDOWSTART)
    s32i a1, a0, RECORD_WINDOWSTART
    RSR(1, SR_EXCCAUSE)
    s32i a1, a0, RECORD_CAUSE
    RSR(1, SR_EXCVADDR)
    s32i a1, a0, RECORD_ADDRESS
    WSR(0, SR_EXCSAVE2)
    ROTW(4)                       /* the half of the register file out of sight */
    XSR(0, SR_EXCSAVE2)
    s32i a1, a0, RECORD_FAR + 4
    s32i a2, a0, RECORD_FAR + 8
    s32i a3, a0, RECORD_FAR + 12
    s32i a4, a0, RECORD_FAR + 16
    s32i a5, a0, RECORD_FAR + 20
    s32i a6, a0, RECORD_FAR + 24
    s32i a7, a0, RECORD_FAR + 28
    s32i a8, a0, RECORD_FAR + 32
    s32i a9, a0, RECORD_FAR + 36
    s32i a10, a0, RECORD_FAR + 40
    s32i a11, a0, RECORD_FAR + 44
    s32i a12, a0, RECORD_FAR + 48
    s32i a13, a0, RECORD_FAR + 52
    s32i a14, a0, RECORD_FAR + 56
    s32i a15, a0, RECORD_FAR + 60
    RSR(1, SR_EXCSAVE2)
    s32i a1, a0, RECORD_FAR
    RSR(1, SR_WINDOWBASE)         /* four panes on: loading starts from there */
    s32i a1, a0, RECORD_FAR_WINDOWBASE
    movi a2, EXIT_EXCEPTION
    j leave

/* Back to the kernel function that called enter_module, which returns a2. Whatever stood on the
 * exception stack is given up. LITBASE and LCOUNT are zero. */
    .global leave_from_call
    .p2align 2                    /* what is called by name must be */
leave_from_call:
    movi a3, 0
    WSR(3, SR_LCOUNT)
    .global leave
leave:
    RSR(3, SR_EXCSAVE5)
    l32i a4, a3, CORE_EXCEPTION_STACK
    WSR(4, SR_MISC0)
    movi a4, PS_KERNEL
    WSR(4, SR_PS)
    rsync
    l32i a0, a3, 0
    l32i a1, a3, 4
    l32i a12, a3, 8
    l32i a13, a3, 12
    l32i a14, a3, 16
    l32i a15, a3, 20
    ret

/* movsp found the caller's frame spilled: bring it back, as an underflow would, then try again.
 * All memory is reached by the underflow vectors, in the module's ring. */
    .global window_move
window_move:
    WSR(2, SR_EXCSAVE4)
    WSR(3, SR_EXCSAVE3)
    RSR(0, SR_WINDOWBASE)
    RSR(2, SR_PS)
    extui a3, a2, 8, 4            /* PS.OWB := WINDOWBASE, where rfwu goes back to */
    xor a3, a3, a0
    slli a3, a3, 8
    xor a2, a2, a3
    WSR(2, SR_PS)
    rsync
    RSR(3, SR_EXCSAVE3)
    RSR(2, SR_EXCSAVE4)
    RSR(0, SR_EXCSAVE1)
    ROTW(-1)                      /* the module's a0 is a4 now; its top bits tell the size */
    bbsi a4, 31, 1f
    j vector_base + 0x040
1:
    ROTW(-1)
    bbsi a8, 30, 1f
    j vector_base + 0x0c0
1:
    ROTW(-1)
    j vector_base + 0x140

/* `break`: made to look like any other exception of the module, with a cause of its own. */
    .global debug_entry
debug_entry:
    RSR(0, SR_EPS6)
    bbsi a0, 4, kernel_fault      /* PS.EXCM or not PS.UM: the kernel itself */
    bbci a0, 5, kernel_fault
    addi a0, a0, 16
    WSR(0, SR_PS)
    rsync
    RSR(0, SR_EPC6)
    WSR(0, SR_EPC1)
    movi a0, CAUSE_BREAK
    WSR(0, SR_EXCCAUSE)
    j save_all

/* A window vector works at EXCM = 1 for the module: a fault in it is the module's. A system call
 * works at EXCM = 1 for the kernel: a fault in it is the kernel's. PS.RING is the module's in
 * both, so the address tells them apart. */
    .global double_exception
double_exception:
    RSR(0, SR_DEPC)
    WSR(2, SR_EXCSAVE4)
    RSR(2, SR_VECBASE)
    sub a0, a0, a2
    movi a2, 0x180
    bgeu a0, a2, kernel_fault
    movi a0, 0
    WSR(0, SR_LITBASE)
    WSR(0, SR_LCOUNT)
    isync
    RSR(0, SR_MISC1)
    RSR(2, SR_EXCCAUSE)
    s32i a2, a0, RECORD_CAUSE
    RSR(2, SR_EXCVADDR)
    s32i a2, a0, RECORD_ADDRESS
    RSR(2, SR_EPC1)
    s32i a2, a0, RECORD_PC
    movi a2, EXIT_WINDOW_FAULT
    j leave

    .global unexpected_interrupt
unexpected_interrupt:
    movi a0, CAUSE_UNEXPECTED_INTERRUPT
    WSR(0, SR_EXCCAUSE)
    .global kernel_fault
kernel_fault:
    movi a0, 0
    WSR(0, SR_LITBASE)
    WSR(0, SR_LCOUNT)
    isync
    RSR(2, SR_EXCCAUSE)
    RSR(3, SR_EPC1)
    RSR(4, SR_EXCVADDR)
    RSR(5, SR_DEPC)
    l32r a1, panic_stack_address
    l32r a0, trap_address
    callx0 a0
1:
    j 1b
