#ifndef LOGBOOK_EVAL_H
#define LOGBOOK_EVAL_H

#include "expr.h"

/* Names and user-defined functions. A name not found here is looked for in the parent. */
struct scope {
    struct map *variables; /* to struct value */
    struct map *functions; /* only in the outermost scope */
    struct scope *parent;
    unsigned depth;
};

void scope_init(struct scope *scope, struct scope *parent);
void scope_free(struct scope *scope);

/* Takes over the caller's reference. */
void scope_set(struct scope *scope, const char *name, struct value *value);
struct value *scope_get(const struct scope *scope, const char *name);

/* A new reference, or NULL and a fault. A line that defines a function takes the body out of `expr` and gives nil. */
struct value *evaluate(struct expr *expr, struct scope *scope, struct fault *fault);

/* Parses and evaluates; NULL without a fault when there is nothing on the line. */
struct value *evaluate_source(const char *source, size_t length, struct scope *scope, struct fault *fault);

/* The functions that are always there. */
typedef struct value *(*builtin_body)(struct value **arguments, size_t count, struct fault *fault);

struct builtin {
    const char *name;
    unsigned least, most; /* number of arguments */
    const char *kinds;    /* one letter per argument, the last one repeats: n number, s string, l list, . any */
    builtin_body body;
};

const struct builtin *builtin_find(const char *name);

#endif
