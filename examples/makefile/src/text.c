#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void out_of_memory(void)
{
    fputs("logbook: out of memory\n", stderr);
    exit(3);
}

void *allocate(size_t size)
{
    void *block = calloc(1, size ? size : 1);
    if (!block)
        out_of_memory();
    return block;
}

void *reallocate(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        out_of_memory();
    size_t bytes = count * size;
    void *block = realloc(old, bytes ? bytes : 1);
    if (!block)
        out_of_memory();
    return block;
}

char *copy_string(const char *bytes, size_t length)
{
    char *copy = allocate(length + 1);
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

void text_init(struct text *text)
{
    text->capacity = 16;
    text->length = 0;
    text->bytes = allocate(text->capacity);
}

void text_free(struct text *text)
{
    free(text->bytes);
    text->bytes = NULL;
    text->length = text->capacity = 0;
}

void text_clear(struct text *text)
{
    text->length = 0;
    text->bytes[0] = '\0';
}

static void reserve(struct text *text, size_t more)
{
    if (more >= SIZE_MAX - text->length)
        out_of_memory();
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity)
        return;
    size_t capacity = text->capacity > SIZE_MAX / 2 ? needed : text->capacity * 2;
    if (capacity < needed)
        capacity = needed;
    text->bytes = reallocate(text->bytes, capacity, 1);
    text->capacity = capacity;
}

void text_add(struct text *text, const void *bytes, size_t length)
{
    reserve(text, length);
    if (length)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_add_char(struct text *text, char c)
{
    text_add(text, &c, 1);
}

void text_add_repeated(struct text *text, char c, size_t count)
{
    reserve(text, count);
    memset(text->bytes + text->length, c, count);
    text->length += count;
    text->bytes[text->length] = '\0';
}

void text_addf(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length > 0) {
        reserve(text, (size_t)length);
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void text_add_code_point(struct text *text, unsigned long code_point)
{
    if (code_point < 0x80) {
        text_add_char(text, (char)code_point);
        return;
    }
    unsigned char bytes[4];
    int count = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (int i = count - 1; i > 0; i--) {
        bytes[i] = (unsigned char)(0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    bytes[0] = (unsigned char)(lead[count] | code_point);
    text_add(text, bytes, (size_t)count);
}

bool text_equal(const struct text *a, const struct text *b)
{
    return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

size_t text_width(const char *bytes, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length; i++)
        width += ((unsigned char)bytes[i] & 0xc0) != 0x80;
    return width;
}

bool text_read_file(struct text *text, const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!file)
        return false;
    char block[4096];
    size_t got;
    while ((got = fread(block, 1, sizeof block, file)) > 0)
        text_add(text, block, got);
    bool ok = !ferror(file);
    if (file != stdin)
        fclose(file);
    return ok;
}

bool text_write_file(const struct text *text, const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
    if (!file)
        return false;
    bool ok = fwrite(text->bytes, 1, text->length, file) == text->length;
    if (file == stdout)
        return fflush(file) == 0 && ok;
    return fclose(file) == 0 && ok;
}

void fault_clear(struct fault *fault)
{
    fault->set = false;
    fault->at = 0;
    fault->message[0] = '\0';
}

void fault_set(struct fault *fault, size_t at, const char *format, ...)
{
    if (fault->set)
        return;
    fault->set = true;
    fault->at = at;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault->message, sizeof fault->message, format, arguments);
    va_end(arguments);
}
