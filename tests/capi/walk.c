/* Thousands of random allocations and frees of all allocators at once. Each one is filled with a byte of
 * its own, and has it still when it is freed: no two overlap, and no page goes too early. */
#include "check.h"

#include <rtos/alloc.h>
#include <sof/lib/regions_mm.h>
#include <sof/lib/vpage.h>
#include <sof/lib/vregion.h>
#include <sof/objpool.h>

#define STEPS 4000
#define SLOTS 96
#define OBJECT_BYTES 40

enum kind { PAGES, REGION, COHERENT, HEAP, SMALL, BUFFER, OBJECT, KINDS };

struct slot {
    unsigned char *pointer;
    size_t bytes;
    enum kind kind;
};

static struct slot slots[SLOTS];
static struct vregion *vr;
static struct vmh_heap *heap;
static struct objpool_head head;
static uint32_t seed = 1;

static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % limit;
}

static void take(struct slot *slot)
{
    slot->kind = (enum kind)below(KINDS);
    slot->bytes = 1 + below(1u << (4 + below(9)));
    switch (slot->kind) {
    case PAGES:
        slot->bytes = (1 + below(4)) * PAGE;
        slot->pointer = vpage_alloc((unsigned)(slot->bytes / PAGE));
        CHECK(is_filled(slot->pointer, 0, slot->bytes));
        break;
    case REGION:
        slot->pointer = vregion_alloc_align(vr, slot->bytes, (size_t)1 << below(10));
        break;
    case COHERENT:
        slot->pointer = vregion_alloc_coherent(vr, slot->bytes);
        break;
    case HEAP:
        slot->pointer = vmh_alloc(heap, (uint32_t)slot->bytes);
        break;
    case SMALL:
        slot->pointer = rzalloc(below(2) ? SOF_MEM_FLAG_COHERENT : 0, slot->bytes);
        CHECK(!slot->pointer || is_filled(slot->pointer, 0, slot->bytes));
        break;
    case BUFFER:
        slot->bytes *= 8;
        slot->pointer = rballoc(0, slot->bytes);
        break;
    default:
        slot->bytes = OBJECT_BYTES;
        slot->pointer = objpool_alloc(&head, OBJECT_BYTES, 0);
        CHECK(is_filled(slot->pointer, 0, OBJECT_BYTES));
        break;
    }
    if (slot->pointer)
        memset(slot->pointer, (int)(slot - slots) + 1, slot->bytes);
}

static void give(struct slot *slot)
{
    CHECK(is_filled(slot->pointer, (int)(slot - slots) + 1, slot->bytes));
    switch (slot->kind) {
    case PAGES:
        vpage_free(slot->pointer);
        break;
    case REGION:
    case COHERENT:
        vregion_free(vr, slot->pointer);
        break;
    case HEAP:
        CHECK(vmh_free(heap, slot->pointer) == 0);
        break;
    case SMALL:
    case BUFFER:
        rfree(slot->pointer);
        break;
    default:
        CHECK(objpool_free(&head, slot->pointer) == 0);
        break;
    }
    slot->pointer = NULL;
}

void test_walk(void)
{
    unsigned taken = 0;

    begin();
    vr = vregion_create(16 * PAGE);
    vregion_set_interim(vr);
    heap = vmh_init_heap(NULL, true);
    list_init(&head.list);
    for (unsigned step = 0; step < STEPS; step++) {
        struct slot *slot = &slots[below(SLOTS)];

        if (slot->pointer) {
            SILENT_CALL(give(slot));
        } else {
            take(slot);
            taken += slot->pointer != NULL;
        }
    }
    /* Most of what was asked for could be had. */
    CHECK(taken > STEPS / 3);
    for (unsigned index = 0; index < SLOTS; index++)
        if (slots[index].pointer)
            give(&slots[index]);
    objpool_prune(&head);
    CHECK(vmh_free_heap(heap) == 0);
    CHECK(vregion_put(vr) == NULL);
    CHECK(world.faults == 0);
    end();
}
