/* Formatted text: %d %u %x %s %c %%, with a width, a `0` or `-` before it, and `*` for a width argument. */
#ifndef PRINT_H
#define PRINT_H

#include <stddef.h>

/* To the serial line. */
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);

/* Into a buffer, always terminated; gives the length that the whole text has. */
__attribute__((format(printf, 3, 4))) size_t print_into(char *buffer, size_t size, const char *format, ...);

#endif
