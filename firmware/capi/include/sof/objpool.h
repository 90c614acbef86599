/* In the place of SOF's header of this name. */
#ifndef __ZEPHYR_OBJPOOL_H__
#define __ZEPHYR_OBJPOOL_H__

#include <bulkhead_capi.h>

#endif
