/* Every function before bulkhead_capi_init(), and after bulkhead_capi_exit(): NULL, -ENODEV or nothing,
 * and a sentence in the log. */
#include "check.h"

#include <rtos/alloc.h>
#include <sof/lib/fast-get.h>
#include <sof/lib/regions_mm.h>
#include <sof/lib/vpage.h>
#include <sof/lib/vregion.h>
#include <sof/objpool.h>

#define NOT_YET "bulkhead_capi_init() has not been called"

static bool any(void *data, void *arg)
{
    (void)data;
    (void)arg;
    return true;
}

static void each(int idx, const struct vregion_snapshot *s, void *ctx)
{
    (void)idx;
    (void)s;
    (void)ctx;
    CHECK(false);
}

void test_before_init(void)
{
    static int something;
    struct vregion *vr = (struct vregion *)(uintptr_t)0x10003;
    struct vmh_heap *heap = (struct vmh_heap *)(uintptr_t)0x10005;
    struct objpool_head head = {.list = LIST_INIT(head.list)};
    struct mod_alloc_ctx ctx = {.vreg = vr};
    struct sys_mm_drv_region stretch = {.size = BUFFER_BYTES};
    struct vmh_heap_config config;
    size_t size = 1;
    uintptr_t start = 1;

    /* Without a log there is nobody to tell. */
    CHECK(vpage_alloc(1) == NULL);
    take_the_log();

    REFUSED(vpage_alloc(1) == NULL, "vpage_alloc: " NOT_YET);
    REFUSED_CALL(vpage_free(&something), NOT_YET);
    REFUSED(vpage_reserve(1) == NULL, NOT_YET);
    REFUSED_CALL(vpage_release(&something), NOT_YET);
    REFUSED(vpage_get_region() == NULL, NOT_YET);

    REFUSED(vregion_create(PAGE) == NULL, NOT_YET);
    REFUSED(vregion_create_parts(PAGE, PAGE) == NULL, NOT_YET);
    REFUSED_CALL(vregion_set_interim(vr), NOT_YET);
    REFUSED(vregion_get(vr) == NULL, NOT_YET);
    REFUSED(vregion_put(vr) == NULL, NOT_YET);
    REFUSED(vregion_alloc(vr, 1) == NULL, NOT_YET);
    REFUSED(vregion_alloc_align(vr, 1, 8) == NULL, NOT_YET);
    REFUSED(vregion_alloc_coherent(vr, 1) == NULL, NOT_YET);
    REFUSED(vregion_alloc_coherent_align(vr, 1, 8) == NULL, NOT_YET);
    REFUSED(vregion_alloc_type(vr, VREGION_MEM_TYPE_LIFETIME, 1) == NULL, NOT_YET);
    REFUSED(vregion_alloc_align_type(vr, VREGION_MEM_TYPE_LIFETIME, 1, 8) == NULL, NOT_YET);
    REFUSED(vregion_alloc_coherent_type(vr, VREGION_MEM_TYPE_LIFETIME, 1) == NULL, NOT_YET);
    REFUSED(vregion_alloc_coherent_align_type(vr, VREGION_MEM_TYPE_LIFETIME, 1, 8) == NULL, NOT_YET);
    REFUSED_CALL(vregion_free(vr, &something), NOT_YET);
    REFUSED_CALL(vregion_info(vr), NOT_YET);
    REFUSED_CALL(vregion_mem_info(vr, &size, &start), NOT_YET);
    CHECK(size == 0 && start == 0);
    REFUSED_CALL(vregion_for_each(each, NULL), NOT_YET);

    REFUSED(vmh_init_heap(NULL, false) == NULL, NOT_YET);
    REFUSED(vmh_alloc(heap, 1) == NULL, NOT_YET);
    REFUSED(vmh_free(heap, &something) == -ENODEV, NOT_YET);
    REFUSED(vmh_free_heap(heap) == -ENODEV, NOT_YET);
    REFUSED_CALL(vmh_get_default_heap_config(&stretch, &config), NOT_YET);
    CHECK(config.block_bundles_table[0].block_size == 0);
    REFUSED_CALL(vmh_log_stats(heap), NOT_YET);

    REFUSED(rmalloc_align(0, 1, 8) == NULL, NOT_YET);
    REFUSED(rmalloc(0, 1) == NULL, NOT_YET);
    REFUSED(rzalloc(0, 1) == NULL, NOT_YET);
    REFUSED(rballoc_align(0, 1, 8) == NULL, NOT_YET);
    REFUSED(rballoc(0, 1) == NULL, NOT_YET);
    REFUSED(rbrealloc_align(&something, 0, 1, 1, 8) == NULL, NOT_YET);
    REFUSED(rbrealloc(&something, 0, 1, 1) == NULL, NOT_YET);
    REFUSED_CALL(rfree(&something), NOT_YET);
    REFUSED(sof_heap_alloc(NULL, 0, 1, 8) == NULL, NOT_YET);
    REFUSED_CALL(sof_heap_free(NULL, &something), NOT_YET);
    REFUSED(sof_sys_heap_get() == NULL, NOT_YET);
    CHECK(sof_sys_user_heap_get() == NULL);
    REFUSED(get_shared_buffer_heap_start() == 0, NOT_YET);
    REFUSED(get_shared_buffer_heap_size() == 0, NOT_YET);
    REFUSED(sof_ctx_alloc(&ctx, 0, 1, 8) == NULL, NOT_YET);
    REFUSED(sof_ctx_zalloc(&ctx, 0, 1, 8) == NULL, NOT_YET);
    REFUSED_CALL(sof_ctx_free(&ctx, &something), NOT_YET);

    REFUSED(objpool_alloc(&head, 8, 0) == NULL, NOT_YET);
    REFUSED(objpool_free(&head, &something) == -ENODEV, NOT_YET);
    REFUSED(objpool_iterate(&head, any, NULL) == -ENODEV, NOT_YET);
    SILENT_CALL(objpool_prune(&head));
    CHECK(head.list.next == &head.list);

    REFUSED(fast_get(NULL, &something, sizeof(something)) == NULL, NOT_YET);
    REFUSED_CALL(fast_put(NULL, NULL, &something), NOT_YET);

    REFUSED(bulkhead_capi_exit() == -ENODEV, NOT_YET);
    CHECK(world.faults == 0);

    begin();
    end();
    REFUSED(vpage_alloc(1) == NULL, NOT_YET);
    REFUSED(bulkhead_capi_exit() == -ENODEV, NOT_YET);
}
