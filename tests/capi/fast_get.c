/* sof/lib/fast-get.h. */
#include <sof/lib/fast-get.h>

#include "check.h"

#include <rtos/alloc.h>

/* As in SOF's unit tests: 33 tables of 400 bytes. */
#define TABLES 33
static int tables[TABLES][100];
/* More than half a page. */
static char large[5000];

static void begin_without_user_space(void)
{
    struct bulkhead_embedder all = embedder();

    memset(&world, 0, sizeof(world));
    world.maps_left = -1;
    all.share_small_constants = true;
    all.check_constant = NULL;
    all.grant = NULL;
    all.revoke = NULL;
    CHECK(bulkhead_capi_init(&all) == 0);
}

/* What SOF's unit tests do, in which nobody has a domain. */
static void as_sof_tests_it(void)
{
    const void *copies[TABLES];
    const void *again;

    copies[0] = fast_get(NULL, tables[0], sizeof(tables[0]));
    CHECK(copies[0] != NULL && memcmp(copies[0], tables[0], sizeof(tables[0])) == 0);
    fast_put(NULL, NULL, copies[0]);

    copies[0] = fast_get(NULL, tables[0], sizeof(tables[0]));
    REFUSED(fast_get(NULL, tables[0], sizeof(tables[0]) - 1) == NULL, "of the same source");
    fast_put(NULL, NULL, copies[0]);

    for (unsigned index = 0; index < TABLES; index++) {
        copies[index] = fast_get(NULL, tables[index], sizeof(tables[0]));
        CHECK(copies[index] != NULL);
    }
    for (unsigned index = 0; index < TABLES; index++)
        CHECK(memcmp(copies[index], tables[index], sizeof(tables[0])) == 0);
    for (unsigned index = 0; index < TABLES; index++)
        SILENT_CALL(fast_put(NULL, NULL, copies[index]));

    copies[0] = fast_get(NULL, tables[0], sizeof(tables[0]));
    again = fast_get(NULL, tables[0], sizeof(tables[0]));
    CHECK(copies[0] != NULL && again == copies[0]);
    fast_put(NULL, NULL, again);
    CHECK(memcmp(copies[0], tables[0], sizeof(tables[0])) == 0);
    SILENT_CALL(fast_put(NULL, NULL, copies[0]));
    REFUSED_CALL(fast_put(NULL, NULL, copies[0]), "is no copy that this owner has");
}

/* Get and put as often as one likes: SOF loses a record each time. */
static void nothing_is_lost(void)
{
    for (unsigned round = 0; round < 300; round++) {
        const void *copy = fast_get(NULL, tables[round % TABLES], sizeof(tables[0]));

        CHECK(copy != NULL);
        fast_put(NULL, NULL, copy);
    }
}

static void large_ones_are_shared(void)
{
    struct mod_alloc_ctx one = {.vreg = vregion_create(PAGE)};
    struct mod_alloc_ctx two = {.vreg = vregion_create(PAGE)};
    struct k_mem_domain *domain = (struct k_mem_domain *)(uintptr_t)0x1234;
    unsigned before = world.mapped;
    const char *copy = fast_get(&one, large, sizeof(large));
    const char *other;

    CHECK(copy != NULL && is_aligned(copy, PAGE) && is_cached(copy));
    CHECK(world.mapped == before + 2);
    CHECK(memcmp(copy, large, sizeof(large)) == 0);
    /* What is left of the last page is clear. */
    CHECK(is_filled(copy + sizeof(large), 0, 2 * PAGE - sizeof(large)));
    CHECK(world.grants == 1 && world.granted == (uintptr_t)copy);
    CHECK(world.granted_bytes == 2 * PAGE);
    CHECK(fast_get(&two, large, sizeof(large)) == copy);
    CHECK(world.grants == 2 && world.mapped == before + 2);
    /* The same owner once more: nothing new is granted. */
    CHECK(fast_get(&two, large, sizeof(large)) == copy);
    CHECK(world.grants == 2);
    /* A wrong size is the own problem of who gives it. */
    REFUSED(fast_get(&two, large, sizeof(large) - 1) == NULL, "of the same source with 5000 bytes");
    other = fast_get(NULL, large, sizeof(large) - 1);
    CHECK(other != NULL && other != copy);
    SILENT_CALL(fast_put(NULL, NULL, other));

    SILENT_CALL(fast_put(&two, domain, copy));
    CHECK(world.revokes == 1);
    SILENT_CALL(fast_put(&two, domain, copy));
    CHECK(world.revokes == 2 && world.revoked_domain == domain);
    CHECK(world.revoked == (uintptr_t)copy && world.revoked_bytes == 2 * PAGE);
    REFUSED_CALL(fast_put(&two, domain, copy), "is no copy that this owner has");
    CHECK(memcmp(copy, large, sizeof(large)) == 0);
    /* The right to read goes before the memory does. */
    SILENT_CALL(fast_put(&one, domain, copy));
    CHECK(world.revokes == 3 && world.revoked_while_mapped);
    CHECK(world.mapped == before);
    vregion_put(one.vreg);
    vregion_put(two.vreg);
}

static void small_ones_are_private(void)
{
    struct mod_alloc_ctx one = {.vreg = vregion_create(2 * PAGE)};
    struct mod_alloc_ctx two = {.vreg = vregion_create(2 * PAGE)};
    unsigned grants = world.grants;
    const char *copy = fast_get(&one, tables[1], sizeof(tables[1]));
    const char *other = fast_get(&two, tables[1], sizeof(tables[1]));
    const char *nobody = fast_get(NULL, tables[1], sizeof(tables[1]));
    uintptr_t start;
    size_t size;

    vregion_mem_info(one.vreg, &size, &start);
    CHECK((uintptr_t)copy - start < size && copy != other && nobody != copy);
    CHECK(memcmp(copy, tables[1], sizeof(tables[1])) == 0);
    CHECK(memcmp(other, tables[1], sizeof(tables[1])) == 0);
    CHECK(world.grants == grants);
    /* Up to half a page. */
    copy = fast_get(&one, large, PAGE / 2);
    CHECK((uintptr_t)copy - start < size && world.grants == grants);
    REFUSED_CALL(fast_put(&two, NULL, copy), "is no copy that this owner has");
    SILENT_CALL(fast_put(&one, NULL, copy));
    SILENT_CALL(fast_put(NULL, NULL, nobody));
    /* What a region had goes with it, also what others share. */
    copy = fast_get(&one, large, sizeof(large));
    CHECK(fast_get(&one, large, sizeof(large)) == copy);
    CHECK(vregion_put(one.vreg) == NULL);
    CHECK(world.revoked == (uintptr_t)copy && world.revoked_domain == NULL);
    CHECK(vregion_put(two.vreg) == NULL);
    REFUSED(fast_get(&one, large, sizeof(large)) == NULL, "is no region");
    REFUSED_CALL(fast_put(&one, NULL, copy), "is no region");
}

static void what_is_refused(void)
{
    unsigned before = world.mapped;
    const char *copy;
    char *inside;

    REFUSED(fast_get(NULL, NULL, 8) == NULL, "NULL");
    REFUSED(fast_get(NULL, large, 0) == NULL, "at least one byte");
    REFUSED(fast_get(NULL, large, SIZE_MAX) == NULL, "");
    REFUSED(fast_get(NULL, (void *)(UINTPTR_MAX - 99), 200) == NULL, "past the end of the address space");
    REFUSED_CALL(fast_put(NULL, NULL, NULL), "is no copy");
    REFUSED_CALL(fast_put(NULL, NULL, large), "is no copy");
    world.answer_constant = -EINVAL;
    REFUSED(fast_get(NULL, large, sizeof(large)) == NULL, "the source is refused: a hook answered -22");
    world.answer_constant = 0;
    world.answer_grant = -ENOMEM;
    REFUSED(fast_get(NULL, large, sizeof(large)) == NULL, "could not be granted: a hook answered -12");
    world.answer_grant = 0;
    CHECK(world.mapped == before);
    world.maps_left = 1;
    REFUSED(fast_get(NULL, large, sizeof(large)) == NULL, "no memory for the copy");
    world.maps_left = -1;
    CHECK(world.mapped == before);

    copy = fast_get(NULL, large, sizeof(large));
    REFUSED_CALL(fast_put(NULL, NULL, copy + 1), "is no copy");
    REFUSED_CALL(fast_put(NULL, NULL, copy + PAGE), "is no copy");
    /* By the other alias. */
    inside = uncached_of((char *)(uintptr_t)copy);
    SILENT_CALL(fast_put(NULL, NULL, inside));
    CHECK(world.mapped == before);
}

static void all_there_is(void)
{
    static char many[70];
    const void *copies[70];
    unsigned count = 0;

    while (count < 70 && (copies[count] = fast_get(NULL, many + count, 1)) != NULL)
        count++;
    CHECK(count == 64);
    REFUSED(fast_get(NULL, large, sizeof(large)) == NULL, "used up its records for 64 copies");
    while (count)
        SILENT_CALL(fast_put(NULL, NULL, copies[--count]));
}

void test_fast_get(void)
{
    for (unsigned table = 0; table < TABLES; table++)
        for (unsigned index = 0; index < 100; index++)
            tables[table][index] = (int)(table * 1000 + index);
    for (unsigned index = 0; index < sizeof(large); index++)
        large[index] = (char)(index * 7 + 1);
    begin_without_user_space();
    as_sof_tests_it();
    nothing_is_lost();
    end();
    begin();
    large_ones_are_shared();
    small_ones_are_private();
    what_is_refused();
    nothing_is_lost();
    all_there_is();
    CHECK(world.faults == 0);
    end();
}
