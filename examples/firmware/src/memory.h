/* The functions that a compiler may call in freestanding code too. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *left, const void *right, size_t count);
size_t strlen(const char *string);
int strcmp(const char *left, const char *right);

/* Keeps the compiler from moving memory accesses across it; the cores here need no more, being alone. */
#define compiler_barrier() __asm__ volatile("" ::: "memory")

#endif
