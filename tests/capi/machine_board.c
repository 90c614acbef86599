/* The machine on the board: all RAM is mapped for good, at one address through the data cache and at
 * another past it. What is mapped for the tests is only counted. */
#include "check.h"

#define CACHED_RAM 0xd0000000u
#define UNCACHED_RAM 0xd8000000u
/* Physical memory that the image does not use. */
#define WINDOW 0x00800000u
#define L3 0x01800000u

void capi_say(const char *text);

void machine_begin(struct bulkhead_embedder *embedder)
{
    embedder->cached = CACHED_RAM + WINDOW;
    embedder->uncached = UNCACHED_RAM + WINDOW;
    embedder->l3 = CACHED_RAM + L3;
}

void machine_map(uintptr_t address, uint32_t frame)
{
    (void)address;
    (void)frame;
}

void machine_unmap(uintptr_t address, uint32_t pages)
{
    (void)address;
    (void)pages;
}

void machine_say(const char *text)
{
    capi_say(text);
}
