/* speexdsp's noise suppression on the first of one or two channels; the other comes out as it was. */
#include <string.h>

#include <speex/speex_preprocess.h>

#include "adapter.h"

static SpeexPreprocessState *state;
static uint32_t channels_used;
/* One frame of the first of two channels. */
static int16_t *speech;

int32_t library_open(uint32_t rate_hz, uint32_t channels)
{
	int on = 1;

	if (channels < 1 || channels > 2)
		return -BULKHEAD_EINVAL;
	channels_used = channels;
	if (channels == 2)
		speech = library_alloc(rate_hz / 100u * sizeof(*speech));
	state = speex_preprocess_state_init((int)(rate_hz / 100u), (int)rate_hz);
	speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_DENOISE, &on);
	return 0;
}

int32_t library_frame(const int16_t *input, int16_t *output, uint32_t frames)
{
	uint32_t frame;

	memcpy(output, input, frames * channels_used * sizeof(*output));
	if (channels_used == 1) {
		speex_preprocess_run(state, output);
		return 0;
	}
	for (frame = 0; frame < frames; frame++)
		speech[frame] = input[2 * frame];
	speex_preprocess_run(state, speech);
	for (frame = 0; frame < frames; frame++)
		output[2 * frame] = speech[frame];
	return 0;
}

void library_close(void)
{
	if (state != 0)
		speex_preprocess_state_destroy(state);
	state = 0;
	library_free(speech);
	speech = 0;
}

BULKHEAD_MODULE(adapter, "speex-denoise",
		BULKHEAD_UUID(0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8,
			      0x27, 0xd5, 0x70, 0x10),
		1, 0, 16 * 1024, 96 * 1024, 0);
