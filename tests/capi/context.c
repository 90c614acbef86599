/* rtos/alloc.h: sof_ctx_*(). */
#include <rtos/alloc.h>

#include "check.h"

static void from_a_region(void)
{
    struct mod_alloc_ctx ctx = {.heap = sof_sys_heap_get(), .vreg = vregion_create(4 * PAGE)};
    uintptr_t start;
    size_t size;
    char *plain, *coherent, *zero;

    vregion_mem_info(ctx.vreg, &size, &start);
    for (int mode = 0; mode < 2; mode++) {
        plain = sof_ctx_alloc(&ctx, SOF_MEM_FLAG_USER | SOF_MEM_FLAG_LARGE_BUFFER, 100, 256);
        CHECK((uintptr_t)plain - start < size && is_aligned(plain, 256));
        coherent = sof_ctx_alloc(&ctx, SOF_MEM_FLAG_COHERENT, 100, 0);
        CHECK(is_uncached(coherent) && (uintptr_t)cached_of(coherent) - start < size);
        memset(plain, 8, 100);
        SILENT_CALL(sof_ctx_free(&ctx, plain));
        zero = sof_ctx_zalloc(&ctx, 0, 100, 64);
        CHECK((uintptr_t)zero - start < size && is_filled(zero, 0, 100));
        SILENT_CALL(sof_ctx_free(&ctx, zero));
        memset(coherent, 8, 100);
        SILENT_CALL(sof_ctx_free(&ctx, cached_of(coherent)));
        zero = sof_ctx_zalloc(&ctx, SOF_MEM_FLAG_COHERENT, 100, 64);
        CHECK(is_uncached(zero) && is_filled(zero, 0, 100));
        SILENT_CALL(sof_ctx_free(&ctx, zero));
        CHECK(world.faults == (unsigned)mode);
        REFUSED_CALL(sof_ctx_free(&ctx, zero), "freed before");
        vregion_set_interim(ctx.vreg);
    }
    vregion_put(ctx.vreg);
    REFUSED(sof_ctx_alloc(&ctx, 0, 8, 8) == NULL, "is no region");
    REFUSED(sof_ctx_zalloc(&ctx, 0, 8, 8) == NULL, "is no region");
    REFUSED_CALL(sof_ctx_free(&ctx, plain), "is no region");
    CHECK(world.faults == 3);
}

/* SOF frees by the context: what came from another allocator is lost then. Here it goes back to where
 * it lies. */
static void back_to_where_it_came_from(void)
{
    struct mod_alloc_ctx ctx = {.vreg = vregion_create(PAGE)};
    struct mod_alloc_ctx other = {.vreg = vregion_create(PAGE)};
    unsigned before = world.mapped;
    unsigned faults = world.faults;
    void *buffer = rballoc(SOF_MEM_FLAG_USER, 5000);
    void *heap = rmalloc(0, 100);
    void *others = sof_ctx_alloc(&other, 0, 100, 0);

    CHECK(world.mapped == before + 2);
    SILENT_CALL(sof_ctx_free(&ctx, buffer));
    CHECK(world.mapped == before);
    SILENT_CALL(sof_ctx_free(&ctx, heap));
    REFUSED_CALL(sof_ctx_free(&ctx, heap), "nothing is allocated");
    /* Not to another region. */
    REFUSED_CALL(sof_ctx_free(&ctx, others), "lies in no memory");
    CHECK(world.faults == faults + 2);
    SILENT_CALL(sof_ctx_free(&other, others));
    vregion_put(ctx.vreg);
    vregion_put(other.vreg);
}

static void from_a_heap(void)
{
    struct mod_alloc_ctx ctx = {.heap = sof_sys_heap_get()};
    struct mod_alloc_ctx none = {NULL, NULL};
    struct mod_alloc_ctx *contexts[] = {&ctx, &none, NULL};
    static int foreign;
    char *pointer;

    for (unsigned index = 0; index < 3; index++) {
        pointer = sof_ctx_alloc(contexts[index], 0, 100, 512);
        CHECK(is_cached(pointer) && is_aligned(pointer, 512));
        memset(pointer, 4, 100);
        SILENT_CALL(sof_ctx_free(contexts[index], pointer));
        pointer = sof_ctx_zalloc(contexts[index], SOF_MEM_FLAG_COHERENT, 100, 512);
        CHECK(is_uncached(pointer) && is_filled(pointer, 0, 100));
        SILENT_CALL(sof_ctx_free(contexts[index], pointer));
        SILENT_CALL(sof_ctx_free(contexts[index], NULL));
        REFUSED(sof_ctx_alloc(contexts[index], 0, 0, 0) == NULL, "no bytes");
        REFUSED(sof_ctx_alloc(contexts[index], 0, SIZE_MAX, 0) == NULL, "address space");
        REFUSED(sof_ctx_zalloc(contexts[index], 0, SIZE_MAX, 0) == NULL, "address space");
        REFUSED(sof_ctx_alloc(contexts[index], 0, 8, 5) == NULL, "power of two");
        REFUSED_CALL(sof_ctx_free(contexts[index], &foreign), "lies in no memory");
    }
    pointer = sof_ctx_alloc(&none, SOF_MEM_FLAG_LARGE_BUFFER, HEAP_BYTES + 1, 0);
    CHECK(pointer != NULL);
    SILENT_CALL(sof_ctx_free(&none, pointer));
    ctx.heap = (struct k_heap *)&foreign;
    REFUSED(sof_ctx_alloc(&ctx, 0, 8, 8) == NULL, "is no heap");
}

void test_context(void)
{
    begin();
    from_a_region();
    back_to_where_it_came_from();
    from_a_heap();
    end();
}
