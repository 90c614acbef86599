/* How packets go from opus-encode to opus-decode: in 10 ms of 16-bit samples, the first sample says how
 * many bytes, the others hold them, two each, the first in the lower half. The rest is silence. */
#ifndef PACKETS_H
#define PACKETS_H

#include <stdint.h>

/* Bytes of the largest packet that opus makes. */
#define MOST_BYTES 1275u

/* Bytes that fit into so many samples. */
static inline uint32_t packet_room(uint32_t samples)
{
	uint32_t bytes = (samples - 1u) * 2u;

	return bytes < MOST_BYTES ? bytes : MOST_BYTES;
}

#endif
