/* In the place of SOF's header of this name. What SOF's own includes besides comes along where there is
 * such: callers count on it. */
#ifndef __ZEPHYR_RTOS_ALLOC_H__
#define __ZEPHYR_RTOS_ALLOC_H__

#include <sof/lib/vregion.h>

#if __has_include(<rtos/bit.h>)
#include <rtos/bit.h>
#endif
#if __has_include(<rtos/string.h>)
#include <rtos/string.h>
#endif
#if __has_include(<sof/lib/memory.h>)
#include <sof/lib/memory.h>
#endif
#if __has_include(<sof/trace/trace.h>)
#include <sof/trace/trace.h>
#endif
#if __has_include(<user/trace.h>)
#include <user/trace.h>
#endif

static inline void heap_trace_all(int force)
{
    (void)force;
}

#endif
