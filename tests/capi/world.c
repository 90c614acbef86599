/* The embedder of the tests: counts what its hooks are asked, and sees to it that no page is mapped
 * twice, no frame has two pages, and nothing is asked without the lock. */
#include "check.h"

struct world world;
unsigned checks;
static unsigned failures;

static struct bulkhead_embedder base;
static uint32_t mapped_pages[WINDOW_PAGES / 32];
/* The page of a frame, and one more. */
static uint16_t frame_pages[MEMORY_PAGES];

static char last_text[256];
static unsigned log_count;

static void number(char *text, unsigned value)
{
    char digits[10];
    int count = 0;

    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    while (count)
        *text++ = digits[--count];
    *text = 0;
}

void check_that(bool holds, const char *file, int line, const char *what)
{
    char text[12];

    checks++;
    if (holds)
        return;
    failures++;
    number(text, (unsigned)line);
    machine_say(file);
    machine_say(":");
    machine_say(text);
    machine_say(": ");
    machine_say(what);
    machine_say("\n");
}

static bool contains(const char *text, const char *part)
{
    size_t length = strlen(part);

    for (; *text; text++)
        if (memcmp(text, part, length < strlen(text) ? length : strlen(text)) == 0 &&
            length <= strlen(text))
            return true;
    return length == 0;
}

void check_said(const char *text, const char *file, int line)
{
    bool said = log_count != 0 && contains(last_text, text);

    check_that(said, file, line, text);
    if (!said) {
        machine_say("    but was said: ");
        machine_say(log_count ? last_text : "nothing");
        machine_say("\n");
    }
}

void forget_log(void)
{
    log_count = 0;
}

unsigned logged(void)
{
    return log_count;
}

static unsigned page_of(uintptr_t address)
{
    CHECK(address >= base.cached && (address - base.cached) % PAGE == 0);
    CHECK((address - base.cached) / PAGE < WINDOW_PAGES);
    return (unsigned)((address - base.cached) / PAGE) % WINDOW_PAGES;
}

static bool bit(unsigned page)
{
    return mapped_pages[page / 32] >> (page % 32) & 1;
}

static int map(void *context, uintptr_t address, uint32_t frame)
{
    unsigned page = page_of(address);

    CHECK(context == &world);
    CHECK(!bit(page));
    CHECK(frame < MEMORY_PAGES);
    CHECK(frame_pages[frame % MEMORY_PAGES] == 0);
    if (world.inside) {
        void (*inside)(void) = world.inside;

        world.inside = NULL;
        inside();
    }
    if (world.maps_left == 0)
        return -ENOMEM;
    if (world.maps_left > 0)
        world.maps_left--;
    mapped_pages[page / 32] |= 1u << (page % 32);
    frame_pages[frame % MEMORY_PAGES] = (uint16_t)(page + 1);
    world.mapped++;
    world.maps++;
    machine_map(address, frame);
    return 0;
}

static void unmap(void *context, uintptr_t address, uint32_t pages)
{
    unsigned first = page_of(address);

    CHECK(context == &world);
    CHECK(pages != 0);
    for (unsigned page = first; page < first + pages; page++) {
        CHECK(bit(page));
        mapped_pages[page / 32] &= ~(1u << (page % 32));
        for (unsigned frame = 0; frame < MEMORY_PAGES; frame++)
            if (frame_pages[frame] == page + 1)
                frame_pages[frame] = 0;
    }
    world.mapped -= pages;
    machine_unmap(address, pages);
}

static void flush(void *context, uintptr_t address, size_t bytes)
{
    CHECK(context == &world);
    world.flushes++;
    world.flushed = address;
    world.flushed_bytes = bytes;
}

static void lock(void *context)
{
    CHECK(context == &world);
    world.held++;
}

static void unlock(void *context)
{
    CHECK(context == &world);
    world.held--;
}

static void take_log(void *context, int level, const char *text)
{
    size_t length = strlen(text);

    CHECK(context == &world);
    CHECK(world.held == 0 || world.inside == NULL);
    CHECK(level >= BULKHEAD_LOG_ERROR && level <= BULKHEAD_LOG_INFO);
    CHECK(length > 0 && length < sizeof(last_text));
    memcpy(last_text, text, length + 1);
    log_count++;
}

static void fault(void *context, const char *text)
{
    CHECK(context == &world);
    CHECK(world.held == 0 || contains(text, "called from a hook"));
    CHECK(strlen(text) > 0);
    world.faults++;
}

static int check_constant(void *context, uintptr_t address, size_t bytes)
{
    CHECK(context == &world);
    CHECK(address != 0 && bytes != 0);
    return world.answer_constant;
}

static int grant(void *context, uintptr_t address, size_t bytes)
{
    CHECK(context == &world);
    world.granted = address;
    world.granted_bytes = bytes;
    if (world.answer_grant == 0)
        world.grants++;
    return world.answer_grant;
}

static void revoke(void *context, void *domain, uintptr_t address, size_t bytes)
{
    CHECK(context == &world);
    world.revokes++;
    world.revoked_domain = domain;
    world.revoked = address;
    world.revoked_bytes = bytes;
    world.revoked_while_mapped = bit(page_of(address));
}

struct bulkhead_embedder embedder(void)
{
    machine_begin(&base);
    base.page_bytes = PAGE;
    base.line_bytes = LINE;
    base.window_bytes = WINDOW_PAGES * PAGE;
    base.memory_bytes = MEMORY_PAGES * PAGE;
    base.heap_bytes = HEAP_BYTES;
    base.shared_bytes = SHARED_BYTES;
    base.buffer_bytes = BUFFER_BYTES;
    base.l3_bytes = L3_BYTES;
    base.context = &world;
    base.map = map;
    base.unmap = unmap;
    base.flush = flush;
    base.lock = lock;
    base.unlock = unlock;
    base.log = take_log;
    base.fault = fault;
    base.check_constant = check_constant;
    base.grant = grant;
    base.revoke = revoke;
    return base;
}

void begin(void)
{
    struct bulkhead_embedder all = embedder();

    memset(&world, 0, sizeof(world));
    world.maps_left = -1;
    CHECK(bulkhead_capi_init(&all) == 0);
}

void end(void)
{
    SILENT(bulkhead_capi_exit() == 0);
    CHECK(world.mapped == 0);
    CHECK(world.held == 0);
}

void take_the_log(void)
{
    bulkhead_capi_log_to(take_log, &world);
}

bool is_cached(const void *pointer)
{
    return (uintptr_t)pointer - base.cached < WINDOW_PAGES * PAGE;
}

bool is_uncached(const void *pointer)
{
    return (uintptr_t)pointer - base.uncached < WINDOW_PAGES * PAGE;
}

void *cached_of(void *pointer)
{
    return (void *)((uintptr_t)pointer - base.uncached + base.cached);
}

void *uncached_of(void *pointer)
{
    return (void *)((uintptr_t)pointer - base.cached + base.uncached);
}

bool is_mapped(const void *pointer)
{
    return bit((unsigned)(((uintptr_t)pointer - base.cached) / PAGE) % WINDOW_PAGES);
}

bool is_filled(const void *pointer, int value, size_t bytes)
{
    const unsigned char *byte = pointer;

    for (size_t index = 0; index < bytes; index++)
        if (byte[index] != value)
            return false;
    return true;
}

bool is_aligned(const void *pointer, uintptr_t alignment)
{
    return ((uintptr_t)pointer & (alignment - 1)) == 0;
}

unsigned capi_tests(void)
{
    static void (*const tests[])(void) = {
        test_before_init, test_setup,   test_vpage,   test_vregion,  test_vregion_pr10702, test_vmh,
        test_alloc,       test_context, test_objpool, test_fast_get, test_hooks,
        test_walk,
    };

    for (unsigned index = 0; index < sizeof(tests) / sizeof(tests[0]); index++)
        tests[index]();
    return failures;
}
