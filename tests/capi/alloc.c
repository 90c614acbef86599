/* rtos/alloc.h: the rmalloc() family and sof_heap_*(). */
#include <rtos/alloc.h>

#include "check.h"

#include <sof/lib/vpage.h>
#include <sof/lib/vregion.h>

/* A free that SOF would panic for. */
#define FAULTS(call, text)                                                                                \
    do {                                                                                                  \
        unsigned faults = world.faults;                                                                   \
                                                                                                          \
        REFUSED_CALL(call, text);                                                                         \
        CHECK(world.faults == faults + 1);                                                                \
    } while (0)

static void flags(void)
{
    CHECK(SOF_MEM_FLAG_DMA == 1 << 2 && SOF_MEM_FLAG_NO_COPY == 1 << 3);
    CHECK(SOF_MEM_FLAG_COHERENT == 1 << 4 && SOF_MEM_FLAG_L3 == 1 << 5);
    CHECK(SOF_MEM_FLAG_LOW_POWER == 1 << 6 && SOF_MEM_FLAG_KERNEL == 1 << 7);
    CHECK(SOF_MEM_FLAG_USER == 1 << 8 && SOF_MEM_FLAG_USER_SHARED_BUFFER == 1 << 9);
    CHECK(SOF_MEM_FLAG_LARGE_BUFFER == 1 << 10);
    heap_trace_all(1);
}

static void small_ones(void)
{
    char *first = rmalloc(0, 1);
    char *second = rmalloc(SOF_MEM_FLAG_USER | SOF_MEM_FLAG_DMA | SOF_MEM_FLAG_KERNEL, 65);
    char *third = rmalloc_align(SOF_MEM_FLAG_LOW_POWER, 10, 1024);
    char *fourth = rzalloc(0, 100);

    CHECK(is_cached(first) && is_aligned(first, LINE));
    CHECK(second == first + 64);
    CHECK(is_aligned(third, 1024));
    CHECK(is_filled(fourth, 0, 100));
    memset(fourth, 9, 100);
    SILENT_CALL(rfree(fourth));
    fourth = rzalloc(0, 128);
    CHECK(is_filled(fourth, 0, 128));
    SILENT_CALL(rfree(first));
    SILENT_CALL(rfree(second));
    SILENT_CALL(rfree(third));
    SILENT_CALL(rfree(fourth));
}

static void coherent_ones(void)
{
    char *heap = rmalloc(SOF_MEM_FLAG_COHERENT, 100);
    char *zero, *buffer;

    CHECK(is_uncached(heap) && is_aligned(heap, LINE));
    CHECK(world.flushed == (uintptr_t)cached_of(heap) && world.flushed_bytes == 128);
    memset(heap, 3, 100);
    SILENT_CALL(rfree(heap));
    zero = rzalloc(SOF_MEM_FLAG_COHERENT, 100);
    CHECK(is_uncached(zero) && is_filled(zero, 0, 100));
    SILENT_CALL(rfree(cached_of(zero)));
    buffer = rballoc(SOF_MEM_FLAG_COHERENT, 5000);
    CHECK(is_uncached(buffer));
    CHECK(world.flushed == (uintptr_t)cached_of(buffer) && world.flushed_bytes == 5056);
    SILENT_CALL(rfree(buffer));
    buffer = rballoc(0, 5000);
    CHECK(is_cached(buffer));
    SILENT_CALL(rfree(uncached_of(buffer)));
}

/* SOF's table of blocks, with 0x140000 bytes. */
static void buffers(void)
{
    unsigned before = world.mapped;
    char *large[5], *page;

    large[0] = rballoc(0, 512 << 10);
    CHECK(world.mapped == before + 128);
    REFUSED(rballoc(0, 512 << 10) == NULL, "all blocks that would hold 524288 bytes are in use");
    REFUSED(rballoc(0, (512 << 10) + 1) == NULL, "no bundle has blocks");
    for (unsigned index = 1; index < 5; index++) {
        large[index] = rballoc(SOF_MEM_FLAG_USER, 48 << 10);
        CHECK(large[index] != NULL);
    }
    CHECK(world.mapped == before + 128 + 4 * 12);
    for (unsigned index = 0; index < 5; index++)
        SILENT_CALL(rfree(large[index]));
    CHECK(world.mapped == before);
    page = rballoc_align(0, 100, PAGE);
    CHECK(is_aligned(page, PAGE) && world.mapped == before + 1);
    SILENT_CALL(rfree(page));
}

static void other_memory(void)
{
    char *shared = rmalloc(SOF_MEM_FLAG_USER_SHARED_BUFFER, 100);
    char *far = rmalloc(SOF_MEM_FLAG_L3, 100);
    char *far_buffer = rballoc(SOF_MEM_FLAG_L3, 5000);
    uintptr_t start = get_shared_buffer_heap_start();

    CHECK(get_shared_buffer_heap_size() == SHARED_BYTES);
    CHECK((uintptr_t)shared - start < SHARED_BYTES);
    CHECK(far != NULL && !is_cached(far) && !is_uncached(far));
    CHECK(far_buffer != NULL && !is_cached(far_buffer));
    memset(far, 1, 100);
    REFUSED(rmalloc(SOF_MEM_FLAG_L3 | SOF_MEM_FLAG_COHERENT, 8) == NULL, "no such memory");
    REFUSED(rmalloc(SOF_MEM_FLAG_L3, L3_BYTES + 1) == NULL, "do not fit");
    SILENT_CALL(rfree(shared));
    SILENT_CALL(rfree(far));
    FAULTS(rfree(far), "nothing is allocated");
    SILENT_CALL(rfree(far_buffer));
    shared = rballoc(SOF_MEM_FLAG_USER_SHARED_BUFFER | SOF_MEM_FLAG_COHERENT, 100);
    CHECK(is_uncached(shared) && (uintptr_t)cached_of(shared) - start < SHARED_BYTES);
    SILENT_CALL(rfree(shared));
}

static void other_sizes(void)
{
    char *pointer = rbrealloc(NULL, 0, 1000, 0);
    char *larger;

    CHECK(pointer != NULL);
    memset(pointer, 7, 1000);
    larger = rbrealloc(pointer, 0, 9000, 1000);
    CHECK(larger != NULL && larger != pointer && is_filled(larger, 7, 1000));
    FAULTS(rfree(pointer), "nothing is allocated");
    /* Whatever the caller says the old size was: no further than there is memory. */
    pointer = rbrealloc_align(larger, 0, 60000, SIZE_MAX, PAGE);
    CHECK(is_aligned(pointer, PAGE) && is_filled(pointer, 7, 1000));
    larger = rbrealloc_align(pointer, SOF_MEM_FLAG_NO_COPY, 100, 60000, 64);
    CHECK(larger != NULL && !is_filled(larger, 7, 100));
    /* The old one stays. */
    REFUSED(rbrealloc(larger, 0, 0, 100) == NULL, "no bytes");
    REFUSED(rbrealloc(larger, 0, SIZE_MAX, 100) == NULL, "address space");
    REFUSED(rbrealloc_align(larger, 0, 100, 100, 3) == NULL, "power of two");
    memset(larger, 5, 100);
    REFUSED(rbrealloc(larger + 64, 0, 100, 100) == NULL, "is inside the allocation");
    CHECK(is_filled(larger, 5, 100));
    /* From a heap without blocks, and back. */
    pointer = rbrealloc(larger, SOF_MEM_FLAG_L3, 100, 100);
    CHECK(pointer != NULL && is_filled(pointer, 5, 100));
    larger = rbrealloc(pointer, 0, 100, SIZE_MAX);
    CHECK(is_cached(larger) && is_filled(larger, 5, 100));
    SILENT_CALL(rfree(larger));
}

static void named_heaps(void)
{
    static int foreign;
    struct k_heap *heap = sof_sys_heap_get();
    char *pointer = sof_heap_alloc(heap, 0, 128, 0);
    char *other;

    CHECK(heap != NULL && sof_sys_user_heap_get() == NULL);
    CHECK(is_cached(pointer));
    other = sof_heap_alloc(NULL, SOF_MEM_FLAG_COHERENT, 128, 256);
    CHECK(is_uncached(other) && is_aligned(other, 256));
    SILENT_CALL(sof_heap_free(heap, pointer));
    SILENT_CALL(sof_heap_free(NULL, other));
    /* Without a heap a large buffer comes from where rballoc() has it. */
    pointer = sof_heap_alloc(NULL, SOF_MEM_FLAG_LARGE_BUFFER, HEAP_BYTES + PAGE, 0);
    CHECK(pointer != NULL);
    CHECK(sof_heap_alloc(heap, SOF_MEM_FLAG_LARGE_BUFFER, HEAP_BYTES + PAGE, 0) == NULL);
    SILENT_CALL(sof_heap_free(heap, pointer));
    FAULTS(sof_heap_free(NULL, pointer), "nothing is allocated");
    SILENT_CALL(sof_heap_free(heap, NULL));
    pointer = sof_heap_alloc(NULL, SOF_MEM_FLAG_USER_SHARED_BUFFER, 100, 0);
    CHECK((uintptr_t)pointer - get_shared_buffer_heap_start() < SHARED_BYTES);
    REFUSED(sof_heap_alloc((struct k_heap *)&foreign, 0, 128, 0) == NULL, "is no heap");
    FAULTS(sof_heap_free((struct k_heap *)&foreign, pointer), "is no heap");
    SILENT_CALL(sof_heap_free(NULL, pointer));
    REFUSED(sof_heap_alloc(NULL, 0, 0, 0) == NULL, "no bytes");
    REFUSED(sof_heap_alloc(NULL, 0, SIZE_MAX, 0) == NULL, "address space");
    REFUSED(sof_heap_alloc(NULL, 0, 8, SIZE_MAX) == NULL, "power of two");
}

static void frees_that_are_refused(void)
{
    static int foreign;
    char *heap = rmalloc(0, 200);
    char *buffer = rballoc(0, 5000);
    void *pages = vpage_alloc(1);
    struct vregion *vr = vregion_create(PAGE);
    void *inside = vregion_alloc(vr, 8);

    SILENT_CALL(rfree(NULL));
    FAULTS(rfree(heap + 1), "is inside the allocation");
    FAULTS(rfree(heap + 64), "is inside the allocation");
    FAULTS(rfree(buffer + 64), "is inside the allocation");
    FAULTS(rfree(&foreign), "lies in no memory");
    FAULTS(rfree((void *)UINTPTR_MAX), "lies in no memory");
    FAULTS(rfree(pages), "lies in no memory");
    FAULTS(rfree(inside), "lies in no memory");
    FAULTS(rfree(vr), "lies in no memory");
    SILENT_CALL(rfree(heap));
    FAULTS(rfree(heap), "nothing is allocated");
    SILENT_CALL(rfree(buffer));
    FAULTS(rfree(buffer), "nothing is allocated");
    vregion_put(vr);
    vpage_free(pages);
}

static void sizes_that_cannot_be(void)
{
    REFUSED(rmalloc(0, 0) == NULL, "no bytes");
    REFUSED(rzalloc(0, 0) == NULL, "no bytes");
    REFUSED(rballoc(0, 0) == NULL, "no bytes");
    REFUSED(rmalloc(0, SIZE_MAX) == NULL, "address space");
    REFUSED(rzalloc(0, SIZE_MAX) == NULL, "address space");
    REFUSED(rballoc(0, SIZE_MAX) == NULL, "address space");
    REFUSED(rballoc(0, SIZE_MAX - 62) == NULL, "address space");
    REFUSED(rmalloc(0, HEAP_BYTES + 1) == NULL, "do not fit");
    REFUSED(rmalloc_align(0, 8, 24) == NULL, "24 bytes is not a power of two");
    REFUSED(rballoc_align(0, 8, 24) == NULL, "24 bytes is not a power of two");
    REFUSED(rmalloc_align(0, 8, UINT32_MAX) == NULL, "power of two");
    REFUSED(rmalloc_align(0, 8, 1u << 31) == NULL, "no room");
    REFUSED(rballoc_align(0, 8, 1u << 31) == NULL, "no bundle has blocks");
    CHECK(world.mapped == (HEAP_BYTES + SHARED_BYTES) / PAGE);
}

static void all_there_is(void)
{
    static void *pointers[1100];
    unsigned count;

    for (int round = 0; round < 2; round++) {
        count = 0;
        while (count < 1100 && (pointers[count] = rmalloc(0, 200)) != NULL)
            count++;
        CHECK(count == 1022);
        REFUSED(rmalloc(0, 200) == NULL, "used up its 1024 records");
        while (count)
            rfree(pointers[--count]);
        count = 0;
        while (count < 1100 && (pointers[count] = rmalloc(0, 1000)) != NULL)
            count++;
        CHECK(count == HEAP_BYTES / 1024);
        REFUSED(rmalloc(0, 1000) == NULL, "no room");
        for (unsigned step = 0; step < 2; step++)
            for (unsigned index = step; index < count; index += 2)
                rfree(pointers[index]);
    }
}

void test_alloc(void)
{
    begin();
    flags();
    small_ones();
    coherent_ones();
    buffers();
    other_memory();
    other_sizes();
    named_heaps();
    frees_that_are_refused();
    sizes_that_cannot_be();
    all_there_is();
    end();
}
