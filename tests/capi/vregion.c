/* sof/lib/vregion.h as it is today. */
#include <sof/lib/vregion.h>

#include "check.h"

#include <rtos/alloc.h>

/* What SOF's own boot test does, with its sizes. */
static void as_sof_tests_it(void)
{
    struct vregion *vr = vregion_create(3 * PAGE);
    void *first, *second;

    CHECK(vr != NULL);
    first = vregion_alloc(vr, 6000);
    CHECK(first != NULL);
    second = vregion_alloc_align(vr, 5000, 16);
    CHECK(second != NULL && is_aligned(second, 16));
    vregion_set_interim(vr);
    CHECK(vregion_alloc(vr, 6000) == NULL);
    vregion_free(vr, second);
    vregion_free(vr, first);
    CHECK(vregion_alloc(vr, 6000) == NULL);

    first = vregion_alloc(vr, 20);
    CHECK(first != NULL);
    second = vregion_alloc_align(vr, 1000, 16);
    CHECK(second != NULL && is_aligned(second, 16));
    CHECK(vregion_alloc(vr, 2000) == NULL);
    vregion_free(vr, second);
    vregion_free(vr, first);
    first = vregion_alloc(vr, 1000);
    CHECK(first != NULL);
    vregion_free(vr, first);
    REFUSED_CALL(vregion_info(vr), "12288 bytes at");
    CHECK(vregion_put(vr) == NULL);
}

static void lifetime(void)
{
    struct vregion *vr = vregion_create(2 * PAGE + 1);
    char *first, *second;
    size_t size = 0;
    uintptr_t start = 0;

    vregion_mem_info(vr, &size, &start);
    CHECK(size == 3 * PAGE);
    CHECK(is_cached((void *)start) && is_aligned((void *)start, PAGE));
    vregion_mem_info(vr, NULL, NULL);
    CHECK(is_filled((void *)start, 0, size));

    /* One after the other, in whole lines, and no hole is filled. */
    first = vregion_alloc(vr, 1);
    CHECK((uintptr_t)first == start);
    second = vregion_alloc(vr, 65);
    CHECK(second == first + 64);
    CHECK(vregion_alloc(vr, 1) == second + 128);
    vregion_free(vr, second);
    CHECK(vregion_alloc(vr, 1) == second + 192);
    second = vregion_alloc_align(vr, 1, 1024);
    CHECK(is_aligned(second, 1024));
    second = vregion_alloc_align(vr, 1, PAGE);
    CHECK(second == first + PAGE);
    CHECK(vregion_put(vr) == NULL);
}

static void coherent(void)
{
    struct vregion *vr = vregion_create(4 * PAGE);
    char *uncached, *cached, *other;

    for (int mode = 0; mode < 2; mode++) {
        uncached = vregion_alloc_coherent(vr, 100);
        CHECK(is_uncached(uncached) && is_aligned(uncached, LINE));
        cached = cached_of(uncached);
        CHECK(world.flushed == (uintptr_t)cached && world.flushed_bytes == 128);
        memset(uncached, 0x5a, 100);
        CHECK(is_filled(cached, 0x5a, 100));
        /* Neither shares a cache line with the other. */
        other = vregion_alloc(vr, 8);
        CHECK(other >= cached + 128 || other + 64 <= cached);
        SILENT_CALL(vregion_free(vr, uncached));
        REFUSED_CALL(vregion_free(vr, uncached), mode ? "it was freed before" : "was freed before");
        uncached = vregion_alloc_coherent_align(vr, 8, 512);
        CHECK(is_uncached(uncached) && is_aligned(uncached, 512));
        /* By the other alias, which is the same memory. */
        SILENT_CALL(vregion_free(vr, cached_of(uncached)));
        SILENT_CALL(vregion_free(vr, uncached_of(other)));
        if (!mode)
            vregion_set_interim(vr);
    }
    vregion_put(vr);
}

static void interim(void)
{
    struct vregion *vr = vregion_create(4 * PAGE);
    char *pieces[40];
    unsigned count = 0;
    void *large;

    CHECK(vregion_alloc(vr, PAGE) != NULL);
    SILENT_CALL(vregion_set_interim(vr));
    REFUSED_CALL(vregion_set_interim(vr), "was made before");
    while (count < 40 && (pieces[count] = vregion_alloc(vr, 500)) != NULL)
        count++;
    CHECK(count == 24);
    REFUSED(vregion_alloc(vr, 500) == NULL, "no room for 512 bytes");
    REFUSED_CALL(vregion_free(vr, pieces[3] + 64), "is inside the allocation at");
    REFUSED_CALL(vregion_free(vr, pieces[3] + 1), "is inside the allocation at");
    for (unsigned index = 0; index < count; index += 2)
        SILENT_CALL(vregion_free(vr, pieces[index]));
    REFUSED_CALL(vregion_free(vr, pieces[0]), "nothing is allocated");
    for (unsigned index = 1; index < count; index += 2)
        SILENT_CALL(vregion_free(vr, pieces[index]));
    /* All of it side by side again. */
    large = vregion_alloc(vr, 3 * PAGE);
    CHECK(large != NULL);
    SILENT_CALL(vregion_free(vr, large));
    vregion_put(vr);
}

/* Less than 1,024 bytes are left: SOF says nothing at the switch. */
static void a_switch_that_fails(void)
{
    struct vregion *vr = vregion_create(PAGE);

    CHECK(vregion_alloc(vr, PAGE - 960) != NULL);
    REFUSED_CALL(vregion_set_interim(vr), "960 bytes are left for interim allocations, and 1024");
    REFUSED(vregion_alloc(vr, 8) == NULL, "the switch to interim failed");
    REFUSED_CALL(vregion_set_interim(vr), "was made before");
    vregion_put(vr);

    /* Just enough. */
    vr = vregion_create(PAGE);
    CHECK(vregion_alloc(vr, PAGE - 1024) != NULL);
    SILENT_CALL(vregion_set_interim(vr));
    CHECK(vregion_alloc(vr, 1024) != NULL);
    vregion_put(vr);
}

static void owners(void)
{
    unsigned before = world.mapped;
    struct vregion *vr = vregion_create(PAGE);
    struct vregion *next;
    void *pointer = vregion_alloc(vr, 8);
    size_t size = 1;
    uintptr_t start = 1;

    CHECK(vregion_get(vr) == vr);
    CHECK(vregion_get(vr) == vr);
    CHECK(vregion_put(vr) == vr);
    CHECK(vregion_put(vr) == vr);
    CHECK(world.mapped == before + 1);
    CHECK(vregion_put(vr) == NULL);
    CHECK(world.mapped == before);

    /* It has ended, and a region in its place does not bring it back. */
    next = vregion_create(PAGE);
    CHECK(next != NULL && next != vr);
    for (int round = 0; round < 2; round++) {
        REFUSED(vregion_get(vr) == NULL, "is no region: it has ended");
        REFUSED(vregion_put(vr) == NULL, "is no region");
        REFUSED(vregion_alloc(vr, 8) == NULL, "is no region");
        REFUSED(vregion_alloc_align(vr, 8, 8) == NULL, "is no region");
        REFUSED(vregion_alloc_coherent(vr, 8) == NULL, "is no region");
        REFUSED(vregion_alloc_coherent_align(vr, 8, 8) == NULL, "is no region");
        REFUSED_CALL(vregion_free(vr, pointer), "is no region");
        REFUSED_CALL(vregion_set_interim(vr), "is no region");
        REFUSED_CALL(vregion_info(vr), "is no region");
        REFUSED_CALL(vregion_mem_info(vr, &size, &start), "is no region");
        CHECK(size == 0 && start == 0);
        if (!round)
            CHECK(vregion_put(next) == NULL);
    }
}

static void pointers_that_are_none(void)
{
    static char made_up[256];
    struct vregion *vr = vregion_create(PAGE);
    struct vregion *other = vregion_create(PAGE);
    void *others = vregion_alloc(other, 8);
    void *heap = rmalloc(0, 8);
    struct vregion *wrong[] = {
        (struct vregion *)made_up,          (struct vregion *)(made_up + 1),
        (struct vregion *)sof_sys_heap_get(), (struct vregion *)(uintptr_t)1,
        (struct vregion *)UINTPTR_MAX,      (struct vregion *)((uintptr_t)vr + 0x10000),
        (struct vregion *)((uintptr_t)vr | 0xff00),
    };

    for (unsigned index = 0; index < sizeof(wrong) / sizeof(wrong[0]); index++) {
        REFUSED(vregion_alloc(wrong[index], 8) == NULL, "is no region");
        REFUSED(vregion_get(wrong[index]) == NULL, "is no region");
        REFUSED(vregion_put(wrong[index]) == NULL, "is no region");
        REFUSED_CALL(vregion_free(wrong[index], others), "is no region");
    }
    REFUSED_CALL(vregion_free(vr, others), "is not in this region");
    REFUSED_CALL(vregion_free(vr, heap), "is not in this region");
    REFUSED_CALL(vregion_free(vr, made_up), "is not in this region");
    REFUSED_CALL(vregion_free(vr, (void *)UINTPTR_MAX), "is not in this region");
    SILENT_CALL(vregion_free(other, others));
    REFUSED_CALL(vregion_free(other, others), "was freed before");
    rfree(heap);

    SILENT_CALL(vregion_free(NULL, others));
    SILENT_CALL(vregion_free(vr, NULL));
    SILENT(vregion_get(NULL) == NULL);
    SILENT(vregion_put(NULL) == NULL);
    SILENT_CALL(vregion_set_interim(NULL));
    REFUSED(vregion_alloc(NULL, 8) == NULL, "NULL");
    REFUSED(vregion_alloc_align(NULL, 8, 8) == NULL, "NULL");
    REFUSED(vregion_alloc_coherent(NULL, 8) == NULL, "NULL");
    REFUSED(vregion_alloc_coherent_align(NULL, 8, 8) == NULL, "NULL");
    REFUSED_CALL(vregion_info(NULL), "is no region");
    REFUSED_CALL(vregion_mem_info(NULL, NULL, NULL), "is no region");
    vregion_put(vr);
    vregion_put(other);
}

static void sizes_that_cannot_be(void)
{
    struct vregion *vr = vregion_create(PAGE);
    static const size_t wrong[] = {3, 24, 96, SIZE_MAX, SIZE_MAX - 1};
    void *pointer;

    REFUSED(vregion_create(0) == NULL, "no bytes");
    REFUSED(vregion_create(SIZE_MAX) == NULL, "");
    REFUSED(vregion_create(SIZE_MAX - PAGE) == NULL, "");
    REFUSED(vregion_create((size_t)MEMORY_PAGES * PAGE) == NULL, "are needed");
    for (int mode = 0; mode < 2; mode++) {
        REFUSED(vregion_alloc(vr, 0) == NULL, "no bytes");
        REFUSED(vregion_alloc_align(vr, 0, 64) == NULL, "no bytes");
        REFUSED(vregion_alloc_coherent(vr, 0) == NULL, "no bytes");
        REFUSED(vregion_alloc(vr, SIZE_MAX) == NULL, "more than an address space has");
        REFUSED(vregion_alloc(vr, SIZE_MAX - 62) == NULL, "more than an address space has");
        /* SOF rounds this one to no bytes at all, and hands out an address. */
        REFUSED(vregion_alloc(vr, (size_t)0xfffffff0) == NULL, "more than an address space has");
        REFUSED(vregion_alloc_align(vr, (size_t)0xffffffc0, 128) == NULL, "do not fit");
        REFUSED(vregion_alloc_coherent(vr, SIZE_MAX) == NULL, "more than an address space has");
        REFUSED(vregion_alloc(vr, PAGE + 1) == NULL, "do not fit");
        for (unsigned index = 0; index < sizeof(wrong) / sizeof(wrong[0]); index++) {
            REFUSED(vregion_alloc_align(vr, 8, wrong[index]) == NULL, "is not a power of two");
            REFUSED(vregion_alloc_coherent_align(vr, 8, wrong[index]) == NULL, "not a power of two");
        }
        REFUSED(vregion_alloc_align(vr, 8, (size_t)1 << 31) == NULL, "no room");
        pointer = vregion_alloc(vr, 8);
        CHECK(pointer != NULL && is_cached(pointer));
        vregion_set_interim(vr);
    }
    vregion_put(vr);
}

/* More regions and more allocations than there are records for. */
static void all_there_is(void)
{
    struct vregion *regions[64];
    unsigned count = 0, pieces = 0;

    while (count < 64 && (regions[count] = vregion_create(PAGE)) != NULL)
        count++;
    CHECK(count == 24);
    REFUSED(vregion_create(PAGE) == NULL, "all 24 places for a region are taken");
    for (unsigned index = 0; index < count; index++)
        CHECK(vregion_put(regions[index]) == NULL);

    regions[0] = vregion_create(4 * PAGE);
    while (vregion_alloc(regions[0], 8) != NULL)
        pieces++;
    CHECK(pieces == 127);
    REFUSED(vregion_alloc(regions[0], 8) == NULL, "used up its 128 records");
    vregion_put(regions[0]);
}

struct seen {
    int count;
    struct vregion *vr;
    unsigned owners;
};

static void look(int idx, const struct vregion_snapshot *s, void *ctx)
{
    struct seen *seen = ctx;
    size_t size;
    uintptr_t start;

    CHECK(idx == seen->count++);
    CHECK(s->pages == 2 && s->size == 2 * PAGE);
    CHECK(s->lifetime_used == 128 && s->lifetime_free_count == 1);
    seen->owners += s->use_count;
    /* The callback may call any function. */
    vregion_mem_info(seen->vr, &size, &start);
    CHECK(size == 2 * PAGE);
}

static void each_region(void)
{
    struct seen seen = {0};
    struct vregion *other = vregion_create(2 * PAGE);

    seen.vr = vregion_create(2 * PAGE);
    vregion_get(seen.vr);
    vregion_alloc(seen.vr, 64);
    vregion_free(seen.vr, vregion_alloc(seen.vr, 64));
    vregion_alloc(other, 64);
    vregion_free(other, vregion_alloc(other, 64));
    vregion_for_each(look, &seen);
    CHECK(seen.count == 2 && seen.owners == 3);
    REFUSED_CALL(vregion_for_each(NULL, NULL), "NULL");
    vregion_put(seen.vr);
    vregion_put(seen.vr);
    vregion_put(other);
}

void test_vregion(void)
{
    begin();
    as_sof_tests_it();
    lifetime();
    coherent();
    interim();
    a_switch_that_fails();
    owners();
    pointers_that_are_none();
    sizes_that_cannot_be();
    all_there_is();
    each_region();
    CHECK(world.faults == 0);
    end();
}
