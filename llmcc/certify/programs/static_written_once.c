/* Globals that are written once, with one value only, written but never read, read but never written, or as good as boolean. */
#include "certify.h"
#include <stdlib.h>

struct settings {
    int32_t width;
    uint8_t depth;
    int64_t budget;
};

/* Stored once from what is known at run time only. */
static int configured;
static struct settings settings;
/* Two values in all: what it starts with and what is stored. */
static int phase = 3;
static unsigned limit_reached;
static double factor;
/* Written in many places, read nowhere. */
static int last_written;
static int64_t trace[8];
static struct settings discarded;
/* Read only. */
static int never_set;
static int base = 1000;
static const char *title = "constant";
/* Written with the value that it has. */
static int16_t unchanged = 77;
/* One block for the whole run. */
static int32_t *block;
static unsigned block_size;
/* A function pointer and an address that are set once. */
static int (*transform)(int);
static const int32_t *window;

static int add_base(int x) { return x + base; }
static int subtract_base(int x) { return x - base; }

static NOINLINE void configure(int width, int depth) {
    if (configured)
        return;
    configured = 1;
    settings.width = width;
    settings.depth = (uint8_t)depth;
    settings.budget = (int64_t)width * depth * 1000000;
    factor = width / 2.0;
}

static NOINLINE int advance(int x) {
    trace[x & 7] += x;
    last_written = x;
    if (x > 50)
        limit_reached = 1;
    if (x == 40)
        phase = 9;
    discarded.budget = trace[0];
    return phase * x;
}

static NOINLINE int guarded(int x) {
    if (never_set)
        x += 100000;
    unchanged = 77;
    if (limit_reached)
        return -x;
    return x + unchanged;
}

static NOINLINE int scaled(int x) {
    int result = x * settings.width;
    if (configured)
        result += settings.depth;
    last_written = result;
    return result;
}

static NOINLINE void prepare(unsigned count) {
    block = malloc(count * sizeof *block);
    CHECK(block != 0);
    block_size = count;
    for (unsigned i = 0; i < count; i++)
        block[i] = (int32_t)(i * i);
    window = block + count / 2;
}

static NOINLINE int32_t block_sum(unsigned from) {
    int32_t sum = 0;
    for (unsigned i = from; i < block_size; i++)
        sum += block[i] - window[-1];
    return sum;
}

static NOINLINE void choose(int subtract) { transform = subtract ? subtract_base : add_base; }
static NOINLINE int transformed(int x) { return transform ? transform(x) : x; }

PROGRAM(static_written_once) {
    unsigned checked = 0;
    configured = 0;
    phase = 3;
    limit_reached = 0;
    transform = 0;
    CHECK(block == 0 && transformed(opaque_int(4)) == 4);
    int width = opaque_int(12), seen_phase = 3, reached = 0;
    settings.width = settings.depth = 0;
    CHECK(scaled(opaque_int(5)) == 0 && scaled(-5) == 0);
    for (int i = 0; i < 5; i++) {
        configure(width + i, 3 + i);
        CHECK(settings.width == 12 && settings.depth == 3 && settings.budget == 36000000 && factor == 6);
        CHECK(scaled(opaque_int(i)) == 12 * i + 3);
        checked++;
    }
    for (int i = 30; i < 60; i++) {
        int x = opaque_int(i);
        CHECK(guarded(x) == (reached ? -i : i + 77));
        seen_phase = i >= 40 ? 9 : seen_phase;
        CHECK(advance(x) == seen_phase * i && phase == seen_phase);
        reached |= i > 50;
        CHECK(limit_reached == (unsigned)reached && unchanged == 77);
        checked++;
    }
    CHECK(never_set == 0 && add_base(opaque_int(1)) == 1001 && title[opaque_int(3)] == 's');
    prepare(opaque_unsigned(20));
    CHECK(window - block == 10 && *window == 100 && block_size == 20);
    int32_t sum = 0;
    for (unsigned i = 20; i-- > 0;) {
        sum += (int32_t)(i * i) - 81;
        CHECK(block_sum(opaque_unsigned(i)) == sum);
        checked++;
    }
    block[9] = opaque_int(0);
    CHECK(block_sum(19) == 361 && window[-1] == 0 && block_sum(20) == 0);
    free(block);
    block = 0;
    window = 0;
    choose(opaque_int(1));
    CHECK(transformed(opaque_int(4)) == -996 && transformed(1000) == 0);
    choose(opaque_int(0));
    CHECK(transformed(opaque_int(4)) == 1004);
    /* No loop was left out. */
    CHECK(checked == 55);
}
