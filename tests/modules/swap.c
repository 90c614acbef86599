/* Swaps left and right and halves both, by the names that SOF's module authors know. Whatever is not
 * as those names promise ends it with a number of its own. */
#include <bulkhead_sof.h>

#define CHECK(condition, number) do { if (!(condition)) return -(number); } while (0)

/* Shifts of left and right, and enough besides that a copy of them is worth it. */
static const int32_t shifts[64] = { 1, 1, 7 };

static const int32_t *table;
static int32_t *state;
static void *buffer;

int32_t swap_init(uint32_t restarts)
{
	(void)restarts;
	state = mod_zalloc(NULL, 4 * sizeof(*state));
	CHECK(state && !state[0] && !state[3], 101);
	table = mod_fast_get(NULL, shifts, sizeof(shifts));
	CHECK(table && table != shifts && table[2] == 7, 102);
	CHECK(mod_fast_get(NULL, shifts, sizeof(shifts)) == table, 103);
	mod_fast_put(NULL, table);
	CHECK(mod_alloc(NULL, 0) == NULL && mod_alloc(NULL, SIZE_MAX) == NULL, 104);
	CHECK(mod_alloc_align(NULL, 16, 3) == NULL, 105);
	buffer = mod_balloc_align(NULL, 100, 256);
	CHECK(buffer && (uintptr_t)buffer % 256 == 0, 106);
	CHECK(mod_alloc_ext(NULL, SOF_MEM_FLAG_COHERENT, 8, 0), 107);
	CHECK(mod_free(NULL, NULL) == 0 && mod_free(NULL, buffer) == 0, 108);
	return 0;
}

int32_t swap_prepare(uint32_t rate_hz, uint32_t channels, uint32_t period_frames)
{
	struct bulkhead_time time;

	(void)rate_hz;
	(void)period_frames;
	CHECK(channels == 2, 201);
	CHECK(bulkhead_time(&time) == 0 && time.cycles != 0, 202);
	return 0;
}

int32_t swap_process(const int32_t *input, int32_t *output, uint32_t frames)
{
	struct sof_source source = { 0 }, none = { 1 };
	struct sof_sink sink = { 0 };
	const void *data, *data_start;
	void *space, *space_start;
	size_t bytes = frames * 8, free = sink_get_free_size(&sink), size, frame;
	const int32_t *in;
	int32_t *out;

	CHECK(source_get_data_available(&source) == bytes, 301);
	CHECK(free >= bytes, 302);
	CHECK(source_get_data_available(&none) == 0, 303);
	CHECK(source_get_data(&source, bytes + 4, &data, &data_start, &size) == -61, 304);
	CHECK(source_get_data(&source, bytes, &data, &data_start, &size) == 0, 305);
	CHECK(data == input && data_start == input && size == bytes, 306);
	CHECK(source_get_data(&source, 4, &data, &data_start, &size) == -16, 307);
	CHECK(sink_get_buffer(&sink, free + 4, &space, &space_start, &size) == -28, 308);
	CHECK(sink_get_buffer(&sink, bytes, &space, &space_start, &size) == 0, 309);
	CHECK(space == output && space_start == output && size == bytes, 310);
	in = data;
	out = space;
	for (frame = 0; frame < frames; frame++) {
		out[2 * frame] = in[2 * frame + 1] >> table[1];
		out[2 * frame + 1] = in[2 * frame] >> table[0];
	}
	CHECK(source_release_data(&source, bytes) == 0, 311);
	/* The last frame is written and not committed: silence must come in its place. */
	CHECK(sink_commit_buffer(&sink, bytes - 8) == 0, 312);
	CHECK(sink_commit_buffer(&sink, 8) == -22, 313);
	state[0]++;
	CHECK((uint32_t)state[0] == bulkhead_ticks() + 1, 314);
	return 0;
}

int32_t swap_reset(void)
{
	void *last = mod_alloc(NULL, 64);

	CHECK(last, 401);
	mod_free_all(NULL);
	CHECK(mod_alloc(NULL, 64) == last, 402);
	return 0;
}

int32_t swap_free(void)
{
	return 0;
}

BULKHEAD_MODULE(swap, "swap",
		BULKHEAD_UUID(0x73, 0x77, 0x61, 0x70, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 1, 0,
		4096, 8192, 8192);
