/* For the host only, before everything: opus must count as on a machine of 32 bits. Where 64 bits
 * are fast it rounds otherwise (celt/arch.h, OPUS_FAST_INT64). The system's headers, which need
 * the truth, come first. */
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef __x86_64__
#undef __LP64__
