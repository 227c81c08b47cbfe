/* Calls whose arguments are known on some of the ways that lead to them, as callsite splitting and jump threading take
 * them apart: after or-conditions, after null tests, in a tail shared by arms, with the constant swapped between twins. */
#include "certify.h"

struct node {
    int32_t value;
    struct node *next;
};

static int32_t log_sum, log_count;

/* Large enough not to be inlined everywhere, with a different way for each special argument. */
static NOINLINE int32_t visit(const struct node *node, int32_t limit, int32_t mode) {
    log_count++;
    if (!node) {
        log_sum += mode * 3 + limit;
        return mode - limit;
    }
    int32_t found = 0;
    for (; node; node = node->next) {
        if (mode == 1 && node->value > limit) return node->value;
        if (mode == 2 && node->value < limit)
            found -= node->value;
        found += mode == 0 ? 1 : node->value & 7;
        log_sum ^= found;
    }
    return found * 4 + mode;
}

static NOINLINE int32_t visit_backwards(const struct node *node, int32_t limit, int32_t mode) {
    return visit(node, mode, limit) - 1;
}

#define SPLIT(name, call, test, mode_a, mode_b)                                             \
    static NOINLINE int32_t name(const struct node *a, const struct node *b, int32_t x) {   \
        int32_t mode, result = 0;                                                           \
        if (!a || x test) {                                                                 \
            mode = mode_a;                                                                  \
        } else {                                                                            \
            mode = mode_b;                                                                  \
            result = a->value;                                                              \
        }                                                                                   \
        result += call(a, x, mode);                                                         \
        if (a == b || !b)                                                                   \
            result ^= call(b, mode, 2);                                                     \
        return result;                                                                      \
    }
SPLIT(split_plain, visit, == 7, 0, 1)
SPLIT(split_modes, visit, == 7, 1, 0)
SPLIT(split_test, visit, >= 7, 0, 1)
SPLIT(split_callee, visit_backwards, == 7, 0, 1)

/* The call stands once and is reached from four places with other constants. */
static NOINLINE int32_t shared_call(int32_t x, const struct node *list) {
    const struct node *from = list;
    int32_t limit = x, mode = 0;
    if (x < 0) {
        from = NULL;
    } else if (x < 10) {
        limit = 5;
    } else if (x == 10) {
        mode = 1, limit = 10;
    } else if (list && list->next) {
        from = list->next;
        mode = 2;
    }
    return visit(from, limit, mode);
}

/* The calls are the same in both arms but for one argument: hoisting, sinking or merging must keep it. */
static NOINLINE int32_t arms(int key, const struct node *a, const struct node *b) {
    int32_t r;
    if (key & 1) {
        r = visit(a, key, 1);
        r += visit(b, key, 2);
        log_sum += r;
    } else {
        r = visit(b, key, 1);
        r += visit(a, key, 2);
        log_sum += r;
    }
    if (key & 2) return r - visit(a, 3, 2);
    return r - visit(a, 3, 0);
}

/* The model of visit: over an array that ends at `length`, a null list is an empty one. */
static int32_t model_sum, model_count;

static int32_t model_visit(const int32_t *values, int length, int32_t limit, int32_t mode) {
    volatile int32_t found = 0;
    model_count++;
    if (length == 0) {
        model_sum += mode + mode + mode + limit;
        return mode - limit;
    }
    for (int i = 0; i < length; i++) {
        if (mode == 1 && values[i] > limit)
            return values[i];
        int32_t digit = ((values[i] % 8) + 8) % 8;
        found = found - (mode == 2 && values[i] < limit ? values[i] : 0) + (mode ? digit : 1);
        model_sum = (model_sum | found) - (model_sum & found);
    }
    return found * 4 + mode;
}

static int32_t model_split(int which, const int32_t *a, int al, const int32_t *b, int bl, int same, int32_t x) {
    int special = !al || (which == 2 ? x > 6 : x == 7), back = which == 3;
    int32_t mode = special == (which == 1), result = special ? 0 : a[0];
    result += back ? model_visit(a, al, mode, x) - 1 : model_visit(a, al, x, mode);
    if (same || !bl)
        result ^= back ? model_visit(b, bl, 2, mode) - 1 : model_visit(b, bl, mode, 2);
    return result;
}

PROGRAM(twins_callsites) {
    static const int32_t values[7] = {4, -9, 12, 7, 3, 25, -1};
    struct node nodes[7];
    for (int i = 0; i < 7; i++) {
        nodes[i].value = opaque_int(values[i]);
        nodes[i].next = i == 3 || i == 6 ? NULL : &nodes[i + 1];
    }
    static const signed char starts[5] = {-1, 0, 2, 3, 4}, lengths[5] = {0, 4, 2, 1, 3};
    static int32_t (*const splits[4])(const struct node *, const struct node *, int32_t) = {split_plain, split_modes,
                                                                                           split_test, split_callee};
    log_sum = log_count = model_sum = model_count = 0;
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) {
            const struct node *a = opaque_pointer(i ? &nodes[starts[i]] : NULL);
            const struct node *b = opaque_pointer(j ? &nodes[starts[j]] : NULL);
            const int32_t *av = values + (i ? starts[i] : 0), *bv = values + (j ? starts[j] : 0);
            int al = lengths[i], bl = lengths[j];
            for (int32_t x = -1; x < 13; x++) {
                for (int which = 0; which < 4; which++) {
                    CHECK(splits[which](a, b, opaque_int(x)) == model_split(which, av, al, bv, bl, i == j, x));
                    CHECK(log_sum == model_sum && log_count == model_count);
                }
                int second = x > 10 && al > 1;
                int32_t limit = x >= 0 && x < 10 ? 5 : x, mode = x == 10 ? 1 : second ? 2 : 0;
                CHECK(shared_call(opaque_int(x), a) == model_visit(av + second, x < 0 ? 0 : al - second, limit, mode));
                CHECK(log_sum == model_sum && log_count == model_count);
                int odd = x % 2 != 0;
                int32_t r = odd ? model_visit(av, al, x, 1) : model_visit(bv, bl, x, 1);
                r += odd ? model_visit(bv, bl, x, 2) : model_visit(av, al, x, 2);
                model_sum += r;
                r -= model_visit(av, al, 3, x & 2);
                CHECK(arms(opaque_int(x), a, b) == r);
                CHECK(log_sum == model_sum && log_count == model_count);
            }
        }
}
