/* speexdsp's resampler on the first of one or two channels, to a third of the rate: 48 to 16 kHz. Of
 * every 10 ms that come out, the first third holds the samples and the rest is silence, for a module
 * cannot change the rate. */
#include <speex/speex_resampler.h>

#include "adapter.h"

#define DIVISOR 3u
#define QUALITY 4

static SpeexResamplerState *state;

int32_t library_open(uint32_t rate_hz, uint32_t channels)
{
	int error = 0;

	if (channels < 1 || channels > 2 || rate_hz % DIVISOR != 0)
		return -BULKHEAD_EINVAL;
	state = speex_resampler_init(1, rate_hz, rate_hz / DIVISOR, QUALITY, &error);
	if (error != RESAMPLER_ERR_SUCCESS)
		return -BULKHEAD_EINVAL;
	speex_resampler_set_input_stride(state, channels);
	speex_resampler_set_output_stride(state, channels);
	return 0;
}

int32_t library_frame(const int16_t *input, int16_t *output, uint32_t frames)
{
	spx_uint32_t taken = frames, given = frames;
	int error = speex_resampler_process_int(state, 0, input, &taken, output, &given);

	return error == RESAMPLER_ERR_SUCCESS && taken == frames ? 0 : -BULKHEAD_EINVAL;
}

void library_close(void)
{
	if (state != 0)
		speex_resampler_destroy(state);
	state = 0;
}

BULKHEAD_MODULE(adapter, "speex-resample",
		BULKHEAD_UUID(0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8,
			      0x27, 0xd5, 0x70, 0x12),
		1, 0, 16 * 1024, 32 * 1024, 0);
