/* A library that gives what it gets, to test what real modules stand on: adapter/frames.c and
 * adapter/memory.c. It keeps a list that grows by one number with each frame. */
#include "adapter.h"

static uint32_t *list;
static uint32_t length;
static uint32_t channels_now;

int32_t library_open(uint32_t rate_hz, uint32_t channels)
{
	(void)rate_hz;
	channels_now = channels;
	length = 0;
	list = library_realloc(0, sizeof(*list));
	return list[0] == 0 ? 0 : -BULKHEAD_EINVAL;
}

int32_t library_frame(const int16_t *input, int16_t *output, uint32_t frames)
{
	uint32_t at;

	for (at = 0; at < frames * channels_now; at++) {
		if (output[at] != 0)
			return -BULKHEAD_EINVAL;
		output[at] = input[at];
	}
	for (at = 0; at < length; at++) {
		if (list[at] != at + 7u)
			return -BULKHEAD_EINVAL;
	}
	if (list[length] != 0)
		return -BULKHEAD_EINVAL;
	list[length] = length + 7u;
	length++;
	list = library_realloc(list, (length + 1u) * sizeof(*list));
	return 0;
}

void library_close(void)
{
	library_log("frames of 10 ms: ", length);
	library_free(list);
	list = 0;
}

BULKHEAD_MODULE(adapter, "passing",
		BULKHEAD_UUID(0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8,
			      0x27, 0xd5, 0x70, 0x16),
		1, 0, 8 * 1024, 32 * 1024, 0);
