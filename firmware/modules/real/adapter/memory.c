/* Memory and messages for libraries. */
#include <string.h>

#include "adapter.h"

/* Before each piece of memory: its size, and room for any alignment. */
struct head {
	_Alignas(16) size_t bytes;
};

void *library_alloc(size_t bytes)
{
	struct head *head = 0;

	if (bytes <= 0x1000000u)
		head = bulkhead_alloc((uint32_t)(sizeof(*head) + bytes), sizeof(*head), 0);
	if (head == 0 || bulkhead_is_error(head))
		library_fatal("no memory left in the region");
	head->bytes = bytes;
	memset(head + 1, 0, bytes);
	return head + 1;
}

void library_free(void *address)
{
	if (address != 0)
		bulkhead_free((struct head *)address - 1);
}

void *library_realloc(void *old, size_t bytes)
{
	void *address = library_alloc(bytes);

	if (old != 0) {
		size_t held = ((struct head *)old - 1)->bytes;

		memcpy(address, old, held < bytes ? held : bytes);
		library_free(old);
	}
	return address;
}

void library_log(const char *text, uint32_t number)
{
	char line[80];
	char digits[10];
	uint32_t length = (uint32_t)strlen(text);
	uint32_t count = 0;

	if (length > sizeof(line) - sizeof(digits))
		length = sizeof(line) - sizeof(digits);
	memcpy(line, text, length);
	do {
		digits[count++] = (char)('0' + number % 10u);
		number /= 10u;
	} while (number != 0);
	while (count != 0)
		line[length++] = digits[--count];
	bulkhead_log(line, length);
}

_Noreturn void library_fatal(const char *text)
{
	bulkhead_log(text, (uint32_t)strlen(text));
	bulkhead_fail();
}
