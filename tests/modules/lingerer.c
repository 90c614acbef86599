/* Once the buffer at its source 1 is about to go, it reads there for ever. Where its sink is to go, it takes
 * its time before it says that it knows. */
#include <bulkhead.h>

#define LINGER 20000000u

static const volatile int32_t *kept;
static uint32_t is_going;

static void say(const char *text, uint32_t bytes)
{
	/* What cannot be said is not heard; the test sees that. */
	(void)bulkhead_log(text, bytes);
}

int32_t lingerer_init(uint32_t restarts)
{
	(void)restarts;
	kept = 0;
	is_going = 0;
	return 0;
}

int32_t lingerer_prepare(uint32_t rate_hz, uint32_t channels, uint32_t period_frames)
{
	(void)rate_hz;
	(void)channels;
	(void)period_frames;
	return 0;
}

int32_t lingerer_process(const int32_t *input, int32_t *output, uint32_t frames)
{
	static const char reads[] = "reads on";
	struct bulkhead_audio_bytes got;
	int32_t bytes = bulkhead_source_available(1);

	(void)input;
	(void)output;
	(void)frames;
	if (is_going && kept != 0) {
		say(reads, sizeof(reads) - 1);
		for (;;)
			(void)*kept;
	}
	if (bytes <= 0 || bulkhead_source_get(1, (uint32_t)bytes, &got) != 0)
		return 0;
	kept = (const volatile int32_t *)got.first;
	return bulkhead_source_release(1, (uint32_t)bytes);
}

int32_t lingerer_reset(void)
{
	return 0;
}

int32_t lingerer_free(void)
{
	return 0;
}

int32_t lingerer_unbind(uint32_t side, uint32_t pin)
{
	static const char knows[] = "knows now";
	volatile uint32_t turns;

	if (side == 0 && pin == 1)
		is_going = 1;
	if (side == 1) {
		for (turns = 0; turns < LINGER; turns++)
			;
		say(knows, sizeof(knows) - 1);
	}
	return 0;
}

BULKHEAD_MODULE(lingerer, "lingerer",
		BULKHEAD_UUID(0x6c, 0x69, 0x6e, 0x67, 0x65, 0x72, 0x65, 0x72, 0x9d, 0x1f, 0x42, 0x07, 0xb6,
			      0x33, 0x51, 0x0a),
		1, 0, 4096, 0, 0, .unbind = lingerer_unbind);
