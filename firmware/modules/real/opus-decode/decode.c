/* opus' decoder: each packet, which comes in as packets.h says, becomes 10 ms of mono speech. */
#include <opus.h>

#include "adapter.h"
#include "packets.h"

static OpusDecoder *decoder;
static uint8_t packet[MOST_BYTES];

int32_t library_open(uint32_t rate_hz, uint32_t channels)
{
	int error = OPUS_OK;

	if (channels != 1)
		return -BULKHEAD_EINVAL;
	decoder = opus_decoder_create((opus_int32)rate_hz, 1, &error);
	return error == OPUS_OK ? 0 : -BULKHEAD_EINVAL;
}

int32_t library_frame(const int16_t *input, int16_t *output, uint32_t frames)
{
	const uint16_t *words = (const uint16_t *)input;
	uint32_t length = words[0];
	uint32_t at;

	/* Before the first packet has come: silence. */
	if (length == 0)
		return 0;
	if (length > packet_room(frames))
		return -BULKHEAD_EINVAL;
	for (at = 0; at < length; at++)
		packet[at] = (uint8_t)(words[1u + at / 2u] >> (at % 2u * 8u));
	if (opus_decode(decoder, packet, (opus_int32)length, output, (int)frames, 0) != (int)frames)
		return -BULKHEAD_EINVAL;
	return 0;
}

void library_close(void)
{
	if (decoder != 0)
		opus_decoder_destroy(decoder);
	decoder = 0;
}

/* opus takes its scratch memory, 120,000 bytes, with the first frame. */
BULKHEAD_MODULE(adapter, "opus-decode",
		BULKHEAD_UUID(0x5c, 0x1d, 0x60, 0x0e, 0x83, 0x2b, 0x4f, 0x0d, 0x9a, 0x41, 0x36, 0xb8,
			      0x27, 0xd5, 0x70, 0x17),
		1, 0, 32 * 1024, 32 * 1024, 128 * 1024);
