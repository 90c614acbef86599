/* The machine on this host: pages of one file, mapped at both aliases, so that a frame keeps its bytes
 * from one page to the next and what is not mapped faults. */
#define _GNU_SOURCE
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES ((size_t)WINDOW_PAGES * PAGE)
/* More than any alignment that is asked for. */
#define ALIGNMENT ((uintptr_t)1 << 20)

static int frames;
static uintptr_t cached, uncached, l3;

static uintptr_t nothing(size_t bytes)
{
    void *place = mmap(NULL, bytes + ALIGNMENT, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (place == MAP_FAILED)
        abort();
    return ((uintptr_t)place + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

static void put(uintptr_t address, size_t bytes, int protection, int flags, int file, off_t offset)
{
    void *place = mmap((void *)address, bytes, protection, flags | MAP_FIXED, file, offset);

    if (place != (void *)address)
        abort();
}

void machine_begin(struct bulkhead_embedder *embedder)
{
    if (!cached) {
        frames = memfd_create("frames", 0);
        if (frames < 0 || ftruncate(frames, (off_t)MEMORY_PAGES * PAGE) != 0)
            abort();
        cached = nothing(BYTES);
        uncached = nothing(BYTES);
        l3 = nothing(L3_BYTES);
        put(l3, L3_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    embedder->cached = cached;
    embedder->uncached = uncached;
    embedder->l3 = l3;
}

void machine_map(uintptr_t address, uint32_t frame)
{
    off_t offset = (off_t)frame * PAGE;

    put(address, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, frames, offset);
    put(address - cached + uncached, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, frames, offset);
}

void machine_unmap(uintptr_t address, uint32_t pages)
{
    size_t bytes = (size_t)pages * PAGE;

    put(address, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    put(address - cached + uncached, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

void machine_say(const char *text)
{
    fputs(text, stderr);
}

int main(void)
{
    unsigned failures = capi_tests();

    printf("%u checks, %u failures\n", checks, failures);
    return failures != 0;
}
