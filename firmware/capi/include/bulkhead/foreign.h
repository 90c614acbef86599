/* Two structures of SOF and Zephyr that these functions take: from their own headers where there
 * are such, else declared here as far as they are needed. */
#ifndef BULKHEAD_FOREIGN_H
#define BULKHEAD_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

#ifndef __has_include
#define __has_include(header) 0
#endif

#if __has_include(<sof/list.h>)
#include <sof/list.h>
#else
struct list_item {
    struct list_item *next;
    struct list_item *prev;
};

#define LIST_INIT(head) { &head, &head }

static inline void list_init(struct list_item *list)
{
    list->next = list;
    list->prev = list;
}
#endif

#if __has_include(<zephyr/drivers/mm/system_mm.h>)
#include <zephyr/drivers/mm/system_mm.h>
#else
struct sys_mm_drv_region {
    void *addr;
    size_t size;
    uint32_t attr;
};
#endif

#endif
