/* For C libraries that include it. There is nowhere to print to: a module has bulkhead_log, and one
 * that really calls these does not link. */
#ifndef BULKHEAD_STDIO_H
#define BULKHEAD_STDIO_H

#include <stddef.h>

typedef struct bulkhead_no_file FILE;

extern FILE *stdout;
extern FILE *stderr;

int printf(const char *format, ...);
int fprintf(FILE *file, const char *format, ...);

#endif
