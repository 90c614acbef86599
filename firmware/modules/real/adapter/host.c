/* The host's side: the system calls, and a program that drives the module as the kernel does.
 *
 *     program RATE CHANNELS INPUT OUTPUT
 *
 * Both files hold interleaved samples of 32 bits in the machine's order, nothing else. What the
 * module logs goes to standard output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"

#define MOST_PERIOD 384u
#define MOST_CHANNELS 2u

void _bulkhead_start(void)
{
}

void bulkhead_fail(void)
{
	exit(3);
}

void *bulkhead_alloc(uint32_t bytes, uint32_t align, uint32_t flags)
{
	(void)align;
	(void)flags;
	return calloc(bytes, 1);
}

int32_t bulkhead_free(void *address)
{
	free(address);
	return 0;
}

int32_t bulkhead_log(const char *text, uint32_t bytes)
{
	printf("%.*s\n", (int)bytes, text);
	return (int32_t)bytes;
}

/* What a heap of the host's pointers would take says nothing about the module's. */
int32_t bulkhead_heap_info(struct bulkhead_heap_info *info)
{
	memset(info, 0, sizeof(*info));
	return -BULKHEAD_ENOSYS;
}

static int failed(const char *what, int32_t result)
{
	fprintf(stderr, "%s: %d\n", what, (int)result);
	return 1;
}

int main(int count, char **words)
{
	static int32_t input[MOST_PERIOD * MOST_CHANNELS], output[MOST_PERIOD * MOST_CHANNELS];
	uint32_t rate, channels, period;
	FILE *from, *to;
	int32_t result;

	if (count != 5)
		return failed("expected RATE CHANNELS INPUT OUTPUT, arguments given", count - 1);
	rate = (uint32_t)strtoul(words[1], 0, 10);
	channels = (uint32_t)strtoul(words[2], 0, 10);
	period = (rate + 999u) / 1000u;
	if (period == 0 || period > MOST_PERIOD || channels == 0 || channels > MOST_CHANNELS)
		return failed("no such rate or number of channels", (int32_t)rate);
	from = fopen(words[3], "rb");
	to = fopen(words[4], "wb");
	if (from == 0 || to == 0)
		return failed("a file cannot be opened", 0);
	if ((result = adapter_init(0)) < 0)
		return failed("init", result);
	if ((result = adapter_prepare(rate, channels, period)) < 0)
		return failed("prepare", result);
	for (;;) {
		size_t frames = fread(input, sizeof(*input) * channels, period, from);

		if (frames == 0)
			break;
		memset(output, 0, sizeof(output));
		if ((result = adapter_process(input, output, (uint32_t)frames)) < 0)
			return failed("process", result);
		if (fwrite(output, sizeof(*output) * channels, frames, to) != frames)
			return failed("the output cannot be written", 0);
	}
	if ((result = adapter_reset()) < 0)
		return failed("reset", result);
	if ((result = adapter_free()) < 0)
		return failed("free", result);
	fclose(from);
	return fclose(to) == 0 ? 0 : failed("the output cannot be written", 0);
}
