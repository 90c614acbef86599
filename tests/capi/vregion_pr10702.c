/* sof/lib/vregion.h as it was in SOF's pull request 10702: callers compile unchanged. */
#define BULKHEAD_SOF_PR10702
#include <sof/lib/vregion.h>

#include "check.h"

/* What the pull request's boot test does, with its sizes. */
static void as_the_pull_request_tests_it(void)
{
    struct vregion *vr = vregion_create(PAGE - 100, PAGE);
    void *first, *second;

    CHECK(vr != NULL);
    first = vregion_alloc(vr, VREGION_MEM_TYPE_LIFETIME, 2000);
    CHECK(first != NULL);
    second = vregion_alloc_align(vr, VREGION_MEM_TYPE_LIFETIME, 2000, 16);
    CHECK(second != NULL && is_aligned(second, 16));
    CHECK(vregion_alloc(vr, VREGION_MEM_TYPE_LIFETIME, 2000) == NULL);
    vregion_free(vr, second);
    vregion_free(vr, first);
    CHECK(vregion_alloc(vr, VREGION_MEM_TYPE_LIFETIME, 2000) == NULL);

    first = vregion_alloc(vr, VREGION_MEM_TYPE_INTERIM, 20);
    CHECK(first != NULL);
    second = vregion_alloc_align(vr, VREGION_MEM_TYPE_INTERIM, 2000, 16);
    CHECK(second != NULL && is_aligned(second, 16));
    CHECK(vregion_alloc(vr, VREGION_MEM_TYPE_INTERIM, 2050) == NULL);
    vregion_free(vr, second);
    vregion_free(vr, first);
    first = vregion_alloc(vr, VREGION_MEM_TYPE_INTERIM, 2050);
    CHECK(first != NULL);
    vregion_free(vr, first);
    CHECK(vregion_put(vr) == NULL);
}

static void both_at_once(void)
{
    struct vregion *vr = vregion_create(2 * PAGE, 3 * PAGE);
    char *kept, *passing;
    size_t size;
    uintptr_t start;

    vregion_mem_info(vr, &size, &start);
    CHECK(size == 5 * PAGE);
    CHECK(is_filled((void *)start, 0, size));
    for (int round = 0; round < 3; round++) {
        kept = vregion_alloc_coherent(vr, VREGION_MEM_TYPE_LIFETIME, 100);
        CHECK(is_uncached(kept));
        CHECK((uintptr_t)cached_of(kept) < start + 2 * PAGE);
        passing = vregion_alloc_coherent_align(vr, VREGION_MEM_TYPE_INTERIM, 3 * PAGE, 64);
        CHECK(is_uncached(passing));
        CHECK((uintptr_t)cached_of(passing) == start + 2 * PAGE);
        CHECK(vregion_alloc(vr, VREGION_MEM_TYPE_INTERIM, 8) == NULL);
        REFUSED_CALL(vregion_free(vr, passing + 64), "is inside the allocation");
        SILENT_CALL(vregion_free(vr, passing));
        REFUSED_CALL(vregion_free(vr, passing), "nothing is allocated");
        SILENT_CALL(vregion_free(vr, kept));
        REFUSED_CALL(vregion_free(vr, kept), "was freed before");
    }
    REFUSED_CALL(vregion_set_interim(vr), "was made before");
    REFUSED_CALL(vregion_info(vr), "20480 bytes at");
    CHECK(vregion_get(vr) == vr);
    CHECK(vregion_put(vr) == vr);
    CHECK(vregion_put(vr) == NULL);
    REFUSED(vregion_alloc(vr, VREGION_MEM_TYPE_INTERIM, 8) == NULL, "is no region");
}

static void what_is_refused(void)
{
    unsigned before = world.mapped;
    struct vregion *regions[32];
    unsigned count = 0;
    struct vregion *vr;

    REFUSED(vregion_create(0, PAGE) == NULL, "no bytes");
    REFUSED(vregion_create(PAGE, 0) == NULL, "no bytes");
    REFUSED(vregion_create(SIZE_MAX, SIZE_MAX) == NULL, "");
    REFUSED(vregion_create((size_t)0xfffff000, (size_t)0xfffff000) == NULL, "");
    vr = vregion_create(PAGE, PAGE);
    REFUSED(vregion_alloc(vr, VREGION_MEM_TYPE_INVALID, 8) == NULL, "2 is no type of memory");
    REFUSED(vregion_alloc(vr, (enum vregion_mem_type)77, 8) == NULL, "77 is no type of memory");
    REFUSED(vregion_alloc(vr, VREGION_MEM_TYPE_INTERIM, 0) == NULL, "no bytes");
    REFUSED(vregion_alloc(vr, VREGION_MEM_TYPE_LIFETIME, SIZE_MAX) == NULL, "address space");
    REFUSED(vregion_alloc_align(vr, VREGION_MEM_TYPE_LIFETIME, 8, 12) == NULL, "power of two");
    REFUSED(vregion_alloc(NULL, VREGION_MEM_TYPE_LIFETIME, 8) == NULL, "NULL");
    REFUSED(vregion_alloc_align(NULL, VREGION_MEM_TYPE_LIFETIME, 8, 8) == NULL, "NULL");
    REFUSED(vregion_alloc_coherent(NULL, VREGION_MEM_TYPE_LIFETIME, 8) == NULL, "NULL");
    REFUSED(vregion_alloc_coherent_align(NULL, VREGION_MEM_TYPE_LIFETIME, 8, 8) == NULL, "NULL");
    CHECK(vregion_put(vr) == NULL);

    while (count < 32 && (regions[count] = vregion_create(PAGE, PAGE)) != NULL)
        count++;
    CHECK(count == 12);
    while (count)
        CHECK(vregion_put(regions[--count]) == NULL);
    CHECK(world.mapped == before);
}

#undef vregion_create
#undef vregion_alloc

/* The two forms on each other's regions. */
static void forms_mixed(void)
{
    struct vregion *today = vregion_create(4 * PAGE);
    struct vregion *then = vregion_create_parts(PAGE, PAGE);
    void *pointer;

    pointer = vregion_alloc_type(today, VREGION_MEM_TYPE_LIFETIME, 8);
    CHECK(pointer != NULL);
    REFUSED(vregion_alloc_type(today, VREGION_MEM_TYPE_INTERIM, 8) == NULL, "not in this mode");
    vregion_set_interim(today);
    pointer = vregion_alloc_type(today, VREGION_MEM_TYPE_INTERIM, 8);
    CHECK(pointer != NULL);
    REFUSED(vregion_alloc_type(today, VREGION_MEM_TYPE_LIFETIME, 8) == NULL, "not in this mode");
    CHECK(vregion_alloc(then, PAGE) != NULL);
    CHECK(vregion_alloc(then, 8) == NULL);
    vregion_put(today);
    vregion_put(then);
}

void test_vregion_pr10702(void)
{
    begin();
    as_the_pull_request_tests_it();
    both_at_once();
    what_is_refused();
    forms_mixed();
    CHECK(world.faults == 0);
    end();
}
