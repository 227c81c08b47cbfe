/* What the generated half of a twin image (llmcc.twin.harness) and its runtime know of each other. */
#ifndef TWIN_RUNTIME_H
#define TWIN_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

/* One function to call: its name, and what calls it with generated arguments and takes in its result. */
struct twin_case {
    const char *name;
    void (*call)(void);
};

/* One object that other units can see: where it is and its size in bytes. */
struct twin_datum {
    void *address;
    uint64_t size;
};

extern const struct twin_case twin_cases[];
extern const uint64_t twin_case_count;
extern const struct twin_datum twin_data[];
extern const uint64_t twin_datum_count;

/* Generated arguments. */
uint64_t twin_integer(void);
double twin_real(void);
void *twin_memory(void);
/* As twin_memory, where the language promises an object that is nobody else's. */
void *twin_object(void);

/* A call from the unit to the outside: begin, arguments, then end with a kind of result. */
void twin_begin(const char *name);
void twin_argument(uint64_t value);
void twin_argument_pointer(const void *value);
uint64_t twin_end(int kind);
double twin_end_real(void);
void *twin_end_pointer(void);
void *twin_end_object(void);
/* The same for functions that do not return. */
__attribute__((noreturn)) void twin_leave(void);

/* What one of the unit's own functions gave back. */
void twin_result(uint64_t value);
void twin_result_pointer(const void *value);

#endif
