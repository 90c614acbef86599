/* An assertion that fails stops the module. */
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#include <bulkhead.h>
#define assert(condition) ((condition) ? (void)0 : bulkhead_fail())
#endif
