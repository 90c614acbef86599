/* Keeps the last configuration in a handler of data blobs and tells its size and checksum. Whatever a
 * handler does not keep of what it promises ends `init` with a number of its own. Audio goes through. */
#include <bulkhead_blob.h>

#define CHECK(condition, number) do { if (!(condition)) return -(number); } while (0)

static uint32_t words_per_frame;
static struct comp_data_blob_handler *handler;

/* Refuses a blob that begins with 13. */
static int lucky(struct processing_module *mod, void *data, uint32_t size)
{
	(void)mod;
	return size && *(uint8_t *)data == 13 ? -BULKHEAD_EPERM : 0;
}

/* What a handler promises, on blobs of a few bytes. */
static int32_t check_blobs(void)
{
	static const uint8_t bytes[8] = { '1', '2', '3', '4', '5', '6', '7', '8' };
	static const uint8_t unlucky[1] = { 13 };
	struct comp_data_blob_handler *h = mod_data_blob_handler_new(NULL);
	size_t size = 9;
	uint32_t crc;

	CHECK(h && !comp_get_data_blob(h, &size, NULL) && size == 0, 501);
	CHECK(!comp_is_current_data_blob_valid(h), 502);
	CHECK(comp_init_data_blob(h, 4, bytes) == 0, 503);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_FIRST, 8, bytes, 3) == 0, 504);
	CHECK(!comp_is_new_data_blob_available(h), 505);
	/* Out of order, and beyond the whole: nothing is left of it. */
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_LAST, 4, bytes, 4) == -22, 506);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_LAST, 3, bytes, 5) == -22, 507);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_FIRST, 8, bytes, 3) == 0, 508);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_MIDDLE, 3, bytes, 6) == -22, 509);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_FIRST, 8, bytes, 3) == 0, 510);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_LAST, 3, bytes, 4) == -22, 511);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_SINGLE, 0, bytes, 0) == -22, 512);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_SINGLE, 65537, bytes, 8) == -22, 513);
	/* The one in use is still there. */
	CHECK(comp_get_data_blob(h, &size, NULL) && size == 4, 514);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_FIRST, 8, bytes, 3) == 0, 515);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_MIDDLE, 3, bytes + 3, 4) == 0, 516);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_LAST, 7, bytes + 7, 1) == 0, 517);
	CHECK(comp_is_new_data_blob_available(h), 518);
	CHECK(comp_get_data_blob(h, &size, &crc) && size == 8 && crc == 0x9ae0daafu, 519);
	comp_data_blob_set_validator(h, lucky);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_SINGLE, 1, unlucky, 1) == -1, 520);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_SINGLE, 1, bytes, 1) == 0, 521);
	CHECK(comp_data_blob_set(h, MODULE_CFG_FRAGMENT_SINGLE, 2, bytes, 2) == 0, 522);
	CHECK(comp_get_data_blob(h, &size, NULL) && size == 2, 523);
	CHECK(comp_init_data_blob(h, 0, NULL) == 0 && !comp_is_current_data_blob_valid(h), 524);
	mod_data_blob_handler_free(NULL, h);
	mod_data_blob_handler_free(NULL, NULL);
	return 0;
}

/* Takes any configuration. */
int32_t blobs_set_config(const struct bulkhead_message *message)
{
	return bulkhead_blob_take(handler, message);
}

/* Tells the size and the checksum of the last one. */
int32_t blobs_get_config(struct bulkhead_message *message)
{
	uint32_t *words = (uint32_t *)(message + 1);
	size_t size;

	comp_get_data_blob(handler, &size, &words[1]);
	words[0] = (uint32_t)size;
	message->bytes = 8;
	return 0;
}

int32_t blobs_init(uint32_t restarts)
{
	int32_t result = check_blobs();

	(void)restarts;
	if (result)
		return result;
	handler = mod_data_blob_handler_new(NULL);
	return handler ? 0 : -BULKHEAD_ENOMEM;
}

int32_t blobs_prepare(uint32_t rate_hz, uint32_t channels, uint32_t period_frames)
{
	(void)rate_hz;
	(void)period_frames;
	words_per_frame = channels;
	return 0;
}

int32_t blobs_process(const int32_t *input, int32_t *output, uint32_t frames)
{
	uint32_t word;

	for (word = 0; word < frames * words_per_frame; word++)
		output[word] = input[word];
	return 0;
}

int32_t blobs_reset(void)
{
	return 0;
}

int32_t blobs_free(void)
{
	mod_data_blob_handler_free(NULL, handler);
	return 0;
}

BULKHEAD_MODULE(blobs, "blobs",
		BULKHEAD_UUID(0x62, 0x6c, 0x6f, 0x62, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13), 1, 0,
		4096, 16384, 81920, .set_config = blobs_set_config, .get_config = blobs_get_config);
