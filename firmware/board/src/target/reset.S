/* From the reset vector to the kernel's first Rust function. The core starts here with way 6
 * mapping the whole address space for ring 0; what is left at the end is the kernel's own map:
 *
 *   0x0010_0000  1 MiB   kernel text and rodata   read, execute   ways 4 of both TLBs
 *   0x0020_0000  1 MiB   kernel data and stacks   read, write     way 4 of the data TLB; past the
 *                                                                 cache on every core but the first
 *   0xd000_0000  128 MiB all RAM, write-back      read, write     way 5 of the data TLB
 *   0xd800_0000  128 MiB all RAM, past the cache  read, write     way 5 of the data TLB
 *
 * All of it is ring 0 and stays wired, in every domain: the kernel needs no page table. Address 0
 * is not mapped. */

#include "layout.h"
#include "special.h"

    .section .reset, "ax"
    .global reset
reset:
    j 1f
    .p2align 2
start_address:
    .long start
way6_step:
    .long 0x20000000
text_executable:
    .long 0x00100005              /* read, execute, write-back */
text_readable:
    .long 0x00100004              /* read, write-back */
text_entry:
    .long 0x00100004              /* the address, in way 4 */
data_writable:
    .long 0x00200006
data_entry:
    .long 0x00200004
cached_ram:
    .long 0x00000006
cached_ram_entry:
    .long DIRECT_MAP + 5          /* the address, in way 5 */
uncached_ram:
    .long 0x00000002
uncached_ram_entry:
    .long DIRECT_MAP + (1 << UNCACHED_STEP_BITS) + 5
1:
    movi a2, 0
    WSR(2, SR_ITLBCFG)
    WSR(2, SR_DTLBCFG)
    /* Way 6 goes, all but the piece that this code runs in. */
    l32r a3, way6_step
    movi a2, 6
    movi a4, 7
2:
    IITLB(2)
    IDTLB(2)
    add a2, a2, a3
    addi a4, a4, -1
    bnez a4, 2b
    dsync
    isync
    l32r a2, text_executable
    l32r a3, text_entry
    WITLB(2, 3)
    l32r a2, text_readable
    WDTLB(2, 3)
    l32r a2, data_writable
    RSR(4, SR_PRID)
    extui a4, a4, 0, 4
    beqz a4, 3f
    addi a2, a2, -4               /* the image's data past the cache: other cores change it too */
3:
    l32r a3, data_entry
    WDTLB(2, 3)
    l32r a2, cached_ram
    l32r a3, cached_ram_entry
    WDTLB(2, 3)
    l32r a2, uncached_ram
    l32r a3, uncached_ram_entry
    WDTLB(2, 3)
    dsync
    isync
    l32r a0, start_address
    jx a0

    .section .text.boot, "ax"
    .p2align 2
last_of_way6:
    .long 0xe0000006
vectors:
    .long vector_base
table_window:
    .long TABLE_WINDOW
first_record:
    .long first_core
main_stack:
    .long main_stack_top
second_stack:
    .long second_stack_top
zeroed_start:
    .long bss_start
zeroed_end:
    .long bss_end
rust_main:
    .long image_main
rust_secondary:
    .long image_secondary
data_block:
    .long 0x00200000
data_past_cache:
    .long 0x00200002              /* read, write, bypass */
data_past_cache_entry:
    .long 0x00200004              /* the address, in way 4 */
release:
    .long second_core_released + DIRECT_MAP + (1 << UNCACHED_STEP_BITS)

    .global start
    .p2align 2
start:
    l32r a2, last_of_way6
    IITLB(2)
    IDTLB(2)
    isync
    movi a2, 0
    WSR(2, SR_LITBASE)
    WSR(2, SR_LCOUNT)
    WSR(2, SR_INTENABLE)
    WSR(2, SR_CPENABLE)
    WSR(2, SR_WINDOWBASE)
    rsync
    movi a2, 1
    WSR(2, SR_WINDOWSTART)
    movi a2, PS_KERNEL
    WSR(2, SR_PS)
    rsync
    l32r a2, vectors
    WSR(2, SR_VECBASE)
    l32r a2, table_window
    WSR(2, SR_PTEVADDR)
    isync
    movi a2, ATOMIC_PAST_CACHE
    WSR(2, SR_ATOMCTL)
    l32r a2, first_record
    RSR(3, SR_PRID)
    extui a3, a3, 0, 4
    bnez a3, second
    WSR(2, SR_EXCSAVE5)
    l32i a2, a2, CORE_EXCEPTION_STACK
    WSR(2, SR_MISC0)
    l32r a2, zeroed_start
    l32r a3, zeroed_end
    movi a4, 0
3:
    s32i a4, a2, 0
    addi a2, a2, 4
    bltu a2, a3, 3b
    l32r a1, main_stack
    l32r a0, rust_main
    callx0 a0
4:
    j 4b

/* void share_data(u32 cache_bytes): the first core reaches the image's data past its cache from now
 * on, as every other core does. Nothing is stored between the last line that is written back and
 * the new entry. */
    .global share_data
    .p2align 2
share_data:
    l32r a3, data_block
    add a2, a2, a3
7:
    DIWBI(3)
    addi a3, a3, 32
    bltu a3, a2, 7b
    dsync
    l32r a2, data_past_cache
    l32r a3, data_past_cache_entry
    WDTLB(2, 3)
    dsync
    isync
    ret

/* Any core but the first: waits until it is let in. */
second:
    addi a2, a2, CORE_RECORD_BYTES
    WSR(2, SR_EXCSAVE5)
    l32i a2, a2, CORE_EXCEPTION_STACK
    WSR(2, SR_MISC0)
    l32r a1, second_stack
    l32r a2, release
5:
    l32i a3, a2, 0
    beqz a3, 5b
    l32r a0, rust_secondary
    callx0 a0
6:
    j 6b

    .section .data.cores, "aw"
    .p2align 5
    .global first_core
first_core:
    .space CORE_EXCEPTION_STACK
    .long exception_stack_top
    .long 0                       /* ticks */
    .p2align 5
second_core:
    .space CORE_EXCEPTION_STACK
    .long second_exception_stack_top
    .long 0

    .section .stacks, "aw", @nobits
    .p2align 4
    .space 16384
    .global exception_stack_top
exception_stack_top:
    .space MAIN_STACK_BYTES
    .global main_stack_top
main_stack_top:
    .space 16384
second_exception_stack_top:
    .space 16384
second_stack_top:
    .space 4096
    .global panic_stack_top
panic_stack_top:
