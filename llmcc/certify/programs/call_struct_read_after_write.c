/* Structures through pointers that overlap, by value with copies that must stay apart, and results that replace their source. */
#include "certify.h"

struct vector {
    int32_t x, y, z;
};

struct block {
    int32_t cells[10];
    int64_t stamp;
    uint8_t tail;
};

static struct block global;

/* Reads everything before it writes: right for every overlap. */
static NOINLINE void cross(struct vector *out, const struct vector *a, const struct vector *b) {
    int32_t x = a->y * b->z - a->z * b->y, y = a->z * b->x - a->x * b->z, z = a->x * b->y - a->y * b->x;
    out->x = x, out->y = y, out->z = z;
}

/* Writes as it reads: an overlap shows in the result, and must. */
static NOINLINE void cross_in_place(struct vector *out, const struct vector *a, const struct vector *b) {
    out->x = a->y * b->z - a->z * b->y;
    out->y = a->z * b->x - a->x * b->z;
    out->z = a->x * b->y - a->y * b->x;
}

static struct vector cross_value(struct vector a, struct vector b) {
    struct vector out = {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
    return out;
}

static int equal(struct vector a, struct vector b) { return a.x == b.x && a.y == b.y && a.z == b.z; }

static NOINLINE int64_t total(const struct block *block) {
    int64_t sum = block->stamp * 3 + block->tail;
    for (int i = 0; i < 10; i++)
        sum += (int64_t)block->cells[i] * (i + 1);
    return sum;
}

/* The copy is what the argument was at the call, whatever happens to the original. */
static NOINLINE int64_t copy_and_original(struct block copy, struct block *original) {
    original->cells[3] += 1000;
    original->stamp = -original->stamp;
    global.tail++;
    int64_t before = total(&copy);
    copy.cells[3] = 0;
    return before * 2 - total(original);
}

static NOINLINE struct block reversed(const struct block *source) {
    struct block result = {{0}, source->stamp + 1, (uint8_t)~source->tail};
    for (int i = 0; i < 10; i++)
        result.cells[i] = source->cells[9 - i] - i;
    return result;
}

static NOINLINE struct block rotated(struct block block, int by) {
    struct block result = block;
    for (int i = 0; i < 10; i++)
        result.cells[(i + by) % 10] = block.cells[i];
    block.stamp = 0;
    return result;
}

/* A copy that is changed while the source is still needed. */
static NOINLINE int64_t difference_to_changed(const struct block *source) {
    struct block copy = *source;
    for (int i = 0; i < 10; i += 3)
        copy.cells[i] ^= 0xff;
    copy.stamp /= 2;
    return total(source) - total(&copy);
}

/* A copy that is read after the source was changed. */
static NOINLINE int64_t kept_from_before(struct block *source) {
    struct block copy = *source;
    for (int i = 9; i >= 0; i -= 2)
        source->cells[i] = -1;
    return total(&copy) + total(source);
}

static void fill(struct block *block, int seed) {
    for (int i = 0; i < 10; i++)
        block->cells[i] = opaque_int(seed * (i + 3) - i * i);
    block->stamp = (int64_t)seed * 65536;
    block->tail = (uint8_t)(seed * 11);
}

PROGRAM(call_struct_read_after_write) {
    unsigned checked = 0;
    for (int seed = 1; seed < 20; seed++) {
        struct vector a = {opaque_int(seed), 3 - seed, seed * 2 + 1}, b = {opaque_int(5), seed, -seed}, c = a, d = b;
        struct vector right = cross_value(a, b), out;
        cross(&out, &a, &b);
        CHECK(equal(out, right));
        cross_in_place(&out, &a, &b);
        CHECK(equal(out, right));
        cross(&c, &c, &b);
        CHECK(equal(c, right));
        cross(&d, &a, &d);
        CHECK(equal(d, right));
        c = a, d = b;
        cross_in_place(&c, &c, &b);
        int32_t x = a.y * b.z - a.z * b.y, y = a.z * b.x - x * b.z;
        CHECK(c.x == x && c.y == y && c.z == x * b.y - y * b.x);
        cross_in_place(&d, &d, &d);
        CHECK(d.x == 0 && d.y == 0 && d.z == 0);
        /* The result is assigned to one of the arguments. */
        c = cross_value(c = a, b);
        CHECK(equal(c, right));
        b = cross_value(cross_value(a, b), cross_value(b, a));
        CHECK(b.x == 0 && b.y == 0 && b.z == 0);

        struct block local, before;
        fill(&local, seed);
        before = local;
        int64_t sum = total(&local);
        CHECK(copy_and_original(local, &local) == 2 * sum - (sum + 4000 - before.stamp * 6));
        CHECK(local.cells[3] == before.cells[3] + 1000 && local.stamp == -before.stamp);
        fill(&global, -seed);
        sum = total(&global);
        int64_t stamp = global.stamp;
        CHECK(copy_and_original(global, &global) == 2 * sum - (sum + 4000 - stamp * 6 + (global.tail == 0 ? -255 : 1)));

        fill(&global, seed);
        before = global;
        global = reversed(&global);
        for (int i = 0; i < 10; i++)
            CHECK(global.cells[i] == before.cells[9 - i] - i);
        CHECK(global.stamp == before.stamp + 1 && global.tail == 255 - before.tail);
        local = before;
        local = rotated(local, seed % 10);
        local = rotated(rotated(local, 10 - seed % 10), 3);
        for (int i = 0; i < 10; i++)
            CHECK(local.cells[i] == before.cells[(i + 7) % 10]);
        CHECK(local.stamp == before.stamp && local.tail == before.tail);

        int64_t changed = (before.stamp - before.stamp / 2) * 3, cleared = total(&before);
        for (int i = 0; i < 10; i++) {
            changed += i % 3 == 0 ? (int64_t)(before.cells[i] - (before.cells[i] ^ 0xff)) * (i + 1) : 0;
            cleared -= i % 2 ? ((int64_t)before.cells[i] + 1) * (i + 1) : 0;
            checked++;
        }
        CHECK(difference_to_changed(&before) == changed);
        sum = total(&before);
        CHECK(kept_from_before(&before) == sum + cleared);
        checked++;
    }
    /* No loop was left out. */
    CHECK(checked == 209);
}
