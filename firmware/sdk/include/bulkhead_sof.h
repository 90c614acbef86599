/* The names that authors of SOF modules know, over Bulkhead's system calls.
 *
 * `mod` is taken and not looked at: who calls is the thread that runs. A size of 0, and whatever the
 * kernel refuses, gives NULL. Freeing what was not allocated stops the module instead of returning
 * an error. A source and a sink are named by their pin.
 */
#ifndef BULKHEAD_SOF_H
#define BULKHEAD_SOF_H

#include "bulkhead.h"

struct processing_module;

#define SOF_MEM_FLAG_COHERENT (1u << 4)
#define SOF_MEM_FLAG_USER (1u << 8)
#define SOF_MEM_FLAG_LARGE_BUFFER (1u << 10)

/* A source or a sink of the module. */
struct sof_source {
	uint32_t pin;
};
struct sof_sink {
	uint32_t pin;
};

/* An address of the kernel's, or NULL where it refused. */
static inline void *bulkhead_or_null(const void *address)
{
	return bulkhead_is_error(address) ? NULL : (void *)(uintptr_t)address;
}

static inline void *mod_alloc_ext(struct processing_module *mod, uint32_t flags, size_t size,
				  size_t alignment)
{
	uint32_t wanted = 0;

	(void)mod;
	if (flags & SOF_MEM_FLAG_COHERENT)
		wanted |= BULKHEAD_COHERENT;
	if (flags & SOF_MEM_FLAG_LARGE_BUFFER)
		wanted |= BULKHEAD_BUFFER;
	return bulkhead_or_null(bulkhead_alloc((uint32_t)size, (uint32_t)alignment, wanted));
}

static inline void *mod_alloc_align(struct processing_module *mod, size_t size, size_t alignment)
{
	return mod_alloc_ext(mod, SOF_MEM_FLAG_USER, size, alignment);
}

static inline void *mod_alloc(struct processing_module *mod, size_t size)
{
	return mod_alloc_align(mod, size, 0);
}

/* Of any size, while the kernel zeroes 16 KiB at once. */
static inline void *mod_zalloc(struct processing_module *mod, size_t size)
{
	volatile uint8_t *bytes = mod_alloc(mod, size);

	for (size_t at = 0; bytes && at < size; at++)
		bytes[at] = 0;
	return (void *)(uintptr_t)bytes;
}

static inline void *mod_balloc_align(struct processing_module *mod, size_t size, size_t alignment)
{
	return mod_alloc_ext(mod, SOF_MEM_FLAG_USER | SOF_MEM_FLAG_LARGE_BUFFER, size, alignment);
}

static inline void *mod_balloc(struct processing_module *mod, size_t size)
{
	return mod_balloc_align(mod, size, 0);
}

static inline int mod_free(struct processing_module *mod, const void *ptr)
{
	(void)mod;
	return ptr ? bulkhead_free((void *)(uintptr_t)ptr) : 0;
}

static inline void mod_free_all(struct processing_module *mod)
{
	(void)mod;
	bulkhead_free_all();
}

static inline const void *mod_fast_get(struct processing_module *mod, const void *constants,
				       size_t size)
{
	(void)mod;
	return bulkhead_or_null(bulkhead_fast_get(constants, (uint32_t)size));
}

static inline void mod_fast_put(struct processing_module *mod, const void *copy)
{
	(void)mod;
	if (copy)
		bulkhead_fast_put(copy);
}

static inline size_t source_get_data_available(struct sof_source *source)
{
	int32_t bytes = bulkhead_source_available(source->pin);

	return bytes < 0 ? 0 : (size_t)bytes;
}

static inline size_t sink_get_free_size(struct sof_sink *sink)
{
	int32_t bytes = bulkhead_sink_free(sink->pin);

	return bytes < 0 ? 0 : (size_t)bytes;
}

/* Where got bytes lie. The buffer's end is where a reader has to go back to its start: behind the
 * first piece. Bytes that do not reach it end there. */
static inline void bulkhead_place(const struct bulkhead_audio_bytes *got, void **data,
				  void **buffer_start, size_t *buffer_size)
{
	*data = (void *)(uintptr_t)got->first;
	*buffer_start = (void *)(uintptr_t)got->second;
	*buffer_size = got->first + got->first_bytes - got->second;
}

/* 0, or -61 where there is less, -16 where bytes are got already. */
static inline int source_get_data(struct sof_source *source, size_t req_size, void const **data_ptr,
				  void const **buffer_start, size_t *buffer_size)
{
	struct bulkhead_audio_bytes got;
	void *data, *start;
	int32_t result = bulkhead_source_get(source->pin, (uint32_t)req_size, &got);

	if (result)
		return result;
	bulkhead_place(&got, &data, &start, buffer_size);
	*data_ptr = data;
	*buffer_start = start;
	return 0;
}

static inline int source_release_data(struct sof_source *source, size_t free_size)
{
	return bulkhead_source_release(source->pin, (uint32_t)free_size);
}

/* 0, or -28 where there is less space, -16 where space is got already. */
static inline int sink_get_buffer(struct sof_sink *sink, size_t req_size, void **data_ptr,
				  void **buffer_start, size_t *buffer_size)
{
	struct bulkhead_audio_bytes got;
	int32_t result = bulkhead_sink_get(sink->pin, (uint32_t)req_size, &got);

	if (result)
		return result;
	bulkhead_place(&got, data_ptr, buffer_start, buffer_size);
	return 0;
}

static inline int sink_commit_buffer(struct sof_sink *sink, size_t commit_size)
{
	return bulkhead_sink_commit(sink->pin, (uint32_t)commit_size);
}

#endif
