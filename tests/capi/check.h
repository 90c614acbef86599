/* What the tests of the C library share: checks, and the embedder that they stand on. */
#ifndef CHECK_H
#define CHECK_H

#include <bulkhead_capi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __has_include(<errno.h>)
#include <errno.h>
#else
/* As Zephyr's C library numbers them. */
#define ENOENT 2
#define ENOMEM 12
#define EBUSY 16
#define ENODEV 19
#define EINVAL 22
#define ENOTEMPTY 90
#endif

#define PAGE 4096u
#define LINE 64u
#define WINDOW_PAGES 2048u
#define MEMORY_PAGES 1024u
#define HEAP_BYTES 0x40000u
#define SHARED_BYTES 0x10000u
#define BUFFER_BYTES 0x140000u
#define L3_BYTES 0x40000u

/* Records a failure and goes on. */
#define CHECK(condition) check_that((condition), __FILE__, __LINE__, #condition)
/* The condition holds, and at least one sentence was logged, the last of which contains `text`. */
#define REFUSED(condition, text)                                                                          \
    do {                                                                                                  \
        forget_log();                                                                                     \
        CHECK(condition);                                                                                 \
        check_said(text, __FILE__, __LINE__);                                                             \
    } while (0)
/* For what returns nothing. */
#define REFUSED_CALL(call, text) REFUSED(((call), true), text)
/* The condition holds, and nothing was logged. */
#define SILENT(condition)                                                                                 \
    do {                                                                                                  \
        forget_log();                                                                                     \
        CHECK(condition);                                                                                 \
        CHECK(logged() == 0);                                                                             \
    } while (0)
#define SILENT_CALL(call) SILENT(((call), true))

void check_that(bool holds, const char *file, int line, const char *what);
void check_said(const char *text, const char *file, int line);
void forget_log(void);
unsigned logged(void);

/* The embedder. */
struct world {
    /* Pages mapped now, and calls of hooks. */
    unsigned mapped;
    unsigned maps;
    unsigned flushes;
    unsigned faults;
    unsigned grants;
    unsigned revokes;
    /* Arguments of the last ones. */
    uintptr_t flushed;
    size_t flushed_bytes;
    uintptr_t granted;
    size_t granted_bytes;
    void *revoked_domain;
    uintptr_t revoked;
    size_t revoked_bytes;
    bool revoked_while_mapped;
    /* So many pages are mapped, and then the hook says -ENOMEM; -1 is never. */
    int maps_left;
    /* What the other hooks answer. */
    int answer_constant;
    int answer_grant;
    /* Called from inside the hook `map`, once. */
    void (*inside)(void);
    /* The lock is held so often. */
    int held;
};
extern struct world world;

/* The numbers and hooks of the world. */
struct bulkhead_embedder embedder(void);
/* Begins with them, and ends with nothing left. */
void begin(void);
void end(void);
/* Takes the log again, without beginning. */
void take_the_log(void);
bool is_cached(const void *pointer);
bool is_uncached(const void *pointer);
void *cached_of(void *pointer);
void *uncached_of(void *pointer);
bool is_mapped(const void *pointer);
bool is_filled(const void *pointer, int value, size_t bytes);
bool is_aligned(const void *pointer, uintptr_t alignment);

/* What the machine below does. */
void machine_begin(struct bulkhead_embedder *embedder);
void machine_map(uintptr_t address, uint32_t frame);
void machine_unmap(uintptr_t address, uint32_t pages);
void machine_say(const char *text);

void test_before_init(void);
void test_setup(void);
void test_vpage(void);
void test_vregion(void);
void test_vregion_pr10702(void);
void test_vmh(void);
void test_alloc(void);
void test_context(void);
void test_objpool(void);
void test_fast_get(void);
void test_hooks(void);
void test_walk(void);

/* Runs all; returns the number of failures. */
unsigned capi_tests(void);
extern unsigned checks;
#endif
