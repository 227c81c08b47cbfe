/* memmove of constant and variable sizes over every small distance, both ways, and of parts of structures and of words; what
 * the optimiser turns into loads and stores has to load everything first. */
#include "certify.h"

enum { ROOM = 80, MIDDLE = 24 };

static unsigned char room[ROOM];
static volatile unsigned char model[ROOM];

#define CASE(SIZE) case SIZE: __builtin_memmove(to, from, SIZE); break;

static NOINLINE void move_constant(unsigned char *to, const unsigned char *from, unsigned size) {
    switch (size) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(12) CASE(13)
    CASE(15) CASE(16) CASE(17) CASE(20) CASE(24) CASE(31) CASE(32) CASE(33)
    default: __builtin_memmove(to, from, size);
    }
}

static void move_variable(unsigned char *to, const unsigned char *from, unsigned size) {
    if (size & 1)
        __builtin_memmove(to, from, size);
    else if (to < from)
        __builtin_memmove(to, from, size);
    else
        __builtin_memmove(to, from, size ? size : 0);
}

static NOINLINE void move_model(int to, int from, int size) {
    unsigned char kept[40];
    for (int i = 0; i < size; i++)
        kept[i] = model[from + i];
    for (int i = 0; i < size; i++)
        model[to + i] = kept[i];
}

/* Overlaps at constant places. */
static void shift_up(void) {
    __builtin_memmove(room + 1, room, 8);
    __builtin_memmove(room + 20, room + 16, 16);
    __builtin_memmove(room + 41, room + 40, 3);
}

static void shift_down(void) {
    __builtin_memmove(room, room + 1, 8);
    __builtin_memmove(room + 16, room + 20, 16);
    __builtin_memmove(room + 40, room + 41, 3);
}

static void start(unsigned seed) {
    for (unsigned i = 0; i < ROOM; i++)
        room[i] = model[i] = (unsigned char)(i * 7 + seed);
}

static void compare(void) {
    for (unsigned i = 0; i < ROOM; i++)
        CHECK(room[i] == model[i]);
}

struct words { uint32_t head; uint32_t list[6]; uint32_t tail; };

static void insert_word(struct words *w, unsigned at, uint32_t value) {
    w->tail = w->list[5];
    __builtin_memmove(&w->list[at + 1], &w->list[at], (5 - at) * sizeof w->list[0]);
    w->list[at] = value;
}

static uint32_t remove_word(struct words *w, unsigned at) {
    uint32_t value = w->list[at];
    __builtin_memmove(w->list + at, w->list + at + 1, (5 - at) * sizeof w->list[0]);
    w->list[5] = w->tail;
    return value;
}

static uint32_t digest(const struct words *w) {
    uint32_t sum = w->head;
    for (int i = 0; i < 6; i++)
        sum = sum * 10 + w->list[i];
    return sum * 10 + w->tail;
}

PROGRAM(memory_move_overlap) {
    for (int distance = -17; distance <= 17; distance++) {
        start((unsigned)distance);
        for (int size = 0; size <= 34; size++) {
            move_constant(room + MIDDLE + opaque_int(distance) / 2, room + MIDDLE - distance / 3, opaque_unsigned((unsigned)size));
            move_model(MIDDLE + distance / 2, MIDDLE - distance / 3, size);
            if (size % 3 == 0)
                compare();
            move_variable(room + MIDDLE + distance, room + MIDDLE, opaque_unsigned((unsigned)size));
            move_model(MIDDLE + distance, MIDDLE, size);
        }
        compare();
    }
    start(opaque_unsigned(1));
    shift_up();
    move_model(1, 0, 8);
    move_model(20, 16, 16);
    move_model(41, 40, 3);
    compare();
    shift_down();
    move_model(0, 1, 8);
    move_model(16, 20, 16);
    move_model(40, 41, 3);
    compare();
    move_constant(room + 5, room + 5, 32);
    move_constant(room + 5, room + 6, 13);
    move_model(5, 6, 13);
    compare();

    struct words w = {1, {2, 3, 4, 5, 6, 7}, 8};
    insert_word(&w, 2, 9);
    CHECK(digest(&w) == 12394567);
    CHECK(remove_word(&w, opaque_unsigned(1)) == 3 && digest(&w) == 12945677);
    insert_word(&w, opaque_unsigned(0), opaque_unsigned(3));
    CHECK(digest(&w) == 13294567);
    insert_word(&w, 5, 1);
    CHECK(digest(&w) == 13294516 && remove_word(&w, 5) == 1 && remove_word(&w, 0) == 3);
    CHECK(digest(&w) == 12945666);
}
