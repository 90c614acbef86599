/* The lock, and calls from where none may come. */
#include "check.h"

#include <rtos/alloc.h>
#include <sof/lib/vpage.h>

static void *from_inside;

static void call_inside(void)
{
    CHECK(world.held == 1);
    from_inside = rmalloc(0, 8);
    CHECK(world.held == 1);
    CHECK(bulkhead_capi_exit() == -EBUSY);
    rfree(&world);
}

static void a_call_from_a_hook(void)
{
    void *pages;

    forget_log();
    world.inside = call_inside;
    from_inside = &world;
    pages = vpage_alloc(1);
    CHECK(pages != NULL);
    CHECK(from_inside == NULL);
    CHECK(logged() == 3);
    check_said("called from a hook", __FILE__, __LINE__);
    vpage_free(pages);
}

static unsigned depth;

/* A log that needs memory itself. */
static void log_that_allocates(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    (void)text;
    CHECK(world.held == 0);
    if (depth++ == 0) {
        void *pointer = rmalloc(0, 100);

        CHECK(pointer != NULL);
        rfree(pointer);
    }
}

static void a_log_that_allocates(void)
{
    bulkhead_capi_log_to(log_that_allocates, NULL);
    CHECK(vpage_alloc(0) == NULL);
    CHECK(depth == 1);
    /* And none at all. */
    bulkhead_capi_log_to(NULL, NULL);
    CHECK(vpage_alloc(0) == NULL);
    CHECK(depth == 1);
    take_the_log();
    REFUSED(vpage_alloc(0) == NULL, "at least one page");
}

void test_hooks(void)
{
    begin();
    a_call_from_a_hook();
    a_log_that_allocates();
    end();
}
