/* Configurations as authors of SOF modules know them: handlers of data blobs.
 *
 * A handler and its blobs lie in the module's own region and are nobody's else. A configuration that
 * comes in parts is collected beside the one in use; when its last part is there, a validator of the
 * module's may refuse it; it takes the old one's place when the module asks for its blob the next time.
 * Every part is held against the size that was announced.
 */
#ifndef BULKHEAD_BLOB_H
#define BULKHEAD_BLOB_H

#include <stdbool.h>

#include "bulkhead_sof.h"

/* The longest blob. */
#define BULKHEAD_BLOB_MOST 65536u

/* Where a part stands in the whole. */
enum module_cfg_fragment_position {
	MODULE_CFG_FRAGMENT_MIDDLE = 0,
	MODULE_CFG_FRAGMENT_FIRST = 1,
	MODULE_CFG_FRAGMENT_LAST = 2,
	MODULE_CFG_FRAGMENT_SINGLE = 3
};

typedef int (*comp_data_blob_validator)(struct processing_module *mod, void *data, uint32_t size);

struct comp_data_blob {
	uint8_t *bytes; /* NULL where there is none */
	uint32_t size;
};

struct comp_data_blob_handler {
	struct processing_module *mod;
	struct comp_data_blob used;    /* what the module has */
	struct comp_data_blob ready;   /* what it will have */
	struct comp_data_blob pending; /* what is being collected */
	uint32_t collected;            /* bytes of it that are there */
	comp_data_blob_validator validator;
};

/* A handler without a blob, or NULL. */
static inline struct comp_data_blob_handler *
mod_data_blob_handler_new(struct processing_module *mod)
{
	struct comp_data_blob_handler *handler = mod_zalloc(mod, sizeof(*handler));

	if (handler)
		handler->mod = mod;
	return handler;
}

static inline void bulkhead_blob_drop(struct comp_data_blob_handler *handler,
				      struct comp_data_blob *blob)
{
	mod_free(handler->mod, blob->bytes);
	blob->bytes = NULL;
	blob->size = 0;
}

/* Ends a handler and its blobs; NULL is nothing. */
static inline void mod_data_blob_handler_free(struct processing_module *mod,
					      struct comp_data_blob_handler *handler)
{
	if (!handler)
		return;
	bulkhead_blob_drop(handler, &handler->used);
	bulkhead_blob_drop(handler, &handler->ready);
	bulkhead_blob_drop(handler, &handler->pending);
	mod_free(mod, handler);
}

static inline void comp_data_blob_set_validator(struct comp_data_blob_handler *handler,
						comp_data_blob_validator validator)
{
	handler->validator = validator;
}

static inline void bulkhead_blob_copy(uint8_t *to, const void *from, uint32_t size)
{
	const uint8_t *bytes = from;
	uint32_t at;

	for (at = 0; at < size; at++)
		to[at] = bytes ? bytes[at] : 0;
}

/* The first blob: `size` bytes of `init_data`, or zeros where that is NULL. 0 or a negative error. */
static inline int comp_init_data_blob(struct comp_data_blob_handler *handler, uint32_t size,
				      const void *init_data)
{
	uint8_t *bytes;

	if (size > BULKHEAD_BLOB_MOST)
		return -BULKHEAD_EINVAL;
	bulkhead_blob_drop(handler, &handler->used);
	bulkhead_blob_drop(handler, &handler->ready);
	bulkhead_blob_drop(handler, &handler->pending);
	if (size == 0)
		return 0;
	bytes = mod_balloc(handler->mod, size);
	if (!bytes)
		return -BULKHEAD_ENOMEM;
	bulkhead_blob_copy(bytes, init_data, size);
	handler->used.bytes = bytes;
	handler->used.size = size;
	return 0;
}

/* Whether a blob is there that the module has not got yet. */
static inline bool comp_is_new_data_blob_available(const struct comp_data_blob_handler *handler)
{
	return handler->ready.bytes != NULL;
}

/* Whether the module has a blob. */
static inline bool comp_is_current_data_blob_valid(const struct comp_data_blob_handler *handler)
{
	return handler->used.bytes != NULL;
}

/* The CRC-32 of IEEE 802.3. */
static inline uint32_t bulkhead_crc32(const uint8_t *bytes, uint32_t size)
{
	uint32_t crc = 0xffffffffu, at, bit;

	for (at = 0; at < size; at++) {
		crc ^= bytes[at];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0u - (crc & 1u) & 0xedb88320u);
	}
	return ~crc;
}

/* The newest blob, which is the module's until it asks again; NULL where there is none. Its size and
 * checksum, where they are wanted. */
static inline void *comp_get_data_blob(struct comp_data_blob_handler *handler, size_t *size,
				       uint32_t *crc)
{
	if (handler->ready.bytes) {
		bulkhead_blob_drop(handler, &handler->used);
		handler->used = handler->ready;
		handler->ready.bytes = NULL;
		handler->ready.size = 0;
	}
	if (size)
		*size = handler->used.size;
	if (crc)
		*crc = bulkhead_crc32(handler->used.bytes, handler->used.size);
	return handler->used.bytes;
}

/* Takes a part. `data_offset_size` is the size of the whole with the first part, else where the part
 * stands. 0; -22 for a part out of order, or beyond the whole; -12 without memory; or what the validator
 * says. After an error nothing is collected any more, and the blob in use stays. */
static inline int comp_data_blob_set(struct comp_data_blob_handler *handler,
				     enum module_cfg_fragment_position pos,
				     uint32_t data_offset_size, const uint8_t *fragment,
				     size_t fragment_size)
{
	struct comp_data_blob *pending = &handler->pending;
	bool first = pos == MODULE_CFG_FRAGMENT_FIRST || pos == MODULE_CFG_FRAGMENT_SINGLE;
	bool last = pos == MODULE_CFG_FRAGMENT_LAST || pos == MODULE_CFG_FRAGMENT_SINGLE;
	int result = -BULKHEAD_EINVAL;

	if (first) {
		bulkhead_blob_drop(handler, pending);
		handler->collected = 0;
		if (data_offset_size == 0 || data_offset_size > BULKHEAD_BLOB_MOST)
			return -BULKHEAD_EINVAL;
		pending->bytes = mod_balloc(handler->mod, data_offset_size);
		if (!pending->bytes)
			return -BULKHEAD_ENOMEM;
		pending->size = data_offset_size;
	} else if (!pending->bytes || data_offset_size != handler->collected) {
		goto drop;
	}
	if (fragment_size > pending->size - handler->collected)
		goto drop;
	bulkhead_blob_copy(pending->bytes + handler->collected, fragment, (uint32_t)fragment_size);
	handler->collected += (uint32_t)fragment_size;
	if (!last)
		return 0;
	if (handler->collected != pending->size)
		goto drop;
	if (handler->validator) {
		result = handler->validator(handler->mod, pending->bytes, pending->size);
		if (result)
			goto drop;
	}
	bulkhead_blob_drop(handler, &handler->ready);
	handler->ready = *pending;
	pending->bytes = NULL;
	pending->size = 0;
	return 0;
drop:
	bulkhead_blob_drop(handler, pending);
	handler->collected = 0;
	return result;
}

/* The same from the message that set_config gets. */
static inline int bulkhead_blob_take(struct comp_data_blob_handler *handler,
				     const struct bulkhead_message *message)
{
	bool first = message->offset == 0;
	bool last = message->total - message->offset == message->bytes;
	unsigned int pos = (first ? MODULE_CFG_FRAGMENT_FIRST : 0u) |
			   (last ? MODULE_CFG_FRAGMENT_LAST : 0u);

	return comp_data_blob_set(handler, (enum module_cfg_fragment_position)pos,
				  first ? message->total : message->offset,
				  (const uint8_t *)(message + 1), message->bytes);
}

#endif
