/* opus: each 10 ms of mono speech are encoded and decoded again. */
#include <opus.h>

#include "adapter.h"

#define BITS_PER_SECOND 32000
#define COMPLEXITY 5
#define MOST_BYTES 1275

static OpusEncoder *encoder;
static OpusDecoder *decoder;
static uint8_t packet[MOST_BYTES];
/* What went from one to the other: bytes, and a sum over them. */
static uint32_t bytes, sum;

int32_t library_open(uint32_t rate_hz, uint32_t channels)
{
	int error = OPUS_OK;

	bytes = sum = 0;
	if (channels != 1)
		return -BULKHEAD_EINVAL;
	encoder = opus_encoder_create((opus_int32)rate_hz, 1, OPUS_APPLICATION_AUDIO, &error);
	if (error != OPUS_OK)
		return -BULKHEAD_EINVAL;
	decoder = opus_decoder_create((opus_int32)rate_hz, 1, &error);
	if (error != OPUS_OK)
		return -BULKHEAD_EINVAL;
	if (opus_encoder_ctl(encoder, OPUS_SET_BITRATE(BITS_PER_SECOND)) != OPUS_OK)
		return -BULKHEAD_EINVAL;
	if (opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(COMPLEXITY)) != OPUS_OK)
		return -BULKHEAD_EINVAL;
	return 0;
}

int32_t library_frame(const int16_t *input, int16_t *output, uint32_t frames)
{
	opus_int32 length = opus_encode(encoder, input, (int)frames, packet, MOST_BYTES);
	opus_int32 at;

	if (length < 0)
		return -BULKHEAD_EINVAL;
	for (at = 0; at < length; at++)
		sum = sum * 31u + packet[at];
	bytes += (uint32_t)length;
	if (opus_decode(decoder, packet, length, output, (int)frames, 0) != (int)frames)
		return -BULKHEAD_EINVAL;
	return 0;
}

void library_close(void)
{
	library_log("packets: bytes ", bytes);
	library_log("packets: sum ", sum);
	if (decoder != 0)
		opus_decoder_destroy(decoder);
	if (encoder != 0)
		opus_encoder_destroy(encoder);
	decoder = 0;
	encoder = 0;
}

/* opus takes its scratch memory, 120,000 bytes, with the first frame. */
BULKHEAD_MODULE(adapter, "opus-codec",
		BULKHEAD_UUID(0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8,
			      0x27, 0xd5, 0x70, 0x13),
		1, 0, 32 * 1024, 64 * 1024, 128 * 1024);
