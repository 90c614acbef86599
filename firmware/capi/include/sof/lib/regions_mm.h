/* In the place of SOF's header of this name. */
#ifndef ZEPHYR_LIB_REGIONS_MM_H_
#define ZEPHYR_LIB_REGIONS_MM_H_

#include <bulkhead_capi.h>

/* Whether an address lies in a stretch, which may end with the address space. */
static inline bool vmh_is_ptr_in_memory_range(uintptr_t ptr, uintptr_t range_start, size_t range_size)
{
    return ptr >= range_start && ptr - range_start < range_size;
}

#endif
