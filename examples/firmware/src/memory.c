/* -ffreestanding keeps clang from recognising these loops and calling the very functions they define. */
#include "memory.h"

#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    uint8_t *target = to;
    const uint8_t *source = from;
    /* Records and frames are mostly small, but .data at reset is not: words where both sides allow it. */
    if ((((uintptr_t)target | (uintptr_t)source) & 3) == 0) {
        for (; count >= 4; count -= 4, target += 4, source += 4)
            __builtin_memcpy_inline(__builtin_assume_aligned(target, 4), __builtin_assume_aligned(source, 4), 4);
    }
    while (count--)
        *target++ = *source++;
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    uint8_t *target = to;
    const uint8_t *source = from;
    if ((uintptr_t)target - (uintptr_t)source >= count) {
        while (count--)
            *target++ = *source++;
    } else {
        while (count--)
            target[count] = source[count];
    }
    return to;
}

void *memset(void *to, int value, size_t count)
{
    uint8_t *target = to;
    while (count--)
        *target++ = (uint8_t)value;
    return to;
}

int memcmp(const void *left, const void *right, size_t count)
{
    const uint8_t *a = left, *b = right;
    for (; count; count--, a++, b++) {
        if (*a != *b)
            return *a - *b;
    }
    return 0;
}

size_t strlen(const char *string)
{
    const char *end = string;
    while (*end)
        end++;
    return (size_t)(end - string);
}

int strcmp(const char *left, const char *right)
{
    while (*left && *left == *right) {
        left++;
        right++;
    }
    return (uint8_t)*left - (uint8_t)*right;
}
