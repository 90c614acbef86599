/* Variable arguments, for windowed Xtensa code by clang.
 *
 * LLVM (23.1 at least) gets variadic functions of this target wrong: the register save area is
 * addressed as if the named arguments were not in it, and every argument on the stack moves the
 * index once too far. So its va_start is corrected here and its va_arg is not used. With a frame
 * pointer a7 is lost as well: modules are compiled with -fomit-frame-pointer.
 */
#ifndef BULKHEAD_STDARG_H
#define BULKHEAD_STDARG_H

typedef __builtin_va_list va_list;

#ifdef __XTENSA__

/* What the compiler's va_list really is. */
struct bulkhead_va {
	char *stack;
	char *registers;
	int index;
};

/* Six words arrive in registers; the stack's share starts at index 32. */
static inline void *bulkhead_va_next(void *list, int size, int align)
{
	struct bulkhead_va *va = list;
	int at = va->index;
	char *base;

	if (align > 4)
		at = (at + 7) & -8;
	size = (size + 3) & -4;
	if (at + size <= 24) {
		base = va->registers;
	} else {
		if (at <= 24)
			at = 32;
		base = va->stack;
	}
	va->index = at + size;
	return base + at;
}

#define va_start(list, last)                                              \
	do {                                                              \
		__builtin_va_start(list, last);                           \
		struct bulkhead_va *bulkhead_va_ = (void *)&(list);       \
		if (bulkhead_va_->index < 24)                             \
			bulkhead_va_->registers -= bulkhead_va_->index;   \
	} while (0)
#define va_arg(list, type) \
	(*(type *)bulkhead_va_next((void *)&(list), sizeof(type), _Alignof(type)))
#define va_copy(to, from) ((to) = (from))
#define va_end(list) ((void)(list))

#else

#define va_start(list, last) __builtin_va_start(list, last)
#define va_arg(list, type) __builtin_va_arg(list, type)
#define va_copy(to, from) __builtin_va_copy(to, from)
#define va_end(list) __builtin_va_end(list)

#endif
#endif
