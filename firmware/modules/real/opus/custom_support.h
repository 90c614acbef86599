/* Where opus' memory comes from. */
#ifndef CUSTOM_SUPPORT_H
#define CUSTOM_SUPPORT_H

#include "adapter.h"

#define OVERRIDE_OPUS_ALLOC
#define OVERRIDE_OPUS_ALLOC_SCRATCH
#define OVERRIDE_OPUS_FREE

#define opus_alloc(size) library_alloc(size)
#define opus_alloc_scratch(size) library_alloc(size)
#define opus_free(address) library_free(address)

#endif
