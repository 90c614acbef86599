/* What a C module includes.
 *
 * A module has five entry points or more and one BULKHEAD_MODULE that names them. It runs at user ring in
 * its own memory: it reaches its text, data, stack and region, the buffers of the call it is in,
 * and the system calls below; nothing else. Only integers and pointers cross a system call.
 *
 * Samples are interleaved signed 32-bit integers, full scale is 2^31. A period is at most one
 * millisecond: rate / 1000 frames, rounded up.
 */
#ifndef BULKHEAD_H
#define BULKHEAD_H

#include <stddef.h>
#include <stdint.h>

/* An entry point returns 0 or one of these, negated; so does a system call. */
#define BULKHEAD_EPERM 1    /* not permitted */
#define BULKHEAD_ENOMEM 12  /* no memory left in the region */
#define BULKHEAD_EFAULT 14  /* a pointer that is not the caller's */
#define BULKHEAD_EBUSY 16   /* got before and not given back */
#define BULKHEAD_EINVAL 22  /* an argument outside its range */
#define BULKHEAD_EQUOTA 28  /* more than the quota allows, or than a buffer has space for */
#define BULKHEAD_ENOSYS 38  /* no such system call */
#define BULKHEAD_ENODATA 61 /* not as much data as that */

/* Flags of bulkhead_alloc. */
#define BULKHEAD_COHERENT 1u /* the uncached alias; shares no cache line with anything else */
#define BULKHEAD_ZEROED 2u   /* zero when handed out; up to 16 KiB */
#define BULKHEAD_BUFFER 4u   /* for audio: shares no cache line with anything else */

/* The state of the module's region, in bytes. */
struct bulkhead_heap_info {
	uint32_t total;       /* of the region */
	uint32_t used;        /* given out now */
	uint32_t peak;        /* the most ever given out at once */
	uint32_t allocations; /* how many are alive now */
};

/* Ends the entry point with that result, from however deep. On the target only. */
_Noreturn void bulkhead_done(int32_t result);

/* Stops the module, as an illegal instruction does. On the target only. */
_Noreturn void bulkhead_fail(void);

/* Crosses the border and comes back. */
int32_t bulkhead_null(void);

/* Allocates in the module's region; `align` is a power of two, or 0 for the least. The result
 * may be an error: see bulkhead_is_error. */
void *bulkhead_alloc(uint32_t bytes, uint32_t align, uint32_t flags);

/* Frees what bulkhead_alloc gave. The kernel stops a module that frees anything else. */
int32_t bulkhead_free(void *address);

/* Writes a line (UTF-8, no zero needed) to the kernel's log; returns the bytes taken. */
int32_t bulkhead_log(const char *text, uint32_t bytes);

/* Tells the state of the region. */
int32_t bulkhead_heap_info(struct bulkhead_heap_info *info);

/* Ends every allocation made after `prepare`, and gives every copy of constants back; 0. */
int32_t bulkhead_free_all(void);

/* A copy of constants in the region, for fast access, the same one for the same constants; or an
 * error, see bulkhead_is_error. Give it back as often as it was got: the kernel stops a module that
 * gives back anything else. */
const void *bulkhead_fast_get(const void *constants, uint32_t bytes);
int32_t bulkhead_fast_put(const void *copy);

/* Bytes of an audio buffer, in one piece or, over its end, in two. */
struct bulkhead_audio_bytes {
	uint32_t first;        /* address of the first piece */
	uint32_t first_bytes;
	uint32_t second;       /* address of the rest, the start of the buffer */
	uint32_t second_bytes; /* 0 where there is no rest */
};

/* Gets bytes to read from a source, or space to write to a sink; 0 or a negative error. */
int32_t bulkhead_source_get(uint32_t pin, uint32_t bytes, struct bulkhead_audio_bytes *got);
int32_t bulkhead_sink_get(uint32_t pin, uint32_t bytes, struct bulkhead_audio_bytes *got);

/* Gives them back: so many are consumed, or written; 0 or a negative error. */
int32_t bulkhead_source_release(uint32_t pin, uint32_t bytes);
int32_t bulkhead_sink_commit(uint32_t pin, uint32_t bytes);

/* How many bytes a source has, and a sink has space for; or a negative error. */
int32_t bulkhead_source_available(uint32_t pin);
int32_t bulkhead_sink_free(uint32_t pin);

/* The ticks, and the core's cycle counter, wrapping. */
struct bulkhead_time {
	_Alignas(8) uint32_t ticks;
	uint32_t cycles;
};
int32_t bulkhead_time(struct bulkhead_time *time);

/* The ticks of 1 ms since the kernel began to play, wrapping. */
uint32_t bulkhead_ticks(void);

/* Lets another module run whose turn it is as much as this one's; 0. */
int32_t bulkhead_yield(void);

/* Four words of the module's choice, for the report. */
struct bulkhead_trace_record {
	_Alignas(16) uint32_t words[4];
};

/* Leaves a record, with the time of it; 0, or -BULKHEAD_EQUOTA when 32 are waiting. */
int32_t bulkhead_trace(const struct bulkhead_trace_record *record);

/* Whether bulkhead_alloc refused; the error is then bulkhead_error(address). */
static inline int bulkhead_is_error(const void *address)
{
	return (uintptr_t)address >= (uintptr_t)-4095;
}

/* The negative error in such an address. */
static inline int32_t bulkhead_error(const void *address)
{
	return (int32_t)(intptr_t)address;
}

/* What stands at the start of a module's message page; the bytes that it tells of come behind it,
 * at most BULKHEAD_MESSAGE_BODY. */
struct bulkhead_message {
	uint32_t id;     /* what it is about: the module's own numbers */
	uint32_t offset; /* where the bytes stand in the whole; 0 begins a new whole */
	uint32_t total;  /* bytes of the whole */
	uint32_t bytes;  /* behind the message; of get_config, first how many fit */
};
#define BULKHEAD_MESSAGE_BODY 4080u

/* What a module is and wants; see the arguments of BULKHEAD_MODULE. */
struct bulkhead_module_header {
	uint32_t magic;
	uint32_t abi;
	uint32_t bytes;
	uint32_t version;
	uint8_t uuid[16];
	uint8_t name[32];
	uint32_t stack_bytes;
	uint32_t lifetime_bytes;
	uint32_t interim_bytes;
	void (*start)(void);
	/* Once, first. `restarts` counts the module's earlier lives in this run. */
	int32_t (*init)(uint32_t restarts);
	/* Before the first `process`. */
	int32_t (*prepare)(uint32_t rate_hz, uint32_t channels, uint32_t period_frames);
	/* `input` is read only, `output` holds zeros. */
	int32_t (*process)(const int32_t *input, int32_t *output, uint32_t frames);
	/* Back to the state before `prepare`. */
	int32_t (*reset)(void);
	/* The last call. */
	int32_t (*free)(void);
	/* Those below may be missing. A buffer is connected to a source (`side` 0) or a sink (1). */
	int32_t (*bind)(uint32_t side, uint32_t pin, uint32_t frame_bytes);
	/* It is about to be taken away. */
	int32_t (*unbind)(uint32_t side, uint32_t pin);
	/* A configuration, or a part of one. */
	int32_t (*set_config)(const struct bulkhead_message *message);
	/* What `message->id` asks for goes behind the message, its length into `message->bytes`. */
	int32_t (*get_config)(struct bulkhead_message *message);
	/* The pipeline changes its state. */
	int32_t (*trigger)(uint32_t command);
};

/* What trigger is told. */
#define BULKHEAD_STOP 0u
#define BULKHEAD_START 1u
#define BULKHEAD_PAUSE 2u
#define BULKHEAD_RELEASE 3u

#define BULKHEAD_MAGIC 0x314d4842u /* "BHM1" */
#define BULKHEAD_ABI 1u

/* The SDK's start stub, which the kernel enters. */
void _bulkhead_start(void);

#ifdef __XTENSA__
#define BULKHEAD_HEADER_ATTRIBUTES __attribute__((used, section(".bulkhead")))
#else
#define BULKHEAD_HEADER_ATTRIBUTES __attribute__((unused)) static
#endif

/* Braces and commas in one macro argument: BULKHEAD_UUID(0x01, ...), sixteen bytes. */
#define BULKHEAD_UUID(...) { __VA_ARGS__ }

/* Defines the header; once per module. `stack`, `lifetime` and `interim` are bytes: of stack, of
 * region for what init and prepare allocate, of region for what comes and goes afterwards. `entry`
 * is the prefix of the five entry points: limiter stands for limiter_init, limiter_prepare,
 * limiter_process, limiter_reset and limiter_free. `name_text` has at most 32 bytes. Behind `interim`
 * may follow what else the module has: .set_config = limiter_set_config, and so on. */
#define BULKHEAD_MODULE(entry, name_text, uuid_bytes, major, minor, stack, lifetime, ...)         \
	_Static_assert(sizeof(name_text) - 1 <= 32, "a module's name has at most 32 bytes");      \
	BULKHEAD_HEADER_ATTRIBUTES const struct bulkhead_module_header bulkhead_module = {        \
		.magic = BULKHEAD_MAGIC,                                                          \
		.abi = BULKHEAD_ABI,                                                              \
		.bytes = sizeof(struct bulkhead_module_header),                                   \
		.version = (uint32_t)(major) << 16 | (minor),                                     \
		.uuid = uuid_bytes,                                                               \
		.name = name_text,                                                                \
		.stack_bytes = (stack),                                                           \
		.lifetime_bytes = (lifetime),                                                     \
		.start = _bulkhead_start,                                                         \
		.init = entry##_init,                                                             \
		.prepare = entry##_prepare,                                                       \
		.process = entry##_process,                                                       \
		.reset = entry##_reset,                                                           \
		.free = entry##_free,                                                             \
		.interim_bytes = __VA_ARGS__                                                      \
	}

#endif
