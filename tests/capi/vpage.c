/* sof/lib/vpage.h. */
#include <sof/lib/vpage.h>

#include "check.h"

#include <rtos/alloc.h>
#include <sof/lib/vregion.h>

/* What SOF's own boot test does. */
static void as_sof_tests_it(void)
{
    void *one = vpage_alloc(1);
    void *two = vpage_alloc(2);

    CHECK(one != NULL);
    CHECK(two != NULL);
    vpage_free(one);
    vpage_free(two);
    two = vpage_alloc(2);
    CHECK(two != NULL);
    vpage_free(two);
}

/* Freed neither first nor last: SOF loses a record and its pages then. */
static void any_order(void)
{
    unsigned before = world.mapped;
    void *a = vpage_alloc(1);
    void *b = vpage_alloc(3);
    void *c;

    SILENT_CALL(vpage_free(a));
    c = vpage_alloc(1);
    CHECK(c == a);
    SILENT_CALL(vpage_free(b));
    SILENT_CALL(vpage_free(c));
    CHECK(world.mapped == before);
}

static void memory_is_mapped_and_zero(void)
{
    unsigned before = world.mapped;
    unsigned flushes = world.flushes;
    char *pages = vpage_alloc(3);

    CHECK(is_cached(pages) && is_aligned(pages, PAGE));
    CHECK(world.mapped == before + 3);
    CHECK(is_mapped(pages) && is_mapped(pages + 2 * PAGE));
    CHECK(world.flushes > flushes && world.flushed == (uintptr_t)pages);
    CHECK(world.flushed_bytes == 3 * PAGE);
    CHECK(is_filled(pages, 0, 3 * PAGE));
    CHECK(is_filled(uncached_of(pages), 0, 3 * PAGE));
    memset(pages, 0xa5, 3 * PAGE);
    vpage_free(pages);
    CHECK(world.mapped == before);
    /* What the last owner left is gone. */
    pages = vpage_alloc(3);
    CHECK(is_filled(pages, 0, 3 * PAGE));
    /* Through the alias, too. */
    SILENT_CALL(vpage_free(uncached_of(pages)));
    CHECK(world.mapped == before);
}

static void what_is_refused(void)
{
    static int foreign;
    char *pages = vpage_alloc(2);
    char *reserved = vpage_reserve(2);
    struct vregion *vr = vregion_create(PAGE);
    uintptr_t start;

    REFUSED(vpage_alloc(0) == NULL, "at least one page");
    REFUSED(vpage_alloc(WINDOW_PAGES + 1) == NULL, "frames are needed");
    REFUSED(vpage_alloc(MEMORY_PAGES) == NULL, "pages of memory are needed");
    REFUSED(vpage_alloc(UINT32_MAX) == NULL, "needed");
    REFUSED(vpage_reserve(0) == NULL, "at least one page");
    REFUSED(vpage_reserve(UINT32_MAX) == NULL, "do not fit");
    REFUSED(vpage_reserve(WINDOW_PAGES) == NULL, "are free");

    REFUSED_CALL(vpage_free(NULL), "0x0 is not the start of pages that vpage_alloc handed out");
    REFUSED_CALL(vpage_free(&foreign), "is not the start");
    REFUSED_CALL(vpage_free(pages + 1), "is not the start");
    REFUSED_CALL(vpage_free(pages + PAGE), "is not the start");
    REFUSED_CALL(vpage_free(reserved), "is not the start of pages that vpage_alloc");
    REFUSED_CALL(vpage_release(pages), "is not the start of pages that vpage_reserve");
    REFUSED_CALL(vpage_release(NULL), "is not the start");
    REFUSED_CALL(vpage_free((void *)UINTPTR_MAX), "is not the start");
    /* The pages of a region are not for vpage_free(). */
    vregion_mem_info(vr, NULL, &start);
    REFUSED_CALL(vpage_free((void *)start), "is not the start");
    vregion_put(vr);

    CHECK(!is_mapped(reserved) && !is_mapped(reserved + PAGE));
    SILENT_CALL(vpage_free(pages));
    REFUSED_CALL(vpage_free(pages), "is not the start");
    SILENT_CALL(vpage_release(reserved));
    REFUSED_CALL(vpage_release(reserved), "is not the start");
}

/* A hook that says no after some pages: those are unmapped again, and nothing is lost. */
static void a_map_that_fails(void)
{
    unsigned before = world.mapped;
    void *pages;

    for (int left = 0; left < 4; left++) {
        world.maps_left = left;
        REFUSED(vpage_alloc(4) == NULL, "the hook `map` answered -12");
        CHECK(world.mapped == before);
    }
    world.maps_left = -1;
    pages = vpage_alloc(4);
    CHECK(pages != NULL);
    vpage_free(pages);
}

/* SOF has 128 records; here there are as many as pages. All are had, and had again. */
static void all_there_is(void)
{
    static void *pages[WINDOW_PAGES];
    unsigned count = 0;

    for (int round = 0; round < 2; round++) {
        count = 0;
        while (count < WINDOW_PAGES && (pages[count] = vpage_alloc(1)) != NULL)
            count++;
        CHECK(count > 900 && count < MEMORY_PAGES);
        CHECK(world.mapped == MEMORY_PAGES);
        for (unsigned step = 0; step < 2; step++)
            for (unsigned index = step; index < count; index += 2)
                vpage_free(pages[index]);
    }
}

static void the_window(void)
{
    const struct sys_mm_drv_region *window = vpage_get_region();
    void *pages = vpage_alloc(1);

    CHECK(window != NULL && window->size == WINDOW_PAGES * PAGE);
    CHECK(is_cached(window->addr));
    CHECK((uintptr_t)pages - (uintptr_t)window->addr < window->size);
    vpage_free(pages);
}

void test_vpage(void)
{
    begin();
    as_sof_tests_it();
    any_order();
    memory_is_mapped_and_zero();
    what_is_refused();
    a_map_that_fails();
    all_there_is();
    the_window();
    CHECK(world.faults == 0);
    end();
}
