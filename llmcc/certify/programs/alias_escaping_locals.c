/* Locals whose address escapes late, on one path only, through a returned pointer, an integer or a chain of
 * frames: a callee's change has to be seen, and no callee may change what has not escaped. */
#include "certify.h"

struct frame {
    struct frame *parent;
    int depth;
    int32_t value;
};

static int32_t *slot, *other_slot;
static int calls;

static NOINLINE void touch(void) {
    calls++;
    if (slot)
        *slot += 10;
    if (other_slot)
        *other_slot *= 2;
}

static NOINLINE int32_t *same(int32_t *pointer, int use) {
    calls += use;
    return pointer;
}

static int32_t late(int32_t start) {
    int32_t local = start;
    touch();
    int32_t before = local;
    local++;
    slot = &local;
    touch();
    int32_t after = local;
    slot = 0;
    touch();
    return before * 10000 + after * 100 + local;
}

static int32_t on_one_path(int32_t start, int escape) {
    int32_t local = start, hidden = start;
    if (escape & 1)
        slot = &local;
    else
        local = 5;
    hidden += local;
    touch();
    if (escape & 2)
        other_slot = &hidden;
    hidden += local;
    touch();
    hidden += local;
    slot = other_slot = 0;
    return hidden;
}

static int32_t on_one_path_model(int32_t start, int escape) {
    volatile int32_t local = escape & 1 ? start : 5, hidden = start;
    hidden += local;
    if (escape & 1)
        local += 10;
    hidden += local;
    if (escape & 1)
        local += 10;
    if (escape & 2)
        hidden *= 2;
    return hidden + local;
}

static int32_t in_a_loop(int turns, int when) {
    int32_t local = 0, sum = 0;
    for (int i = 0; i < turns; i++) {
        if (i == when)
            slot = &local;
        local += 1;
        touch();
        sum = (sum * 3 + local) % 10007;
        if (local > 40)
            local = 0;
    }
    slot = 0;
    return sum;
}

static int32_t in_a_loop_model(int turns, int when) {
    volatile int32_t local = 0, sum = 0;
    for (int i = 0; i < turns; i++) {
        local += i >= when ? 11 : 1;
        sum = (sum * 3 + local) % 10007;
        if (local > 40)
            local = 0;
    }
    return sum;
}

static int32_t returned_pointer(int32_t start, int use) {
    int32_t a = start, b = start + 1;
    int32_t *pointer = same(use ? &a : &b, use);
    a += 100;
    *pointer += 1000;
    b += 100;
    *pointer += 1000;
    return a * 3 + b;
}

static int32_t through_integer(int32_t start) {
    int32_t local = start;
    uintptr_t address = (uintptr_t)&local;
    address += opaque_unsigned(16);
    local += 1;
    *(int32_t *)(address - 16) *= 3;
    local += 1;
    return local;
}

/* The deepest frame walks up and adds to every second one; each frame reads its own value afterwards. */
static int32_t nest(struct frame *parent, int depth, int last) {
    struct frame mine = {parent, depth, depth * 2};
    int32_t sum = 0;
    if (depth < last)
        sum = nest(&mine, depth + 1, last);
    else
        for (struct frame *f = &mine; f; f = f->parent)
            if ((f->depth & 1) == 0)
                f->value += 100;
    return sum + mine.value;
}

PROGRAM(alias_escaping_locals) {
    calls = 0;
    CHECK(late(3) == 3 * 10000 + 14 * 100 + 14);
    CHECK(late(opaque_int(30)) == 30 * 10000 + 41 * 100 + 41 && calls == 6);
    for (int escape = 0; escape < 4; escape++) {
        CHECK(on_one_path(opaque_int(20), escape) == on_one_path_model(20, escape));
        CHECK(on_one_path(-8, opaque_int(escape)) == on_one_path_model(-8, escape));
    }
    CHECK(calls == 22);
    for (int when = 0; when < 12; when++)
        CHECK(in_a_loop(11, opaque_int(when)) == in_a_loop_model(11, when));
    CHECK(in_a_loop(opaque_int(30), 4) == in_a_loop_model(30, 4) && in_a_loop(6, 99) == in_a_loop_model(6, 99));
    CHECK(returned_pointer(1, 1) == 2101 * 3 + 102 && returned_pointer(opaque_int(1), opaque_int(0)) == 101 * 3 + 2102);
    CHECK(through_integer(opaque_int(4)) == 16 && through_integer(9) == 31);
    /* Depths 0 to n: the sum of 2d and 100 for each even d. */
    CHECK(nest(0, 0, 9) == 90 + 500 && nest(0, 0, opaque_int(12)) == 156 + 700);
}
