/* From periods of 1 ms to frames of 10 ms and back. */
#include <string.h>

#include "adapter.h"

#define MOST_CHANNELS 2u
#define MOST_RATE 48000u

static struct {
	uint32_t channels; /* 0 before prepare and after reset */
	uint32_t frames;   /* in 10 ms */
	uint32_t at;       /* the next sample of both buffers */
	int16_t *input;    /* being collected */
	int16_t *output;   /* being given out */
} now;

int32_t adapter_init(uint32_t restarts)
{
	(void)restarts;
	return 0;
}

int32_t adapter_prepare(uint32_t rate_hz, uint32_t channels, uint32_t period_frames)
{
	(void)period_frames;
	if (now.channels != 0 || channels == 0 || channels > MOST_CHANNELS)
		return -BULKHEAD_EINVAL;
	if (rate_hz == 0 || rate_hz > MOST_RATE || rate_hz % 100u != 0)
		return -BULKHEAD_EINVAL;
	now.channels = channels;
	now.frames = rate_hz / 100u;
	now.at = 0;
	now.input = library_alloc(now.frames * channels * sizeof(*now.input));
	now.output = library_alloc(now.frames * channels * sizeof(*now.output));
	return library_open(rate_hz, channels);
}

int32_t adapter_process(const int32_t *input, int32_t *output, uint32_t frames)
{
	uint32_t whole = now.frames * now.channels;
	uint32_t samples = frames * now.channels;
	uint32_t sample;

	if (now.channels == 0)
		return -BULKHEAD_EINVAL;
	for (sample = 0; sample < samples; sample++) {
		output[sample] = now.output[now.at] * 0x10000;
		now.input[now.at] = (int16_t)(input[sample] >> 16);
		if (++now.at == whole) {
			int32_t result;

			memset(now.output, 0, whole * sizeof(*now.output));
			result = library_frame(now.input, now.output, now.frames);
			if (result < 0)
				return result;
			now.at = 0;
		}
	}
	return 0;
}

int32_t adapter_reset(void)
{
	struct bulkhead_heap_info heap;

	if (now.channels == 0)
		return -BULKHEAD_EINVAL;
	if (bulkhead_heap_info(&heap) == 0)
		library_log("heap bytes ", heap.peak);
	library_close();
	library_free(now.output);
	library_free(now.input);
	memset(&now, 0, sizeof(now));
	return 0;
}

int32_t adapter_free(void)
{
	return 0;
}
