/* sof/objpool.h. */
#include <sof/objpool.h>

#include "check.h"

#include <rtos/alloc.h>

/* As in SOF's unit tests. */
#define DATA_BYTES 5
#define STRIDE 8
#define OBJECTS 62

static void other_sizes_and_flags(void)
{
    struct objpool_head head = {.list = LIST_INIT(head.list)};
    char *object = objpool_alloc(&head, DATA_BYTES, 0);

    CHECK(object != NULL);
    REFUSED(objpool_alloc(&head, DATA_BYTES + 1, 0) == NULL, "not those of the pool");
    REFUSED(objpool_alloc(&head, DATA_BYTES - 1, 0) == NULL, "not those of the pool");
    REFUSED(objpool_alloc(&head, DATA_BYTES, SOF_MEM_FLAG_COHERENT) == NULL, "not those of the pool");
    CHECK(objpool_free(&head, object + 1) != 0);
    CHECK(objpool_free(&head, object) == 0);
    objpool_prune(&head);
    /* Another size will do now. */
    object = objpool_alloc(&head, DATA_BYTES + 1, 0);
    CHECK(object != NULL);
    objpool_prune(&head);
}

static void chunks(void)
{
    struct objpool_head head = {.list = LIST_INIT(head.list)};
    char *objects[OBJECTS];
    unsigned first = 0;

    for (unsigned index = 0; index < OBJECTS; index++) {
        objects[index] = objpool_alloc(&head, DATA_BYTES, 0);
        CHECK(objects[index] != NULL && is_filled(objects[index], 0, DATA_BYTES));
        memset(objects[index], 0xff, DATA_BYTES);
    }
    /* Chunks of 2, 4, 8, 16 and 32. */
    for (unsigned count = 2; count <= 32; count *= 2) {
        for (unsigned index = 1; index < count; index++)
            CHECK(objects[first + index] == objects[first] + index * STRIDE);
        first += count;
    }
    for (unsigned index = 0; index < OBJECTS; index++)
        SILENT(objpool_free(&head, objects[index]) == 0);
    /* The first free one again, and all zero: SOF leaves what was there. */
    CHECK(objpool_alloc(&head, DATA_BYTES, 0) == objects[0]);
    CHECK(is_filled(objects[0], 0, DATA_BYTES));
    objpool_prune(&head);
}

static bool stop_at_third(void *data, void *arg)
{
    char ***next = arg;

    CHECK(data == **next);
    ++*next;
    return *(char *)data == 3;
}

static struct objpool_head *freed_head;

static bool free_each(void *data, void *arg)
{
    unsigned *count = arg;

    ++*count;
    CHECK(objpool_free(freed_head, data) == 0);
    return false;
}

static bool count_each(void *data, void *arg)
{
    (void)data;
    ++*(unsigned *)arg;
    return false;
}

static void iterate(void)
{
    struct objpool_head head = {.list = LIST_INIT(head.list)};
    char *objects[7];
    char **next = objects;
    unsigned count = 0;

    CHECK(objpool_iterate(&head, count_each, &count) == -ENOENT && count == 0);
    for (char index = 0; index < 7; index++) {
        objects[(int)index] = objpool_alloc(&head, DATA_BYTES, 0);
        *objects[(int)index] = (char)(index + 1);
    }
    CHECK(objpool_iterate(&head, stop_at_third, &next) == 0);
    CHECK(next == objects + 3);
    SILENT(objpool_iterate(&head, count_each, &count) == -ENOENT);
    CHECK(count == 7);
    /* It may free the one that it looks at. */
    freed_head = &head;
    count = 0;
    CHECK(objpool_iterate(&head, free_each, &count) == -ENOENT && count == 7);
    CHECK(objpool_iterate(&head, free_each, &count) == -ENOENT && count == 7);
    REFUSED(objpool_iterate(NULL, count_each, &count) == -EINVAL, "NULL");
    REFUSED(objpool_iterate(&head, NULL, NULL) == -EINVAL, "NULL");
    objpool_prune(&head);
    CHECK(objpool_iterate(&head, count_each, &count) == -ENOENT);
}

static void what_is_refused(void)
{
    struct objpool_head head = {.list = LIST_INIT(head.list)};
    struct objpool_head other = {.list = LIST_INIT(other.list)};
    struct objpool_head stale;
    static int foreign;
    char *object = objpool_alloc(&head, 64, 0);
    char *others = objpool_alloc(&other, 64, 0);

    REFUSED(objpool_alloc(&head, 0, 0) == NULL, "no bytes");
    REFUSED(objpool_alloc(&head, SIZE_MAX, 0) == NULL, "address space");
    /* SOF rounds this one to no bytes at all. */
    REFUSED(objpool_alloc(&head, SIZE_MAX - 1, 0) == NULL, "address space");
    REFUSED(objpool_alloc(&head, (UINT32_MAX >> 5), 0) == NULL, "address space");
    REFUSED(objpool_alloc(NULL, 8, 0) == NULL, "NULL");
    SILENT(objpool_free(&head, NULL) == 0);
    REFUSED(objpool_free(NULL, object) == -EINVAL, "not those of the pool");
    REFUSED(objpool_free(&head, object + 1) == -EINVAL, "is inside the object at");
    REFUSED(objpool_free(&head, others) == -EINVAL, "is in no chunk");
    REFUSED(objpool_free(&head, &foreign) == -EINVAL, "lies in no memory");
    REFUSED(objpool_free(&head, object + 64) == -EINVAL, "freed before, or never handed out");
    SILENT(objpool_free(&head, object) == 0);
    /* SOF says nothing the second time. */
    REFUSED(objpool_free(&head, object) == -EINVAL, "no object is in use");
    SILENT(objpool_free(&other, others) == 0);

    stale = head;
    objpool_prune(&head);
    objpool_prune(&head);
    objpool_prune(&other);
    REFUSED_CALL(objpool_prune(NULL), "NULL");
    REFUSED(objpool_alloc(&stale, 64, 0) == NULL, "not those of the pool");
    REFUSED(objpool_free(&stale, object) == -EINVAL, "not those of the pool");
    REFUSED(objpool_iterate(&stale, count_each, NULL) == -EINVAL, "not those of the pool");
    REFUSED_CALL(objpool_prune(&stale), "not those of the pool");
    /* A list that leads somewhere else. */
    stale.list.next = &other.list;
    REFUSED(objpool_alloc(&stale, 64, 0) == NULL, "not those of the pool");

    head.heap = (struct k_heap *)&foreign;
    REFUSED(objpool_alloc(&head, 8, 0) == NULL, "is no heap");
    /* A head that is all zero is an empty one. */
    memset(&head, 0, sizeof(head));
    CHECK(objpool_alloc(&head, 8, 0) != NULL);
    objpool_prune(&head);
}

static void from_a_region(void)
{
    struct vregion *vr = vregion_create(2 * PAGE);
    struct objpool_head head = {.list = LIST_INIT(head.list), .vreg = vr};
    char *object = objpool_alloc(&head, 100, SOF_MEM_FLAG_COHERENT);
    uintptr_t start;
    size_t size;

    vregion_mem_info(vr, &size, &start);
    CHECK(is_uncached(object) && (uintptr_t)cached_of(object) - start < size);
    CHECK(is_filled(object, 0, 100));
    CHECK(objpool_free(&head, cached_of(object)) == 0);
    CHECK(objpool_alloc(&head, 100, SOF_MEM_FLAG_COHERENT) == object);
    /* Until the region is full. */
    while (objpool_alloc(&head, 100, SOF_MEM_FLAG_COHERENT) != NULL)
        ;
    REFUSED(objpool_alloc(&head, 100, SOF_MEM_FLAG_COHERENT) == NULL, "no memory for another chunk");
    /* The region goes first: nothing of the pool can be had any more. */
    vregion_put(vr);
    REFUSED(objpool_alloc(&head, 100, SOF_MEM_FLAG_COHERENT) == NULL, "is no region");
    objpool_prune(&head);

    head.vreg = vr;
    REFUSED(objpool_alloc(&head, 8, 0) == NULL, "is no region");
    head.vreg = NULL;
    head.heap = sof_sys_heap_get();
    CHECK(objpool_alloc(&head, 8, SOF_MEM_FLAG_COHERENT) != NULL);
    objpool_prune(&head);
}

static void all_there_is(void)
{
    static struct objpool_head heads[33];
    struct objpool_head head = {.list = LIST_INIT(head.list)};
    unsigned count = 0;

    while (objpool_alloc(&head, 8, 0) != NULL)
        count++;
    CHECK(count == 30 + 12 * 32);
    REFUSED(objpool_alloc(&head, 8, 0) == NULL, "used up its 16 chunks");
    objpool_prune(&head);
    for (count = 0; count < 33; count++) {
        list_init(&heads[count].list);
        if (!objpool_alloc(&heads[count], 8, 0))
            break;
    }
    CHECK(count == 32);
    REFUSED(objpool_alloc(&heads[32], 8, 0) == NULL, "all 32 object pools are taken");
    while (count)
        objpool_prune(&heads[--count]);
}

void test_objpool(void)
{
    begin();
    other_sizes_and_flags();
    chunks();
    iterate();
    what_is_refused();
    from_a_region();
    all_there_is();
    CHECK(world.faults == 0);
    end();
}
