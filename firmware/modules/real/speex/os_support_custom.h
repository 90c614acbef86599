/* Where speexdsp's memory and messages go. */
#ifndef OS_SUPPORT_CUSTOM_H
#define OS_SUPPORT_CUSTOM_H

#include "adapter.h"

#define OVERRIDE_SPEEX_ALLOC
#define OVERRIDE_SPEEX_ALLOC_SCRATCH
#define OVERRIDE_SPEEX_REALLOC
#define OVERRIDE_SPEEX_FREE
#define OVERRIDE_SPEEX_FREE_SCRATCH
#define OVERRIDE_SPEEX_FATAL
#define OVERRIDE_SPEEX_WARNING
#define OVERRIDE_SPEEX_WARNING_INT
#define OVERRIDE_SPEEX_NOTIFY

#define speex_alloc(size) library_alloc((size_t)(size))
#define speex_alloc_scratch(size) library_alloc((size_t)(size))
#define speex_realloc(old, size) library_realloc(old, (size_t)(size))
#define speex_free(address) library_free(address)
#define speex_free_scratch(address) library_free(address)
#define _speex_fatal(text, file, line) library_fatal(text)
#define speex_warning(text) library_log(text, 0)
#define speex_warning_int(text, value) library_log(text, (uint32_t)(value))
#define speex_notify(text) library_log(text, 0)

#endif
