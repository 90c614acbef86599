/* opus' encoder: each 10 ms of mono speech become a packet, which comes out as packets.h says. */
#include <opus.h>

#include "adapter.h"
#include "packets.h"

#define BITS_PER_SECOND 32000
#define COMPLEXITY 5

static OpusEncoder *encoder;
static uint8_t packet[MOST_BYTES];

int32_t library_open(uint32_t rate_hz, uint32_t channels)
{
	int error = OPUS_OK;

	if (channels != 1)
		return -BULKHEAD_EINVAL;
	encoder = opus_encoder_create((opus_int32)rate_hz, 1, OPUS_APPLICATION_AUDIO, &error);
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
	opus_int32 room = (opus_int32)packet_room(frames);
	opus_int32 length = opus_encode(encoder, input, (int)frames, packet, room);
	uint16_t *words = (uint16_t *)output;
	opus_int32 at;

	if (length < 0)
		return -BULKHEAD_EINVAL;
	words[0] = (uint16_t)length;
	for (at = 0; at < length; at++)
		words[1 + at / 2] |= (uint16_t)(packet[at] << (at % 2 * 8));
	return 0;
}

void library_close(void)
{
	if (encoder != 0)
		opus_encoder_destroy(encoder);
	encoder = 0;
}

/* opus takes its scratch memory, 120,000 bytes, with the first frame. */
BULKHEAD_MODULE(adapter, "opus-encode",
		BULKHEAD_UUID(0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8,
			      0x27, 0xd5, 0x70, 0x13),
		1, 0, 32 * 1024, 32 * 1024, 128 * 1024);
