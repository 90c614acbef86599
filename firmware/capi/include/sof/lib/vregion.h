/* In the place of SOF's header of this name: as it is today, or with BULKHEAD_SOF_PR10702 as it was in
 * SOF's pull request 10702, where each allocation names its type. */
#ifndef __SOF_LIB_VREGION_H__
#define __SOF_LIB_VREGION_H__

#include <bulkhead_capi.h>

enum vregion_mem_type {
    VREGION_MEM_TYPE_INTERIM,
    VREGION_MEM_TYPE_LIFETIME,
    /* Never asked for. */
    VREGION_MEM_TYPE_INVALID,
};

#ifdef BULKHEAD_SOF_PR10702
#define vregion_create vregion_create_parts
#define vregion_alloc vregion_alloc_type
#define vregion_alloc_align vregion_alloc_align_type
#define vregion_alloc_coherent vregion_alloc_coherent_type
#define vregion_alloc_coherent_align vregion_alloc_coherent_align_type
#endif

#endif
