/* Special registers and instructions that the assembler does not know by name for this core, as
 * the bytes of RSR, WSR and XSR. A register is given by its number: RSR(4, SR_EXCSAVE3) reads
 * EXCSAVE3 into a4. */

#define SR_LBEG 0
#define SR_LEND 1
#define SR_LCOUNT 2
#define SR_SAR 3
#define SR_LITBASE 5
#define SR_SCOMPARE1 12
#define SR_ACCLO 16
#define SR_ACCHI 17
#define SR_M0 32
#define SR_M1 33
#define SR_M2 34
#define SR_M3 35
#define SR_WINDOWBASE 72
#define SR_WINDOWSTART 73
#define SR_PTEVADDR 83
#define SR_RASID 90
#define SR_ITLBCFG 91
#define SR_DTLBCFG 92
#define SR_ATOMCTL 99
#define SR_EPC1 177
#define SR_EPC6 182
#define SR_DEPC 192
#define SR_EPS6 198
#define SR_EXCSAVE1 209
#define SR_EXCSAVE2 210
#define SR_EXCSAVE3 211
#define SR_EXCSAVE4 212
#define SR_EXCSAVE5 213
#define SR_CPENABLE 224
#define SR_INTENABLE 228
#define SR_PS 230
#define SR_VECBASE 231
#define SR_EXCCAUSE 232
#define SR_CCOUNT 234
#define SR_PRID 235
#define SR_EXCVADDR 238
#define SR_CCOMPARE0 240
#define SR_MISC0 244
#define SR_MISC1 245

#define RSR(reg, sr) .byte (reg) << 4, (sr), 0x03
#define WSR(reg, sr) .byte (reg) << 4, (sr), 0x13
#define XSR(reg, sr) .byte (reg) << 4, (sr), 0x61
#define RUR_THREADPTR(reg) .byte 0x70, (reg) << 4 | 0xe, 0xe3
#define WUR_THREADPTR(reg) .byte (reg) << 4, 0xe7, 0xf3
#define RUR_EXPSTATE(reg) .byte 0x60, (reg) << 4 | 0xe, 0xe3
#define WUR_EXPSTATE(reg) .byte (reg) << 4, 0xe6, 0xf3
#define ROTW(by) .byte ((by) & 15) << 4, 0x80, 0x40
#define RFE .byte 0x00, 0x30, 0x00

/* PS of the kernel outside exceptions: level 1 masked, no windows. */
#define PS_KERNEL 0x1
/* The same while the register file is loaded for a module. */
#define PS_KERNEL_EXCEPTION 0x11
/* PS of a module's code where the kernel runs it in its own ring: windows on, exceptions to the
 * user vector, level 1 masked. */
#define PS_TRUSTED 0x40021

/* TLB instructions: an entry `pte` for the address and way in `at`; dropping what `at` selects. */
#define WITLB(pte, at) .byte (pte) << 4, 0x60 | (at), 0x50
#define WDTLB(pte, at) .byte (pte) << 4, 0xe0 | (at), 0x50
#define IITLB(at) .byte 0x00, 0x40 | (at), 0x50
#define IDTLB(at) .byte 0x00, 0xc0 | (at), 0x50

/* Writes back and drops the data cache line that an address is in. */
#define DHWBI(at) .byte 0x52, 0x70 | (at), 0x00
/* Writes back and drops the data cache line at the index of an address. */
#define DIWBI(at) .byte 0x82, 0x70 | (at), 0x05
