/* Weak functions and variables, a weak name that nothing defines, and aliases: two names for one function or object. */
#include "certify.h"

int call_weak_alias_scale(int value);
int call_weak_alias_hook(int value);
int call_weak_alias_first(int value);
int call_weak_alias_second(int value);
extern int call_weak_alias_setting;
extern int32_t call_weak_alias_counter, call_weak_alias_counter_too;

/* Another unit might define it again, so nothing about the body is known to its callers. */
__attribute__((weak)) int call_weak_alias_scale(int value) { return value * 3; }
__attribute__((weak)) int call_weak_alias_hook(int value) { return call_weak_alias_scale(value) - value; }
__attribute__((weak)) int call_weak_alias_setting = 12;

/* Two functions of one body that are not weak, and a static one. */
static NOINLINE int triple(int value) { return value * 3; }
int call_weak_alias_first(int value) { return value * 3; }

int32_t call_weak_alias_counter = 5;

/* Only where an object file can hold two names for one place; Thumb is left out for the lowest bit of its addresses. */
#if defined __ELF__ && !defined __thumb__
#define HAVE_ALIAS 1
int call_weak_alias_second(int value) __attribute__((alias("call_weak_alias_first")));
extern int32_t call_weak_alias_counter_too __attribute__((alias("call_weak_alias_counter")));
#else
#define HAVE_ALIAS 0
int call_weak_alias_second(int value) { return call_weak_alias_first(value); }
int32_t call_weak_alias_counter_too = 5;
#endif

static NOINLINE int32_t bump_first(int32_t by) {
    call_weak_alias_counter += by;
    return call_weak_alias_counter;
}

static NOINLINE int32_t bump_second(int32_t by) {
    call_weak_alias_counter_too += by;
    return call_weak_alias_counter_too;
}

/* With an alias, each store is seen by the load under the other name. */
static NOINLINE int32_t interleaved(int32_t value) {
    int32_t sum = 0;
    call_weak_alias_counter = value;
    call_weak_alias_counter_too = value + 10;
    sum += call_weak_alias_counter * 2;
    call_weak_alias_counter = sum;
    sum += call_weak_alias_counter_too;
    return sum;
}

#ifdef __ELF__
extern int call_weak_alias_missing(int value) __attribute__((weak));
static int optional(int value) { return call_weak_alias_missing ? call_weak_alias_missing(value) : -value; }
#else
static int optional(int value) { return -value; }
#endif

static int through(int (*const *functions)(int), int count, int value) {
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum = sum * 2 + functions[i](value + i);
    return sum;
}

static NOINLINE int settings_loop(int rounds) {
    int sum = 0;
    for (int i = 0; i < rounds; i++) {
        sum += call_weak_alias_setting;
        if (i % 3 == 2)
            call_weak_alias_setting++;
    }
    return sum;
}

PROGRAM(call_weak_alias) {
    unsigned checked = 0;
    int (*const functions[])(int) = {call_weak_alias_scale, call_weak_alias_first, call_weak_alias_second, triple, call_weak_alias_hook};
    int (*const *kept)(int) = opaque_pointer(functions);
    for (int i = -20; i < 20; i++) {
        int value = opaque_int(i);
        CHECK(call_weak_alias_scale(value) == 3 * i && call_weak_alias_hook(value) == 2 * i);
        CHECK(call_weak_alias_first(value) == 3 * i && call_weak_alias_second(value) == 3 * i && triple(value) == 3 * i);
        CHECK(optional(value) == -i);
        CHECK(through(kept, 5, value) == ((((3 * i) * 2 + 3 * (i + 1)) * 2 + 3 * (i + 2)) * 2 + 3 * (i + 3)) * 2 + 2 * (i + 4));
        checked++;
    }
    /* Three functions of one body are three functions, an alias is the same one. */
    CHECK(kept[0] != kept[1] && kept[1] != kept[3] && kept[0] != kept[3]);
    CHECK((kept[1] == kept[2]) == HAVE_ALIAS);
    CHECK((opaque_pointer(&call_weak_alias_counter) == (void *)&call_weak_alias_counter_too) == HAVE_ALIAS);

    call_weak_alias_counter_too = 5;
    call_weak_alias_counter = 5;
    for (int32_t by = 1, expected = 5; by < 30; by += 3) {
        int32_t first = bump_first(opaque_int(by));
        expected += by;
        CHECK(first == expected);
        if (HAVE_ALIAS) {
            int32_t second = bump_second(by);
            expected += by;
            CHECK(second == expected && call_weak_alias_counter == expected && call_weak_alias_counter_too == expected);
        } else {
            CHECK(bump_second(0) == 5);
        }
        checked++;
    }
    int32_t seven = opaque_int(7);
    CHECK(interleaved(seven) == (HAVE_ALIAS ? 34 + 34 : 14 + 17));
    CHECK(call_weak_alias_counter == (HAVE_ALIAS ? 34 : 14));

    call_weak_alias_setting = opaque_int(12);
    CHECK(settings_loop(opaque_int(7)) == 3 * 12 + 3 * 13 + 14 && call_weak_alias_setting == 14);
    CHECK(settings_loop(0) == 0 && settings_loop(3) == 42 && call_weak_alias_setting == 15);
    /* No loop was left out. */
    CHECK(checked == 50);
}
