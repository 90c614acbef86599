/* What the five entry points in frames.c ask of a library's adapter, and what it may use.
 *
 * The kernel gives a millisecond at a time; the libraries want 10 ms. So frames.c collects 10 ms,
 * has them turned into as much output at once, and gives that out while it collects the next: the
 * output is 10 ms late. Libraries work on 16 bits, the upper half of a sample.
 */
#ifndef ADAPTER_H
#define ADAPTER_H

#include <bulkhead.h>

/* Gets the library ready; once, in `prepare`. 0 or a negative error. */
int32_t library_open(uint32_t rate_hz, uint32_t channels);

/* Turns 10 ms of interleaved input into 10 ms of output, which holds zeros. 0 or a negative
 * error. */
int32_t library_frame(const int16_t *input, int16_t *output, uint32_t frames);

/* Gives everything back; once, after library_open, whether that has succeeded or not. */
void library_close(void);

/* Memory of the module's region, zeroed. There is no failure: a module without memory stops. */
void *library_alloc(size_t bytes);
/* The same with the content of `old`, which is given back; `old` may be null. */
void *library_realloc(void *old, size_t bytes);
/* Gives memory back; null is nothing. */
void library_free(void *address);

/* Logs `text` with a number after it. */
void library_log(const char *text, uint32_t number);

/* What the library calls when it has found a mistake: logs it and stops the module. */
_Noreturn void library_fatal(const char *text);

/* The entry points, for BULKHEAD_MODULE(adapter, ...). */
int32_t adapter_init(uint32_t restarts);
int32_t adapter_prepare(uint32_t rate_hz, uint32_t channels, uint32_t period_frames);
int32_t adapter_process(const int32_t *input, int32_t *output, uint32_t frames);
int32_t adapter_reset(void);
int32_t adapter_free(void);

#endif
