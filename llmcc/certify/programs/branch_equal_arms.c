/* Diamonds whose arms hold equal code, to be hoisted above or sunk below the branch: equal loads, stores and calls, equal
 * ones in another order, equal up to an operand, and equal ones that something between keeps in the arms. */
#include "certify.h"

static uint32_t journal;
static int32_t shared[4];

static NOINLINE int32_t touch(int32_t value) {
    journal = journal * 13u + (uint32_t)value;
    shared[3]++;
    return value + shared[3];
}

static NOINLINE int32_t look(const int32_t *at) { return *at * 2 + 1; }

/* Everything is equal but one constant, deep in the arm. */
static int32_t one_constant(const int32_t *from, int condition) {
    int32_t result;
    if (condition) {
        int32_t sum = from[0] + from[1];
        int32_t product = sum * from[2];
        result = product ^ (sum - 17);
        result += look(from + 1);
    } else {
        int32_t sum = from[0] + from[1];
        int32_t product = sum * from[2];
        result = product ^ (sum - 18);
        result += look(from + 1);
    }
    return result * 3;
}

/* The same two stores and loads; in one arm the load comes first. */
static NOINLINE int32_t load_order(int32_t *to, const int32_t *from, int condition) {
    int32_t loaded;
    if (condition) {
        loaded = *from;
        *to = 70;
        loaded += shared[0];
    } else {
        *to = 70;
        loaded = *from;
        loaded += shared[0];
    }
    return loaded;
}

static NOINLINE void store_order(int32_t *first, int32_t *second, int32_t value, int condition) {
    if (condition) {
        *first = value;
        *second = value + 1;
    } else {
        *second = value + 1;
        *first = value;
    }
}

/* The same calls in both arms, in the other order; only the middle one is at the same place. */
static int32_t call_order(int32_t value, int condition) {
    int32_t a, b, c;
    if (condition > 0) {
        a = touch(value);
        b = touch(5);
        c = touch(value * 2);
    } else {
        c = touch(value * 2);
        b = touch(5);
        a = touch(value);
    }
    return a * 10000 + b * 100 + c;
}

/* Equal tails, one of which is reached over a store that the load in it must see. */
static NOINLINE int32_t barrier(int condition, int32_t value) {
    int32_t result;
    if (condition == 1) {
        result = shared[1] * 2;
        shared[1] = value;
        result += look(&shared[1]);
    } else if (condition == 2) {
        shared[1] = value;
        result = shared[1] * 2;
        result += look(&shared[1]);
    } else {
        result = shared[1] * 2;
        result += look(&shared[1]);
        shared[1] = value;
    }
    return result;
}

/* Operands exchanged: the same for a sum, not for a difference or a comparison. */
static uint32_t exchanged(uint32_t a, uint32_t b, int condition) {
    uint32_t sum, difference, order;
    if (condition) {
        sum = a * 3u + b;
        difference = a - b;
        order = a < b;
    } else {
        sum = b + a * 3u;
        difference = b - a;
        order = b < a;
    }
    return sum ^ difference * 5u ^ order << 31;
}

/* A four-way join, with three equal arms, and a division that only these may run. */
static int32_t four_arms(int selector, int32_t value, int32_t divisor) {
    int32_t result = 1;
    switch (selector) {
    case 0: result += touch(value); result += value / divisor; break;
    case 1: result += touch(value); result -= value / divisor; break;
    case 2: result -= touch(value); result += value / divisor; break;
    default: result += touch(value); break;
    }
    return result;
}

PROGRAM(branch_equal_arms) {
    for (int32_t round = 0; round < 60; round++) {
        volatile int32_t a = round * 7 - 100, b = 3 - round, c = round % 5;
        int32_t from[3] = {a, b, c}, condition = round & 1;
        int32_t expected = (((a + b) * c) ^ (a + b - 18 + condition)) + b * 2 + 1;
        CHECK(one_constant(from, opaque_int(condition)) == expected * 3 && one_constant(from, 1 - opaque_int(!condition)) == expected * 3);

        /* The places may be the same, and then the order is what is seen. */
        int32_t cells[2] = {a, b};
        shared[0] = 4;
        unsigned same = (unsigned)round / 2 & 1;
        int32_t loaded = load_order(cells, cells + opaque_unsigned(same), opaque_int(condition));
        CHECK(loaded == (same ? b : condition ? a : 70) + 4 && cells[0] == 70 && cells[1] == b);
        shared[0] = 4;
        loaded = load_order(shared, cells, opaque_int(condition));
        CHECK(loaded == 70 + 70 && shared[0] == 70);
        loaded = load_order(cells + 1, (const int32_t *)opaque_pointer(shared), opaque_int(condition));
        CHECK(loaded == 140 && cells[1] == 70);
        store_order(cells, cells + opaque_unsigned(same), a, opaque_int(condition));
        CHECK(cells[0] == (same ? a : a + condition) && cells[1] == (same ? a + 1 : 70));

        journal = 1;
        shared[3] = round;
        int32_t result = call_order(b, opaque_int(condition));
        uint32_t first = (uint32_t)(condition ? b : b + b), last = (uint32_t)(condition ? b + b : b);
        CHECK(journal == (((13u + first) * 13u + 5u) * 13u + last) && shared[3] == round + 3);
        CHECK(result == (b + round + (condition ? 1 : 3)) * 10000 + (7 + round) * 100 + b + b + round + (condition ? 3 : 1));

        for (int way = 0; way < 3; way++) {
            shared[1] = a;
            int32_t seen = way == 1 ? 2 * a + 2 * c + 1 : way == 2 ? 4 * c + 1 : 4 * a + 1;
            CHECK(barrier(opaque_int(way), c) == seen && shared[1] == c);
        }
        uint32_t x = (uint32_t)a * 0x9E3779B9u, y = (uint32_t)b << (round % 20);
        uint32_t low = condition ? x : y, high = condition ? y : x;
        CHECK(exchanged(x, y, opaque_int(condition)) == ((x + x + x + y) ^ (low - high) * 5u ^ (low < high ? 0x80000000u : 0u)));

        shared[3] = 0;
        CHECK(four_arms(opaque_int(3), a, opaque_int(0)) == a + 2 && four_arms(opaque_int(-1), a, 0) == a + 3);
        CHECK(four_arms(opaque_int(0), a, opaque_int(9)) == a + 4 + a / 9 && four_arms(opaque_int(1), a, 9) == a + 5 - a / 9);
        CHECK(four_arms(opaque_int(2), a, opaque_int(-9)) == 1 - a - 5 - a / 9 && shared[3] == 5);
    }
}
