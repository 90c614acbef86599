/* bulkhead_capi_init() and bulkhead_capi_exit(). */
#include "check.h"

#include <rtos/alloc.h>
#include <sof/lib/regions_mm.h>
#include <sof/lib/vpage.h>

static void refuse(struct bulkhead_embedder wrong, const char *field)
{
    REFUSED(bulkhead_capi_init(&wrong) == -EINVAL, field);
    CHECK(world.mapped == 0);
    CHECK(vpage_alloc(1) == NULL);
}

#define WRONG(field, value)                                                                               \
    do {                                                                                                  \
        struct bulkhead_embedder wrong = embedder();                                                      \
                                                                                                          \
        wrong.field = (value);                                                                            \
        refuse(wrong, #field);                                                                            \
    } while (0)

static void numbers_that_cannot_be(void)
{
    struct bulkhead_embedder right = embedder();

    REFUSED(bulkhead_capi_init(NULL) == -EINVAL, "NULL");
    WRONG(page_bytes, 0);
    WRONG(page_bytes, 4095);
    WRONG(page_bytes, 32);
    WRONG(line_bytes, 0);
    WRONG(line_bytes, 4);
    WRONG(line_bytes, 96);
    WRONG(line_bytes, 8192);
    WRONG(cached, 0);
    WRONG(cached, right.cached + 64);
    WRONG(cached, (uintptr_t)0 - PAGE);
    WRONG(uncached, 0);
    WRONG(uncached, right.uncached + 1);
    WRONG(uncached, right.cached + PAGE);
    WRONG(window_bytes, 0);
    WRONG(window_bytes, WINDOW_PAGES * PAGE + PAGE);
    WRONG(window_bytes, SIZE_MAX);
    WRONG(window_bytes, PAGE + 1);
    WRONG(memory_bytes, 0);
    WRONG(memory_bytes, SIZE_MAX);
    WRONG(heap_bytes, 0);
    WRONG(heap_bytes, PAGE / 2);
    WRONG(heap_bytes, SIZE_MAX);
    WRONG(heap_bytes, WINDOW_PAGES * PAGE + PAGE);
    WRONG(shared_bytes, 1);
    WRONG(buffer_bytes, SIZE_MAX - PAGE + 1);
    WRONG(l3, 0);
    WRONG(l3, right.l3 + 8);
    right.l3_bytes = SIZE_MAX;
    refuse(right, "l3");
}

/* A hook that says no at any page, and nothing stays mapped. */
static void maps_that_fail(void)
{
    struct bulkhead_embedder all = embedder();

    for (int left = 0; left < 80; left += 7) {
        world.maps_left = left;
        REFUSED(bulkhead_capi_init(&all) == -ENOMEM, "the hook `map` answered -12");
        CHECK(world.mapped == 0);
    }
    world.maps_left = -1;
}

/* Nothing but a window, memory and a heap; and no hooks. */
static void the_least(void)
{
    struct bulkhead_embedder least = embedder();
    void *pointer;

    least.shared_bytes = 0;
    least.buffer_bytes = 0;
    least.l3 = 0;
    least.l3_bytes = 0;
    least.uncached = least.cached;
    least.heap_bytes = PAGE;
    CHECK(bulkhead_capi_init(&least) == 0);
    REFUSED(bulkhead_capi_init(&least) == -EBUSY, "before");
    pointer = rballoc(SOF_MEM_FLAG_COHERENT, 100);
    CHECK(pointer != NULL && is_cached(pointer) && is_mapped(pointer));
    REFUSED(rmalloc(SOF_MEM_FLAG_L3, 100) == NULL, "no such memory");
    REFUSED(vmh_init_heap(NULL, false) == NULL, "no such memory");
    REFUSED(get_shared_buffer_heap_start() == 0, "no such memory");
    REFUSED(get_shared_buffer_heap_size() == 0, "no such memory");
    REFUSED(bulkhead_capi_exit() == -EBUSY, "1 things are still in use");
    rfree(pointer);
    end();
    REFUSED(rmalloc(0, 1) == NULL, "has not been called");
}

/* Less memory than addresses, and a window of 40 pages: neither is exceeded. */
static void a_small_window(void)
{
    struct bulkhead_embedder small = embedder();
    void *pages, *rest;

    small.window_bytes = 40 * PAGE;
    small.memory_bytes = 20 * PAGE;
    small.heap_bytes = PAGE;
    small.shared_bytes = 0;
    small.buffer_bytes = 0;
    CHECK(bulkhead_capi_init(&small) == 0);
    CHECK(vpage_get_region()->size == 40 * PAGE);
    REFUSED(vpage_alloc(20) == NULL, "20 pages of memory are needed and 19 are left");
    pages = vpage_alloc(19);
    CHECK(pages != NULL);
    REFUSED(vpage_alloc(1) == NULL, "1 pages of memory are needed and 0 are left");
    rest = vpage_reserve(20);
    CHECK(rest != NULL);
    REFUSED(vpage_reserve(1) == NULL, "1 pages were asked for and 0 are free");
    REFUSED(bulkhead_capi_exit() == -EBUSY, "2 things are still in use");
    vpage_free(pages);
    vpage_release(rest);
    end();
}

/* Blocks of the embedder's own choice behind rballoc(). */
static void buffers_of_its_own(void)
{
    struct bulkhead_embedder own = embedder();
    struct vmh_heap_config config = {.block_bundles_table = {{4096, 2}, {12288, 1}}};
    void *large;

    own.buffers = &config;
    CHECK(bulkhead_capi_init(&own) == 0);
    large = rballoc(0, 12288);
    CHECK(large != NULL);
    REFUSED(rballoc(0, 12288) == NULL, "all blocks that would hold 12288 bytes are in use");
    REFUSED(rballoc(0, 12289) == NULL, "no bundle has blocks for 12352 bytes");
    rfree(large);
    end();

    config.block_bundles_table[0].block_size = 4000;
    REFUSED(bulkhead_capi_init(&own) == -EINVAL, "bundles of whole pages");
    CHECK(world.mapped == 0);
}

void test_setup(void)
{
    memset(&world, 0, sizeof(world));
    world.maps_left = -1;
    numbers_that_cannot_be();
    maps_that_fail();
    the_least();
    a_small_window();
    buffers_of_its_own();
}
