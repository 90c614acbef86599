/* For C libraries that include it. Memory comes from bulkhead_alloc, which can refuse: a library's
 * own hooks for allocation are to be set to it. */
#ifndef BULKHEAD_STDLIB_H
#define BULKHEAD_STDLIB_H

#include <stddef.h>

static inline int abs(int value)
{
	return value < 0 ? -value : value;
}

static inline long labs(long value)
{
	return value < 0 ? -value : value;
}

#endif
