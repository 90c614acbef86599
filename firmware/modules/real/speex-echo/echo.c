/* speexdsp's echo canceller: left is the microphone, right is what the loudspeaker plays. Left
 * comes out without the echo, right as it was. */
#include <speex/speex_echo.h>

#include "adapter.h"

/* Of the echo, in frames of 10 ms. */
#define TAIL 10

static SpeexEchoState *state;
/* One frame each. */
static int16_t *microphone, *loudspeaker, *clean;

int32_t library_open(uint32_t rate_hz, uint32_t channels)
{
	int frames = (int)(rate_hz / 100u);
	int rate = (int)rate_hz;

	if (channels != 2)
		return -BULKHEAD_EINVAL;
	microphone = library_alloc((size_t)frames * sizeof(*microphone));
	loudspeaker = library_alloc((size_t)frames * sizeof(*loudspeaker));
	clean = library_alloc((size_t)frames * sizeof(*clean));
	state = speex_echo_state_init(frames, TAIL * frames);
	speex_echo_ctl(state, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
	return 0;
}

int32_t library_frame(const int16_t *input, int16_t *output, uint32_t frames)
{
	uint32_t frame;

	for (frame = 0; frame < frames; frame++) {
		microphone[frame] = input[2 * frame];
		loudspeaker[frame] = input[2 * frame + 1];
	}
	speex_echo_cancellation(state, microphone, loudspeaker, clean);
	for (frame = 0; frame < frames; frame++) {
		output[2 * frame] = clean[frame];
		output[2 * frame + 1] = loudspeaker[frame];
	}
	return 0;
}

void library_close(void)
{
	if (state != 0)
		speex_echo_state_destroy(state);
	state = 0;
	library_free(clean);
	library_free(loudspeaker);
	library_free(microphone);
	clean = loudspeaker = microphone = 0;
}

BULKHEAD_MODULE(adapter, "speex-echo",
		BULKHEAD_UUID(0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8,
			      0x27, 0xd5, 0x70, 0x11),
		1, 0, 16 * 1024, 192 * 1024, 0);
