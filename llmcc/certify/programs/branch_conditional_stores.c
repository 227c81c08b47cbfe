/* Stores under conditions: through pointers, to memory that must not be touched otherwise, the same place on
 * both sides, twice on one way, of part of an object, and stores that change the condition itself. */
#include "certify.h"

struct object {
    uint8_t kind;
    uint8_t level;
    uint16_t size;
    uint32_t value;
};

static NOINLINE void store_if(int32_t *to, int32_t value, int condition) {
    if (condition)
        *to = value;
}

static void store_either(int32_t *to, int32_t first, int32_t second, int condition) {
    if (condition)
        *to = first;
    else
        *to = second;
}

/* Only one of the objects may be written, and it need not be there. */
static NOINLINE void store_where(int32_t *left, int32_t *right, int32_t value, int side) {
    if (side < 0)
        *left = value;
    else if (side > 0)
        *right = value;
}

/* The first store is visible only when the second does not happen. */
static NOINLINE uint32_t overwrite(struct object *object, unsigned amount, unsigned limit) {
    object->value = amount;
    object->level = 1;
    if (amount > limit) {
        object->value = limit;
        if (amount > 2 * limit)
            object->level = 3;
        else
            object->level = 2;
        object->size = (uint16_t)(object->size + 1);
    }
    if (object->level == 3)
        object->kind = 'x';
    return object->value;
}

/* The pointers may be equal, and then the second test sees the first store. */
static NOINLINE int chained(int32_t *first, int32_t *second, int32_t bound) {
    int stored = 0;
    if (*first > bound) {
        *first = bound;
        stored |= 1;
    }
    if (*second >= bound) {
        *second = bound - 1;
        stored |= 2;
    }
    if (*first < *second) {
        int32_t kept = *first;
        *first = *second;
        *second = kept;
        stored |= 4;
    }
    return stored;
}

static int chained_plain(volatile int32_t *cells, int second, int32_t bound) {
    int stored = cells[0] > bound;
    cells[0] = stored ? bound : cells[0];
    if (!(cells[second] < bound)) {
        cells[second] = bound - 1;
        stored += 2;
    }
    int32_t a = cells[0], b = cells[second];
    cells[0] = a > b ? a : b;
    cells[second] = a > b ? b : second ? a : b;
    return stored + (a < b ? 4 : 0);
}

/* In a loop: what could be a select and one store must not become a store to all. */
static NOINLINE unsigned in_loop(uint8_t *to, const uint8_t *from, const uint8_t *wanted, unsigned count) {
    unsigned written = 0;
    for (unsigned index = 0; index < count; index++) {
        if (wanted[index]) {
            to[index] = from[index];
            written++;
        } else if (from[index] > 200) {
            to[index] = 0;
        }
    }
    return written;
}

/* Each bit selects one field; the rest keeps its bytes. */
static void update(struct object *object, unsigned fields, uint32_t value) {
    if (fields & 1) object->kind = (uint8_t)value;
    if (fields & 2) object->level = (uint8_t)(value >> 8);
    if (fields & 4) object->size = (uint16_t)value;
    if (fields & 8) object->value = value;
    if ((fields & 3) == 3) object->level ^= object->kind;
    if ((fields & 12) == 12) object->value += object->size;
}

PROGRAM(branch_conditional_stores) {
    static const int32_t read_only[2] = {11, 22};
    for (int value = -3; value < 4; value++) {
        int32_t cell = 500, other = 600;
        store_if(&cell, value, opaque_int(value > 0));
        store_either(&other, value, -value, opaque_int(value & 1));
        CHECK(cell == (value > 0 ? value : 500) && other == (value % 2 ? value : -value));
        /* Where the condition does not hold the place is constant, or is none. */
        store_if((int32_t *)opaque_pointer(&read_only[1]), value, opaque_int(0));
        store_if((int32_t *)opaque_pointer(NULL), value, opaque_int(0));
        store_where((int32_t *)opaque_pointer(value < 0 ? &cell : NULL), (int32_t *)opaque_pointer(value > 0 ? &cell : NULL), value * 7, opaque_int(value));
        CHECK(cell == (value ? value * 7 : 500));
    }
    CHECK(read_only[0] == 11 && read_only[opaque_int(1)] == 22);
    for (unsigned amount = 0; amount < 40; amount += 3)
        for (unsigned limit = 1; limit < 20; limit += 4) {
            struct object object = {'a', 9, 65535, 7};
            unsigned level = amount > limit ? (amount > limit + limit ? 3 : 2) : 1;
            CHECK(overwrite(&object, opaque_unsigned(amount), opaque_unsigned(limit)) == (amount < limit ? amount : limit));
            CHECK(object.level == level && object.kind == (level == 3 ? 'x' : 'a') && object.size == (level == 1 ? 65535 : 0));
        }
    for (int32_t a = -3; a < 6; a++)
        for (int32_t b = -3; b < 6; b++)
            for (int32_t bound = -1; bound < 4; bound++)
                for (int second = 0; second < 2; second++) {
                    int32_t cells[2] = {a, b};
                    volatile int32_t model[2] = {a, b};
                    CHECK(chained(cells, cells + opaque_int(second), opaque_int(bound)) == chained_plain(model, second, bound));
                    CHECK(cells[0] == model[0] && cells[1] == model[1]);
                }
    uint8_t from[50], to[50], wanted[50];
    for (unsigned round = 0; round < 20; round++) {
        unsigned count = 50 - round, expected = 0;
        for (unsigned index = 0; index < 50; index++) {
            from[index] = (uint8_t)(index * 31u + round);
            to[index] = 111;
            wanted[index] = (uint8_t)((index * 7 + round) % 3 == 0);
            expected += index < count ? wanted[index] : 0;
        }
        CHECK(in_loop(to, from, wanted, opaque_unsigned(count)) == expected);
        for (unsigned index = 0; index < 50; index++)
            CHECK(to[index] == (index >= count ? 111 : wanted[index] ? from[index] : from[index] > 200 ? 0 : 111));
    }
    for (unsigned fields = 0; fields < 16; fields++) {
        struct object object = {1, 2, 3, 4};
        update(&object, opaque_unsigned(fields), opaque_unsigned(0x0102F3F4u));
        CHECK(object.kind == (fields & 1 ? 0xF4 : 1) && object.size == (fields & 4 ? 0xF3F4 : 3));
        CHECK(object.level == (fields & 2 ? (fields & 1 ? 0xF3 ^ 0xF4 : 0xF3) : 2));
        CHECK(object.value == (fields & 8 ? 0x0102F3F4u + (fields & 4 ? 0xF3F4u : 0u) : 4u));
    }
}
