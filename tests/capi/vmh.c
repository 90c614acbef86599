/* sof/lib/regions_mm.h. */
#include <sof/lib/regions_mm.h>

#include "check.h"

#include <rtos/alloc.h>

#define ROWS(...) {.block_bundles_table = {__VA_ARGS__}}

static const struct vmh_heap_config two_rows = ROWS({8, 1024}, {16, 512});
static const struct vmh_heap_config one_row = ROWS({32, 256});

static void use(struct vmh_heap *heap, uint32_t bytes)
{
    unsigned char *pointer = vmh_alloc(heap, bytes);

    CHECK(pointer != NULL && is_cached(pointer));
    if (!pointer)
        return;
    pointer[0] = 0xaa;
    pointer[bytes / 2] = 0xaa;
    pointer[bytes - 1] = 0xaa;
    CHECK(pointer[0] == 0xaa && pointer[bytes / 2] == 0xaa && pointer[bytes - 1] == 0xaa);
    CHECK(vmh_free(heap, pointer) == 0);
}

static void many(struct vmh_heap *heap, unsigned count, uint32_t least, uint32_t most)
{
    static unsigned char *pointers[64];

    for (unsigned index = 0; index < count; index++) {
        uint32_t bytes = least + (most - least) * index / count;

        pointers[index] = vmh_alloc(heap, bytes);
        CHECK(pointers[index] != NULL);
        memset(pointers[index], (int)index + 1, bytes);
    }
    for (unsigned index = 0; index < count; index++) {
        uint32_t bytes = least + (most - least) * index / count;

        CHECK(is_filled(pointers[index], (int)index + 1, bytes));
        CHECK(vmh_free(heap, pointers[index]) == 0);
    }
}

/* What SOF's own boot test does, with its sizes. */
static void as_sof_tests_it(void)
{
    unsigned before = world.mapped;

    for (int contiguous = 0; contiguous < 2; contiguous++) {
        struct vmh_heap *heap = vmh_init_heap(NULL, contiguous);
        void *pointer;

        CHECK(heap != NULL);
        CHECK(vmh_free_heap(heap) == 0);
        heap = vmh_init_heap(&two_rows, contiguous);
        CHECK(heap != NULL);
        CHECK(vmh_free_heap(heap) == 0);

        heap = vmh_init_heap(&one_row, contiguous);
        CHECK(heap != NULL);
        pointer = vmh_alloc(heap, 512);
        CHECK((pointer != NULL) == contiguous);
        if (pointer)
            CHECK(vmh_free(heap, pointer) == 0);
        CHECK(vmh_free_heap(heap) == 0);

        heap = vmh_init_heap(NULL, contiguous);
        use(heap, 512);
        use(heap, 1024);
        use(heap, sizeof(int));
        REFUSED(vmh_alloc(heap, 0) == NULL, "at least one byte");
        many(heap, 16, 4, 8);
        many(heap, 64, 4, 8);
        many(heap, 16, 4, 1024);
        many(heap, 64, 4, 1024);
        if (contiguous) {
            many(heap, 16, 1024, 4096);
            many(heap, 16, 4096, 8192);
        }
        CHECK(vmh_free_heap(heap) == 0);
    }
    CHECK(world.mapped == before);
}

static void only_what_is_used_is_mapped(void)
{
    static const struct vmh_heap_config config = ROWS({1024, 8}, {65536, 3});
    struct vmh_heap *heap = vmh_init_heap(&config, false);
    unsigned before = world.mapped;
    char *large, *small[4];

    CHECK(world.mapped == before);
    large = vmh_alloc(heap, 48 << 10);
    CHECK(world.mapped == before + 12);
    CHECK(is_aligned(large, PAGE) && is_filled(large, 0, 48 << 10));
    CHECK(!is_mapped(large + (48 << 10)));
    /* Four blocks share a page. */
    for (unsigned index = 0; index < 4; index++) {
        small[index] = vmh_alloc(heap, 1000);
        CHECK(world.mapped == before + 13);
    }
    for (unsigned index = 0; index < 3; index++)
        CHECK(vmh_free(heap, small[index]) == 0);
    CHECK(world.mapped == before + 13);
    CHECK(vmh_free(heap, small[3]) == 0);
    CHECK(world.mapped == before + 12);
    memset(large, 1, 48 << 10);
    CHECK(vmh_free(heap, large) == 0);
    CHECK(world.mapped == before);
    large = vmh_alloc(heap, 64 << 10);
    CHECK(is_filled(large, 0, 64 << 10));
    /* The alias is the same memory. */
    CHECK(vmh_free(heap, uncached_of(large)) == 0);
    CHECK(vmh_free_heap(heap) == 0);
}

static void frees_that_are_refused(void)
{
    static int foreign;

    for (int contiguous = 0; contiguous < 2; contiguous++) {
        struct vmh_heap *heap = vmh_init_heap(NULL, contiguous);
        struct vmh_heap *other = vmh_init_heap(&one_row, contiguous);
        char *pointer = vmh_alloc(heap, 600);
        char *others = vmh_alloc(other, 32);

        CHECK(others < pointer || others >= pointer + 600);
        REFUSED(vmh_free_heap(heap) == -ENOTEMPTY, "1 allocations of the heap are still in use");
        /* SOF takes one inside an allocation, and frees all of it. */
        REFUSED(vmh_free(heap, pointer + 1) == -EINVAL, "is inside the allocation at");
        REFUSED(vmh_free(heap, pointer + 64) == -EINVAL, "is inside the allocation at");
        REFUSED(vmh_free(heap, others) == -EINVAL, "lies in no memory");
        REFUSED(vmh_free(heap, NULL) == -EINVAL, "lies in no memory");
        REFUSED(vmh_free(heap, &foreign) == -EINVAL, "lies in no memory");
        REFUSED(vmh_free(heap, (void *)UINTPTR_MAX) == -EINVAL, "lies in no memory");
        SILENT(vmh_free(heap, pointer) == 0);
        REFUSED(vmh_free(heap, pointer) == -EINVAL, "nothing is allocated");
        CHECK(vmh_free(other, others) == 0);
        SILENT(vmh_free_heap(other) == 0);
        SILENT(vmh_free_heap(heap) == 0);
        /* They have ended. */
        REFUSED(vmh_free_heap(heap) == -EINVAL, "is no virtual memory heap");
        REFUSED(vmh_alloc(heap, 8) == NULL, "is no virtual memory heap");
        REFUSED(vmh_free(heap, pointer) == -EINVAL, "is no virtual memory heap");
        REFUSED_CALL(vmh_log_stats(heap), "is no virtual memory heap");
        other = vmh_init_heap(NULL, contiguous);
        REFUSED(vmh_alloc(heap, 8) == NULL, "is no virtual memory heap");
        CHECK(vmh_free_heap(other) == 0);
    }
    REFUSED(vmh_alloc(NULL, 8) == NULL, "is no virtual memory heap");
    REFUSED(vmh_free(NULL, &foreign) == -EINVAL, "is no virtual memory heap");
    REFUSED(vmh_free_heap(NULL) == -EINVAL, "is no virtual memory heap");
    REFUSED_CALL(vmh_log_stats(NULL), "is no virtual memory heap");
    REFUSED(vmh_alloc((struct vmh_heap *)&foreign, 8) == NULL, "is no virtual memory heap");
}

static void tables_that_cannot_be(void)
{
    static const struct vmh_heap_config wrong[] = {
        ROWS({0, 0}),
        ROWS({64, 63}),
        ROWS({64, 64}, {128, 1}),
        ROWS({4096, BUFFER_BYTES / 4096}, {8192, 1}),
        ROWS({SIZE_MAX, 2}),
        ROWS({4096, SIZE_MAX}),
        ROWS({(size_t)1 << 31, 2}),
    };
    static const struct vmh_heap_config descending = ROWS({8192, 1}, {4096, 1});
    static const struct vmh_heap_config tiny = ROWS({4, 1024});
    struct vmh_heap *heaps[8];
    unsigned count = 0;

    for (unsigned index = 0; index < sizeof(wrong) / sizeof(wrong[0]); index++)
        REFUSED(vmh_init_heap(&wrong[index], false) == NULL, "bundles of whole pages");
    REFUSED(vmh_init_heap(&descending, false) == NULL, "smaller blocks than the bundle before");
    REFUSED(vmh_init_heap(&tiny, false) == NULL, "less than 8 bytes");
    while (count < 8 && (heaps[count] = vmh_init_heap(&one_row, false)) != NULL)
        count++;
    CHECK(count == 3);
    REFUSED(vmh_init_heap(&one_row, false) == NULL, "all 3 virtual memory heaps are taken");
    while (count)
        CHECK(vmh_free_heap(heaps[--count]) == 0);
}

static void default_table(void)
{
    struct sys_mm_drv_region stretch = {.size = BUFFER_BYTES};
    struct vmh_heap_config config;

    vmh_get_default_heap_config(&stretch, &config);
    for (unsigned index = 0; index < MAX_MEMORY_ALLOCATORS_COUNT; index++) {
        size_t block = config.block_bundles_table[index].block_size;
        size_t count = config.block_bundles_table[index].number_of_blocks;

        CHECK(block == (index < 5 ? 64u << index : 0));
        CHECK(block * count == (index < 5 ? 0x40000u : 0));
    }
    stretch.size = 5 * PAGE - 1;
    vmh_get_default_heap_config(&stretch, &config);
    CHECK(config.block_bundles_table[0].number_of_blocks == 0);
    REFUSED_CALL(vmh_get_default_heap_config(NULL, &config), "NULL");
    REFUSED_CALL(vmh_get_default_heap_config(&stretch, NULL), "NULL");
}

static void full(void)
{
    struct vmh_heap *heap = vmh_init_heap(&one_row, false);
    static void *pointers[300];
    unsigned count = 0;

    while (count < 300 && (pointers[count] = vmh_alloc(heap, 20)) != NULL)
        count++;
    CHECK(count == 256);
    REFUSED(vmh_alloc(heap, 20) == NULL, "all blocks that would hold 20 bytes are in use");
    REFUSED(vmh_alloc(heap, 33) == NULL, "no bundle has blocks for 33 bytes");
    REFUSED(vmh_alloc(heap, UINT32_MAX) == NULL, "no bundle has blocks");
    REFUSED_CALL(vmh_log_stats(heap), "all blocks of 32 bytes were in use");
    while (count)
        CHECK(vmh_free(heap, pointers[--count]) == 0);
    /* A page that cannot be mapped. */
    world.maps_left = 0;
    REFUSED(vmh_alloc(heap, 20) == NULL, "the hook `map` answered -12");
    world.maps_left = -1;
    use(heap, 20);
    CHECK(vmh_free_heap(heap) == 0);
}

static void ranges(void)
{
    CHECK(vmh_is_ptr_in_memory_range(0x1000, 0x1000, 1));
    CHECK(!vmh_is_ptr_in_memory_range(0x1001, 0x1000, 1));
    CHECK(!vmh_is_ptr_in_memory_range(0xfff, 0x1000, 1));
    CHECK(!vmh_is_ptr_in_memory_range(0x1000, 0x1000, 0));
    /* Up to the end of the address space, where a sum wraps. */
    CHECK(vmh_is_ptr_in_memory_range(UINTPTR_MAX, UINTPTR_MAX - 0xfff, 0x1000));
    CHECK(!vmh_is_ptr_in_memory_range(0, UINTPTR_MAX - 0xfff, 0x1000));
}

void test_vmh(void)
{
    begin();
    as_sof_tests_it();
    only_what_is_used_is_mapped();
    frees_that_are_refused();
    tables_that_cannot_be();
    default_table();
    full();
    ranges();
    CHECK(world.faults == 0);
    end();
}
