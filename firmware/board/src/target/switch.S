/* Into a module, and from one domain to another. All functions are call0 functions. */

#include "layout.h"
#include "special.h"

/* What the kernel's caller wants back; `leave` loads it. EXCSAVE5 has the address of this core's
 * record, always. Uses a3. */
.macro SAVE_KERNEL_CONTEXT
    RSR(3, SR_EXCSAVE5)
    s32i a0, a3, 0
    s32i a1, a3, 4
    s32i a12, a3, 8
    s32i a13, a3, 12
    s32i a14, a3, 16
    s32i a15, a3, 20
.endm

    .section .text.boot, "ax"
    .p2align 2
trusted_ps:
    .long PS_TRUSTED | 0x10       /* rfe clears EXCM */

/* u32 enter_module(RegisterFile *record): runs the module from its record until it leaves; the
 * reason comes back. The record says everything: no register of another module survives. */
    .global enter_module
    .p2align 2
enter_module:
    SAVE_KERNEL_CONTEXT
    WSR(2, SR_MISC1)
    WSR(2, SR_EXCSAVE3)
    movi a4, PS_KERNEL_EXCEPTION
    WSR(4, SR_PS)
    rsync
    l32i a4, a2, RECORD_FAR_WINDOWBASE
    WSR(4, SR_WINDOWBASE)
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
    l32i a1, a0, RECORD_LITBASE
    WSR(1, SR_LITBASE)
    l32i a1, a0, RECORD_LBEG
    WSR(1, SR_LBEG)
    l32i a1, a0, RECORD_LEND
    WSR(1, SR_LEND)
    l32i a1, a0, RECORD_LCOUNT
    WSR(1, SR_LCOUNT)
    l32i a1, a0, RECORD_SAR
    WSR(1, SR_SAR)
    l32i a1, a0, RECORD_SCOMPARE1
    WSR(1, SR_SCOMPARE1)
    l32i a1, a0, RECORD_THREADPTR
    WUR_THREADPTR(1)
    l32i a1, a0, RECORD_EXPSTATE
    WUR_EXPSTATE(1)
    l32i a1, a0, RECORD_ACCLO
    WSR(1, SR_ACCLO)
    l32i a1, a0, RECORD_ACCHI
    WSR(1, SR_ACCHI)
    l32i a1, a0, RECORD_MAC
    WSR(1, SR_M0)
    l32i a1, a0, RECORD_MAC + 4
    WSR(1, SR_M1)
    l32i a1, a0, RECORD_MAC + 8
    WSR(1, SR_M2)
    l32i a1, a0, RECORD_MAC + 12
    WSR(1, SR_M3)
    l32i a1, a0, RECORD_PC
    WSR(1, SR_EPC1)
    l32i a1, a0, RECORD_PS
    WSR(1, SR_PS)
    isync                         /* for all of them: loop and literal registers, PS */
    l32i a1, a0, RECORD_NEAR + 4
    l32i a2, a0, RECORD_NEAR + 8
    l32i a3, a0, RECORD_NEAR + 12
    l32i a4, a0, RECORD_NEAR + 16
    l32i a5, a0, RECORD_NEAR + 20
    l32i a6, a0, RECORD_NEAR + 24
    l32i a7, a0, RECORD_NEAR + 28
    l32i a8, a0, RECORD_NEAR + 32
    l32i a9, a0, RECORD_NEAR + 36
    l32i a10, a0, RECORD_NEAR + 40
    l32i a11, a0, RECORD_NEAR + 44
    l32i a12, a0, RECORD_NEAR + 48
    l32i a13, a0, RECORD_NEAR + 52
    l32i a14, a0, RECORD_NEAR + 56
    l32i a15, a0, RECORD_NEAR + 60
    l32i a0, a0, RECORD_NEAR
    RFE

/* u32 enter_trusted(RegisterFile *record): the same module code with nothing around it, for
 * comparison: the kernel's ring, no domain switch, no interrupt, only the arguments loaded. */
    .global enter_trusted
    .p2align 2
enter_trusted:
    SAVE_KERNEL_CONTEXT
    WSR(2, SR_MISC1)
    movi a4, PS_KERNEL_EXCEPTION
    WSR(4, SR_PS)
    rsync
    mov a0, a2
    RSR(2, SR_WINDOWBASE)
    ssl a2
    movi a1, 1
    sll a1, a1
    WSR(1, SR_WINDOWSTART)
    l32i a1, a0, RECORD_PC
    WSR(1, SR_EPC1)
    movi a1, 0
    WSR(1, SR_LCOUNT)
    l32r a1, trusted_ps
    WSR(1, SR_PS)
    rsync
    l32i a1, a0, RECORD_NEAR + 4
    l32i a2, a0, RECORD_NEAR + 8
    l32i a3, a0, RECORD_NEAR + 12
    l32i a4, a0, RECORD_NEAR + 16
    l32i a5, a0, RECORD_NEAR + 20
    l32i a6, a0, RECORD_NEAR + 24
    RFE

/* void switch_domain(const SwitchImage *image). Nothing between the first write and the isync
 * touches a user page: the kernel lives in wired entries of its own. */
    .global switch_domain
    .p2align 2
switch_domain:
    l32i a3, a2, IMAGE_RASID
    WSR(3, SR_RASID)
    l32i a3, a2, IMAGE_CACHED
    l32i a4, a2, IMAGE_CACHED + 4
    WDTLB(3, 4)
    l32i a3, a2, IMAGE_UNCACHED
    l32i a4, a2, IMAGE_UNCACHED + 4
    WDTLB(3, 4)
    isync
    ret

/* void switch_nothing(const SwitchImage *image): what the benchmark subtracts. */
    .global switch_nothing
    .p2align 2
switch_nothing:
    ret

/* i32 simulator_call(operation, a, b, c): QEMU's semihosting. It ignores protection, so it is
 * given addresses of the kernel's own buffers only. */
    .global simulator_call
    .p2align 2
simulator_call:
    .byte 0x00, 0x51, 0x00
    ret

