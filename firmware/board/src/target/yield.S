/* From one thread to another by a system call, without the kernel's stack.
 *
 * A thread that yields gives up what a call may give up: a3 to a11, SAR, SCOMPARE1, LITBASE, the
 * loop registers and MAC16 come back as zero, so they are neither saved nor loaded. Everything else
 * goes into its record. Where the record names a thread that has yielded too and has time left,
 * that one goes on at once; where it names none, the caller does; else the kernel decides. Works at
 * PS.EXCM = 1 and stores to kernel records only. */

#include "layout.h"
#include "special.h"

/* What a yield gives up, and its result. */
.macro CLEAR_GIVEN_UP
    movi a2, 0
    movi a3, 0
    movi a4, 0
    movi a5, 0
    movi a6, 0
    movi a7, 0
    movi a8, 0
    movi a9, 0
    movi a10, 0
    movi a11, 0
    WSR(11, SR_LITBASE)
    WSR(11, SR_LBEG)
    WSR(11, SR_LEND)
    WSR(11, SR_LCOUNT)
    WSR(11, SR_SAR)
    WSR(11, SR_SCOMPARE1)
    WSR(11, SR_ACCLO)
    WSR(11, SR_ACCHI)
    WSR(11, SR_M0)
    WSR(11, SR_M1)
    WSR(11, SR_M2)
    WSR(11, SR_M3)
.endm

    .section .text.boot, "ax"
    .p2align 2
yield_to_kernel:
    movi a3, 0
    j yield_save
    .global yield_call
yield_call:
    RSR(2, SR_MISC1)              /* the caller's record */
    l32i a3, a2, RECORD_NEXT
    beqz a3, yield_alone
    l32i a4, a3, RECORD_PARTIAL
    RSR(5, SR_CCOUNT)
    l32i a6, a2, RECORD_STARTED
    sub a6, a5, a6                /* what it has taken since */
    l32i a8, a3, RECORD_LEFT
    movi a9, LEAST_HANDOVER
    beqz a4, yield_to_kernel
    blt a8, a9, yield_to_kernel
    l32i a7, a2, RECORD_LEFT
    sub a7, a7, a6
    s32i a7, a2, RECORD_LEFT
    l32i a7, a2, RECORD_SPENT
    add a7, a7, a6
    s32i a7, a2, RECORD_SPENT
    s32i a5, a3, RECORD_STARTED
    add a8, a8, a5
    WSR(8, SR_CCOMPARE0)          /* the end of the other's time */
yield_save:
    WSR(3, SR_EXCSAVE3)
    movi a4, 1
    s32i a4, a2, RECORD_PARTIAL
    RSR(4, SR_EXCSAVE1)
    s32i a4, a2, RECORD_NEAR
    s32i a1, a2, RECORD_NEAR + 4
    s32i a12, a2, RECORD_NEAR + 48
    s32i a13, a2, RECORD_NEAR + 52
    s32i a14, a2, RECORD_NEAR + 56
    s32i a15, a2, RECORD_NEAR + 60
    RUR_THREADPTR(4)
    s32i a4, a2, RECORD_THREADPTR
    RUR_EXPSTATE(4)
    s32i a4, a2, RECORD_EXPSTATE
    RSR(4, SR_EPC1)
    addi a4, a4, 3
    s32i a4, a2, RECORD_PC
    RSR(4, SR_PS)
    s32i a4, a2, RECORD_PS
    RSR(4, SR_WINDOWSTART)
    s32i a4, a2, RECORD_WINDOWSTART
    mov a0, a2
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
    RSR(1, SR_WINDOWBASE)
    s32i a1, a0, RECORD_FAR_WINDOWBASE
    RSR(0, SR_EXCSAVE3)
    beqz a0, yield_leave

    WSR(0, SR_MISC1)
    l32i a1, a0, RECORD_IMAGE + IMAGE_RASID
    WSR(1, SR_RASID)
    l32i a1, a0, RECORD_IMAGE + IMAGE_CACHED
    l32i a2, a0, RECORD_IMAGE + IMAGE_CACHED + 4
    WDTLB(1, 2)
    l32i a1, a0, RECORD_IMAGE + IMAGE_UNCACHED
    l32i a2, a0, RECORD_IMAGE + IMAGE_UNCACHED + 4
    WDTLB(1, 2)
    l32i a1, a0, RECORD_FAR_WINDOWBASE
    WSR(1, SR_WINDOWBASE)
    rsync
    RSR(0, SR_EXCSAVE3)
    l32i a1, a0, RECORD_FAR + 4
    l32i a2, a0, RECORD_FAR + 8
    l32i a3, a0, RECORD_FAR + 12
    l32i a4, a0, RECORD_FAR + 16
    l32i a5, a0, RECORD_FAR + 20
    l32i a6, a0, RECORD_FAR + 24
    l32i a7, a0, RECORD_FAR + 28
    l32i a8, a0, RECORD_FAR + 32
    l32i a9, a0, RECORD_FAR + 36
    l32i a10, a0, RECORD_FAR + 40
    l32i a11, a0, RECORD_FAR + 44
    l32i a12, a0, RECORD_FAR + 48
    l32i a13, a0, RECORD_FAR + 52
    l32i a14, a0, RECORD_FAR + 56
    l32i a15, a0, RECORD_FAR + 60
    l32i a0, a0, RECORD_FAR
    ROTW(4)
    RSR(0, SR_EXCSAVE3)
    l32i a1, a0, RECORD_WINDOWSTART
    WSR(1, SR_WINDOWSTART)
    l32i a1, a0, RECORD_THREADPTR
    WUR_THREADPTR(1)
    l32i a1, a0, RECORD_EXPSTATE
    WUR_EXPSTATE(1)
    l32i a1, a0, RECORD_PC
    WSR(1, SR_EPC1)
    l32i a1, a0, RECORD_PS
    WSR(1, SR_PS)
    l32i a1, a0, RECORD_NEAR + 4
    l32i a12, a0, RECORD_NEAR + 48
    l32i a13, a0, RECORD_NEAR + 52
    l32i a14, a0, RECORD_NEAR + 56
    l32i a15, a0, RECORD_NEAR + 60
    l32i a0, a0, RECORD_NEAR
    CLEAR_GIVEN_UP
    isync                         /* for all of them, and the tables' entries */
    RFE

/* To the kernel function that called enter_module; the caller goes on when it is entered again. */
yield_leave:
    movi a2, 0
    WSR(2, SR_LITBASE)
    WSR(2, SR_LCOUNT)
    isync
    movi a2, EXIT_YIELD
    j leave

/* Nobody to yield to: back at once, with the same registers given up. */
yield_alone:
    RSR(0, SR_EPC1)
    addi a0, a0, 3
    WSR(0, SR_EPC1)
    RSR(0, SR_EXCSAVE1)
    CLEAR_GIVEN_UP
    isync
    RFE
