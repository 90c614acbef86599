/* A peak limiter: turns loud passages down at once and up again slowly, all channels together.
 *
 * No sample of the output is above the threshold. Integer arithmetic only. */
#include <bulkhead.h>

/* Three quarters of full scale, about -2.5 dB; unless it is configured. */
#define THRESHOLD 0x60000000u
/* Configuration 1 is the threshold as a little-endian word, from 1 to full scale. */
#define CONFIG_THRESHOLD 1u
#define CONFIG_BYTES 4u
/* Gains have 30 fractional bits. */
#define UNITY (1u << 30)
/* From silence to unity again in this many milliseconds. */
#define RELEASE_MS 250u
#define MOST_CHANNELS 8u

struct limiter {
	uint32_t channels; /* 0 before prepare and after reset */
	uint32_t gain;
	uint32_t release; /* gain regained per frame */
	uint32_t threshold;
};

static struct limiter *limiter;

int32_t limiter_init(uint32_t restarts)
{
	(void)restarts;
	void *place = bulkhead_alloc(sizeof(struct limiter), 0, BULKHEAD_ZEROED);
	if (bulkhead_is_error(place))
		return bulkhead_error(place);
	limiter = place;
	limiter->threshold = THRESHOLD;
	return 0;
}

int32_t limiter_prepare(uint32_t rate_hz, uint32_t channels, uint32_t period_frames)
{
	static const char text[] = "limiter: threshold -2.5 dB, release 250 ms";
	uint32_t frames;

	(void)period_frames;
	if (limiter == 0 || rate_hz == 0 || channels == 0 || channels > MOST_CHANNELS)
		return -BULKHEAD_EINVAL;
	/* Divided first: rate_hz may be any number. */
	frames = rate_hz / 1000u * RELEASE_MS + rate_hz % 1000u * RELEASE_MS / 1000u;
	limiter->channels = channels;
	limiter->gain = UNITY;
	limiter->release = UNITY / (frames + 1u) + 1u;
	bulkhead_log(text, sizeof(text) - 1);
	return 0;
}

static uint32_t magnitude(int32_t sample)
{
	return sample < 0 ? 0u - (uint32_t)sample : (uint32_t)sample;
}

/* The gain that takes that peak to the threshold. */
static uint32_t wanted(uint32_t peak)
{
	if (peak <= limiter->threshold)
		return UNITY;
	return (uint32_t)(((uint64_t)limiter->threshold << 30) / peak);
}

int32_t limiter_process(const int32_t *input, int32_t *output, uint32_t frames)
{
	uint32_t channels, frame, channel;

	if (limiter == 0 || limiter->channels == 0)
		return -BULKHEAD_EINVAL;
	channels = limiter->channels;
	for (frame = 0; frame < frames; frame++) {
		uint32_t peak = 0;
		uint32_t most;

		for (channel = 0; channel < channels; channel++) {
			uint32_t loud = magnitude(input[channel]);

			if (loud > peak)
				peak = loud;
		}
		most = wanted(peak);
		/* Both are at most 2^30, so the sum does not wrap. */
		limiter->gain += limiter->release;
		if (limiter->gain > most)
			limiter->gain = most;
		for (channel = 0; channel < channels; channel++) {
			/* By magnitude: what >> does to a negative number is the compiler's. */
			uint64_t product = (uint64_t)magnitude(input[channel]) * limiter->gain;
			int32_t loud = (int32_t)(product >> 30);

			output[channel] = input[channel] < 0 ? -loud : loud;
		}
		input += channels;
		output += channels;
	}
	return 0;
}

int32_t limiter_reset(void)
{
	if (limiter == 0)
		return -BULKHEAD_EINVAL;
	limiter->channels = 0;
	return 0;
}

int32_t limiter_set_config(const struct bulkhead_message *message)
{
	const uint8_t *bytes = (const uint8_t *)(message + 1);
	uint32_t threshold = 0;
	uint32_t index;

	if (limiter == 0 || message->id != CONFIG_THRESHOLD || message->offset != 0 ||
	    message->total != CONFIG_BYTES || message->bytes != CONFIG_BYTES)
		return -BULKHEAD_EINVAL;
	for (index = 0; index < CONFIG_BYTES; index++)
		threshold |= (uint32_t)bytes[index] << (8 * index);
	if (threshold == 0 || threshold > INT32_MAX)
		return -BULKHEAD_EINVAL;
	limiter->threshold = threshold;
	return 0;
}

int32_t limiter_get_config(struct bulkhead_message *message)
{
	uint8_t *bytes = (uint8_t *)(message + 1);
	uint32_t index;

	if (limiter == 0 || message->id != CONFIG_THRESHOLD || message->bytes < CONFIG_BYTES)
		return -BULKHEAD_EINVAL;
	for (index = 0; index < CONFIG_BYTES; index++)
		bytes[index] = (uint8_t)(limiter->threshold >> (8 * index));
	message->bytes = CONFIG_BYTES;
	return 0;
}

int32_t limiter_free(void)
{
	int32_t result;

	if (limiter == 0)
		return -BULKHEAD_EINVAL;
	result = bulkhead_free(limiter);
	limiter = 0;
	return result;
}

BULKHEAD_MODULE(limiter, "limiter",
		BULKHEAD_UUID(0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8,
			      0x27, 0xd5, 0x70, 0x02),
		1, 1, 4096, 4096, 0, .set_config = limiter_set_config,
		.get_config = limiter_get_config);
