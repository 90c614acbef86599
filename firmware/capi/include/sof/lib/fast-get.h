/* In the place of SOF's header of this name. */
#ifndef __SOF_LIB_FAST_GET_H__
#define __SOF_LIB_FAST_GET_H__

#include <bulkhead_capi.h>

#endif
