/* SOF's allocation functions over the crate vregion. Made by cbindgen from firmware/capi/src; do not edit. */

#ifndef BULKHEAD_CAPI_H
#define BULKHEAD_CAPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <bulkhead/foreign.h>

/**
 * Something went wrong, and nothing has changed.
 */
#define BULKHEAD_LOG_ERROR 1

/**
 * Something is odd, and was done all the same.
 */
#define BULKHEAD_LOG_WARNING 2

/**
 * An answer to a question, as vregion_info() asks one.
 */
#define BULKHEAD_LOG_INFO 3

/**
 * Memory for DMA: all of it is.
 */
#define SOF_MEM_FLAG_DMA (1 << 2)

/**
 * rbrealloc() copies nothing.
 */
#define SOF_MEM_FLAG_NO_COPY (1 << 3)

/**
 * Through the alias past the data cache.
 */
#define SOF_MEM_FLAG_COHERENT (1 << 4)

/**
 * From L3 memory.
 */
#define SOF_MEM_FLAG_L3 (1 << 5)

/**
 * From memory that takes little power: not told apart.
 */
#define SOF_MEM_FLAG_LOW_POWER (1 << 6)

/**
 * For the kernel: not told apart.
 */
#define SOF_MEM_FLAG_KERNEL (1 << 7)

/**
 * For user space: not told apart.
 */
#define SOF_MEM_FLAG_USER (1 << 8)

/**
 * From the heap that user space shares, where there is one.
 */
#define SOF_MEM_FLAG_USER_SHARED_BUFFER (1 << 9)

/**
 * sof_heap_alloc() without a heap takes it from the heap of rballoc().
 */
#define SOF_MEM_FLAG_LARGE_BUFFER (1 << 10)

/**
 * The most bundles of a virtual memory heap.
 */
#define MAX_MEMORY_ALLOCATORS_COUNT 10

/**
 * A heap of rmalloc()'s family, as opaque as a region.
 */
struct k_heap;

/**
 * A memory domain of the embedder's.
 */
struct k_mem_domain;

/**
 * A virtual memory heap, as opaque as a region.
 */
struct vmh_heap;

/**
 * A virtual region. Nobody may look inside: the pointer is a number that the library checks.
 */
struct vregion;

/**
 * What a module allocates from. Read, never written.
 */
struct mod_alloc_ctx {
    /**
     * A heap, or NULL; used where there is no region.
     */
    struct k_heap *heap;
    /**
     * A region, or NULL.
     */
    struct vregion *vreg;
};

/**
 * The head of an object pool. The caller sets `list` by list_init() or LIST_INIT(), and `heap` or
 * `vreg`; all but `list` is read once, by the first objpool_alloc().
 */
struct objpool_head {
    /**
     * Empty, or the pool's token in both links.
     */
    struct list_item list;
    /**
     * A heap, or NULL; used where there is no region.
     */
    struct k_heap *heap;
    /**
     * A region, or NULL.
     */
    struct vregion *vreg;
    /**
     * As SOF has it; not used.
     */
    uint32_t flags;
};

/**
 * Looks at an object; true ends the search.
 */
typedef bool (*objpool_iterate_cb)(void *data, void *arg);

/**
 * Blocks of one size.
 */
struct vmh_block_bundle_descriptor {
    /**
     * Bytes of a block: 8 or more, and no fewer than in the row before.
     */
    size_t block_size;
    /**
     * Blocks; together they are whole pages.
     */
    size_t number_of_blocks;
};

/**
 * The bundles of a heap. A row without bytes or blocks ends the table.
 */
struct vmh_heap_config {
    /**
     * The rows.
     */
    struct vmh_block_bundle_descriptor block_bundles_table[MAX_MEMORY_ALLOCATORS_COUNT];
};

/**
 * Takes one sentence, which ends with a zero byte and is gone afterwards.
 */
typedef void (*bulkhead_log)(void *context, int level, const char *text);

/**
 * What the firmware around the library gives it. Every hook may be NULL and is called with
 * `context`; no hook may call a function of this library, but `log` and `fault` may: they are called
 * after the lock was given back.
 */
struct bulkhead_embedder {
    /**
     * Bytes of a page: a power of two.
     */
    size_t page_bytes;
    /**
     * Bytes of a line of the data cache: a power of two, 8 or more.
     */
    size_t line_bytes;
    /**
     * Where the window of virtual pages begins, through the data cache. At the start of a page.
     */
    uintptr_t cached;
    /**
     * Where its alias past the data cache begins; the same as `cached` where there is none.
     */
    uintptr_t uncached;
    /**
     * Bytes of the window.
     */
    size_t window_bytes;
    /**
     * Bytes of the memory behind it.
     */
    size_t memory_bytes;
    /**
     * Bytes of the heap behind rmalloc(): part of the window.
     */
    size_t heap_bytes;
    /**
     * Bytes of the heap behind SOF_MEM_FLAG_USER_SHARED_BUFFER: part of the window; 0 is none.
     */
    size_t shared_bytes;
    /**
     * Bytes of the virtual memory heap behind rballoc(), and at most of any other: part of the
     * window; 0 is none.
     */
    size_t buffer_bytes;
    /**
     * The blocks of that heap; NULL stands for SOF's own table where buffer_bytes is its size, else
     * for what vmh_get_default_heap_config() says.
     */
    const struct vmh_heap_config *buffers;
    /**
     * Where L3 memory begins, through the data cache; it is mapped for good.
     */
    uintptr_t l3;
    /**
     * Bytes of L3 memory; 0 is none.
     */
    size_t l3_bytes;
    /**
     * Whether fast_get() shares small copies too, as SOF does without user space.
     */
    bool share_small_constants;
    /**
     * The first argument of every hook.
     */
    void *context;
    /**
     * Maps one page at this address, through both aliases, to the frame of this number below
     * memory_bytes / page_bytes. 0, or a negative errno: then the page is not mapped.
     */
    int (*map)(void *context, uintptr_t address, uint32_t frame);
    /**
     * Unmaps pages, all of them mapped; then no TLB and no line of a cache leads there any more.
     */
    void (*unmap)(void *context, uintptr_t address, uint32_t pages);
    /**
     * Writes the lines of these bytes back and drops them.
     */
    void (*flush)(void *context, uintptr_t address, size_t bytes);
    /**
     * Takes the lock of the library.
     */
    void (*lock)(void *context);
    /**
     * Gives it back.
     */
    void (*unlock)(void *context);
    /**
     * Takes what is to be said.
     */
    bulkhead_log log;
    /**
     * Is told what SOF would panic for, after it was refused.
     */
    void (*fault)(void *context, const char *text);
    /**
     * Whether whoever calls fast_get() may have a copy of these bytes, and no module can write
     * them. 0, or a negative errno.
     */
    int (*check_constant)(void *context, uintptr_t address, size_t bytes);
    /**
     * Lets whoever calls fast_get() read these pages. 0, or a negative errno.
     */
    int (*grant)(void *context, uintptr_t address, size_t bytes);
    /**
     * Ends that; with the domain that fast_put() was given, or NULL when a region has ended.
     */
    void (*revoke)(void *context, void *domain, uintptr_t address, size_t bytes);
};

/**
 * What there is to know of a region.
 */
struct vregion_snapshot {
    /**
     * Its cached address.
     */
    uintptr_t base;
    /**
     * Its bytes.
     */
    size_t size;
    /**
     * Its pages.
     */
    unsigned int pages;
    /**
     * Bytes of lifetime allocations.
     */
    size_t lifetime_used;
    /**
     * Lifetime allocations that were freed, which gives nothing back.
     */
    int lifetime_free_count;
    /**
     * Owners.
     */
    unsigned int use_count;
};

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Bytes of SOF's heap at a multiple of `alignment`, a power of two, and of a cache line; in whole
 * lines. Or NULL.
 */
void *rmalloc_align(uint32_t flags, size_t bytes, uint32_t alignment);

/**
 * The same at a cache line.
 */
void *rmalloc(uint32_t flags, size_t bytes);

/**
 * The same, all zero.
 */
void *rzalloc(uint32_t flags, size_t bytes);

/**
 * Bytes for a buffer, from the virtual memory heap where there is one.
 */
void *rballoc_align(uint32_t flags, size_t bytes, uint32_t alignment);

/**
 * The same at a cache line.
 */
void *rballoc(uint32_t flags, size_t bytes);

/**
 * A buffer of another size with the same content, without it where SOF_MEM_FLAG_NO_COPY is set. NULL,
 * and the old one stays, where that cannot be had or `bytes` is 0.
 */
void *rbrealloc_align(void *ptr, uint32_t flags, size_t bytes, size_t old_bytes, uint32_t alignment);

/**
 * The same at a cache line.
 */
void *rbrealloc(void *ptr, uint32_t flags, size_t bytes, size_t old_bytes);

/**
 * Frees what rmalloc() and its family handed out, by the address through either alias.
 */
void rfree(void *ptr);

/**
 * Bytes of this heap, or of SOF's where it is NULL; or NULL.
 */
void *sof_heap_alloc(struct k_heap *heap, uint32_t flags, size_t bytes, size_t alignment);

/**
 * Frees them again.
 */
void sof_heap_free(struct k_heap *heap, void *addr);

/**
 * SOF's heap; NULL before bulkhead_capi_init().
 */
struct k_heap *sof_sys_heap_get(void);

/**
 * NULL: no heap of its own for user space, as in SOF without LL in user space.
 */
struct k_heap *sof_sys_user_heap_get(void);

/**
 * The cached address of the heap that user space shares; 0 where there is none.
 */
uintptr_t get_shared_buffer_heap_start(void);

/**
 * Its bytes.
 */
size_t get_shared_buffer_heap_size(void);

/**
 * Bytes of the context's region, or of its heap where it has none; or NULL.
 *
 * # Safety
 * `ctx` is NULL or can be read.
 */
void *sof_ctx_alloc(struct mod_alloc_ctx *ctx, uint32_t flags, size_t size, size_t alignment);

/**
 * The same, all zero.
 *
 * # Safety
 * `ctx` is NULL or can be read.
 */
void *sof_ctx_zalloc(struct mod_alloc_ctx *ctx, uint32_t flags, size_t size, size_t alignment);

/**
 * Frees them again, into the region or the heap that they came from.
 *
 * # Safety
 * `ctx` is NULL or can be read.
 */
void sof_ctx_free(struct mod_alloc_ctx *ctx, void *ptr);

/**
 * A copy in fast memory of constants: shared and on pages of their own where they are larger than half
 * a page, else from the context's region or heap. Or NULL.
 *
 * # Safety
 * `ctx` is NULL or can be read, and so can `size` bytes from `dram_ptr` on.
 */
const void *fast_get(struct mod_alloc_ctx *ctx, const void *dram_ptr, size_t size);

/**
 * Gives a copy up: with the last one it ends, and before that the domain's right to read it.
 *
 * # Safety
 * `ctx` is NULL or can be read.
 */
void fast_put(struct mod_alloc_ctx *ctx, struct k_mem_domain *mdom, const void *sram_ptr);

/**
 * An object of `size` bytes, all zero. The first call makes the pool and decides size and flags; any
 * other with others answers NULL.
 *
 * # Safety
 * `head` is NULL, or a head that nobody else uses now.
 */
void *objpool_alloc(struct objpool_head *head, size_t size, uint32_t flags);

/**
 * Gives an object back. 0, or -EINVAL where none is in use from exactly there.
 *
 * # Safety
 * `head` is NULL, or a head that nobody else uses now.
 */
int objpool_free(struct objpool_head *head, void *data);

/**
 * Ends the pool and gives all its memory back, whatever is in use.
 *
 * # Safety
 * `head` is NULL, or a head that nobody else uses now.
 */
void objpool_prune(struct objpool_head *head);

/**
 * Shows each object in use to the callback, which may free the one it looks at, until it says true: 0
 * then, -ENOENT where it never does.
 *
 * # Safety
 * `head` is NULL, or a head that nobody else uses now; the callback is NULL or can be called so.
 */
int objpool_iterate(struct objpool_head *head, objpool_iterate_cb cb, void *arg);

/**
 * Gives the library its memory and its hooks. Before this, every function answers NULL or -ENODEV.
 *
 * Returns 0; -EINVAL where the embedder's numbers cannot be; -EBUSY the second time; what the hook
 * `map` answered, as -ENOMEM.
 *
 * # Safety
 * NULL, or an embedder that is what it says.
 */
int bulkhead_capi_init(const struct bulkhead_embedder *embedder);

/**
 * Gives all memory back. Returns 0, or -EBUSY where something is still allocated.
 */
int bulkhead_capi_exit(void);

/**
 * Sets who takes the sentences of the log, also before bulkhead_capi_init(), which sets it too.
 */
void bulkhead_capi_log_to(bulkhead_log log, void *context);

/**
 * A heap with these bundles, or with those of vmh_get_default_heap_config() where `cfg` is NULL; or
 * NULL. No two heaps share pages. Where it allocates contiguously an allocation may take several
 * blocks.
 *
 * # Safety
 * `cfg` is NULL or can be read.
 */
struct vmh_heap *vmh_init_heap(const struct vmh_heap_config *cfg, bool allocating_continuously);

/**
 * Bytes of a heap, of which only those pages are mapped that they lie in; or NULL.
 */
void *vmh_alloc(struct vmh_heap *heap, uint32_t alloc_size);

/**
 * Frees an allocation of this heap, by its address through either alias. 0, or -EINVAL where nothing
 * is allocated from exactly there.
 */
int vmh_free(struct vmh_heap *heap, void *ptr);

/**
 * Ends a heap. 0, -ENOTEMPTY where something is allocated, or -EINVAL.
 */
int vmh_free_heap(struct vmh_heap *heap);

/**
 * Five bundles with blocks of 64 to 1,024 bytes, each a fifth of the region in whole pages.
 *
 * # Safety
 * Each pointer is NULL, or the first can be read and the second written.
 */
void vmh_get_default_heap_config(const struct sys_mm_drv_region *region, struct vmh_heap_config *cfg);

/**
 * Logs how a heap is used, and which of its bundles were full when they were asked.
 */
void vmh_log_stats(struct vmh_heap *heap);

/**
 * Pages side by side, with memory behind them that is all zero. NULL for no pages, and where pages
 * or memory are lacking.
 */
void *vpage_alloc(unsigned int pages);

/**
 * Gives pages back that vpage_alloc() handed out, by the address of the first, through either
 * alias.
 */
void vpage_free(void *ptr);

/**
 * Pages side by side, without memory behind them.
 */
void *vpage_reserve(unsigned int pages);

/**
 * Gives pages back that vpage_reserve() handed out. Who mapped them has unmapped them.
 */
void vpage_release(void *ptr);

/**
 * The window that all pages come from; NULL before bulkhead_capi_init().
 */
const struct sys_mm_drv_region *vpage_get_region(void);

/**
 * A region of so many bytes, rounded up to pages that are all zero, in lifetime mode and with one
 * owner; or NULL.
 */
struct vregion *vregion_create(size_t memsize);

/**
 * vregion_create() of SOF's PR 10702: a part for life and a part for interim allocations, both there
 * from the start.
 */
struct vregion *vregion_create_parts(size_t lifetime_size, size_t interim_size);

/**
 * Ends the lifetime mode: what is left, 1,024 bytes or more, serves interim allocations. Where less
 * is left nothing can be allocated any more. A second call changes nothing.
 */
void vregion_set_interim(struct vregion *vr);

/**
 * One owner more; returns the region, or NULL where it has ended.
 */
struct vregion *vregion_get(struct vregion *vr);

/**
 * One owner less; returns the region, or NULL where it has ended.
 */
struct vregion *vregion_put(struct vregion *vr);

/**
 * Bytes of a region, at a cache line and in whole lines; or NULL.
 */
void *vregion_alloc(struct vregion *vr, size_t size);

/**
 * The same at a multiple of `alignment`, a power of two; less than a cache line means a line.
 */
void *vregion_alloc_align(struct vregion *vr, size_t size, size_t alignment);

/**
 * The same as vregion_alloc(), through the alias past the data cache.
 */
void *vregion_alloc_coherent(struct vregion *vr, size_t size);

/**
 * The same as vregion_alloc_align(), through the alias past the data cache.
 */
void *vregion_alloc_coherent_align(struct vregion *vr, size_t size, size_t alignment);

/**
 * vregion_alloc() of SOF's PR 10702.
 */
void *vregion_alloc_type(struct vregion *vr, unsigned int kind, size_t size);

/**
 * vregion_alloc_align() of SOF's PR 10702.
 */
void *vregion_alloc_align_type(struct vregion *vr, unsigned int kind, size_t size, size_t alignment);

/**
 * vregion_alloc_coherent() of SOF's PR 10702.
 */
void *vregion_alloc_coherent_type(struct vregion *vr, unsigned int kind, size_t size);

/**
 * vregion_alloc_coherent_align() of SOF's PR 10702.
 */
void *vregion_alloc_coherent_align_type(struct vregion *vr, unsigned int kind, size_t size, size_t alignment);

/**
 * Frees what was allocated from this region, by the address through either alias. A lifetime
 * allocation's bytes stay with the region.
 */
void vregion_free(struct vregion *vr, void *ptr);

/**
 * Logs how the region is used.
 */
void vregion_info(struct vregion *vr);

/**
 * Bytes and cached address of the region; 0 and 0 where it has ended. Either pointer may be NULL.
 *
 * # Safety
 * Each pointer is NULL or can be written.
 */
void vregion_mem_info(struct vregion *vr, size_t *size, uintptr_t *start);

/**
 * Shows each region to the callback, which may call any function.
 *
 * # Safety
 * The callback is NULL or can be called so.
 */
void vregion_for_each(void (*cb)(int idx, const struct vregion_snapshot *s, void *ctx), void *ctx);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BULKHEAD_CAPI_H */
