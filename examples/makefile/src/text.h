/* Growable byte strings, and the few allocation helpers everything else uses. */
#ifndef LOGBOOK_TEXT_H
#define LOGBOOK_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__GNUC__)
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#else
#define PRINTF_LIKE(format_at, first_at)
#endif

/* `bytes` always ends with a NUL that `length` does not count. */
struct text {
    char *bytes;
    size_t length;
    size_t capacity;
};

void text_init(struct text *text);
void text_free(struct text *text);
void text_clear(struct text *text);
void text_add(struct text *text, const void *bytes, size_t length);
void text_add_string(struct text *text, const char *string);
void text_add_char(struct text *text, char c);
void text_add_repeated(struct text *text, char c, size_t count);
void text_addf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_add_code_point(struct text *text, unsigned long code_point);
bool text_equal(const struct text *a, const struct text *b);

/* Number of characters, counting a UTF-8 sequence as one. */
size_t text_width(const char *bytes, size_t length);

/* "-" is standard input. False when the file cannot be read; `text` is then unchanged or shorter than the file. */
bool text_read_file(struct text *text, const char *path);
bool text_write_file(const struct text *text, const char *path);

/* These never return NULL: the program ends when memory does. */
void *allocate(size_t size);
void *reallocate(void *old, size_t count, size_t size);
char *copy_string(const char *bytes, size_t length);

/* What went wrong and where; only the first fault is kept, the later ones follow from it. */
struct fault {
    bool set;
    size_t at;
    char message[160];
};

void fault_clear(struct fault *fault);
void fault_set(struct fault *fault, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
