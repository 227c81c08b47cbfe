/* Conditions with side effects, in while, for and do loops: how often they run, in which order with the body, and what
 * they leave behind. The same loop is written tested first, tested last, and rotated by hand. */
#include "certify.h"

static uint32_t journal;
static int asked;

static NOINLINE int ask(int left) {
    asked++;
    journal = journal * 7u + 1;
    return left;
}

static void act(unsigned value) { journal = journal * 7u + 2 + value % 5; }

static int tested_first(int left) {
    int trips = 0;
    while (ask(left--) > 0) {
        act((unsigned)trips);
        trips++;
    }
    return trips * 100 + left;
}

static int tested_last(int left) {
    int trips = 0;
    if (ask(left--) > 0) {
        do {
            act((unsigned)trips++);
        } while (ask(left--) > 0);
    }
    return trips * 100 + left;
}

static int tested_inside(int left) {
    int trips = 0;
    for (;; trips++) {
        int more = ask(left);
        left--;
        if (more <= 0)
            return trips * 100 + left;
        act((unsigned)trips);
    }
}

/* At least one trip, whatever the condition says. */
static NOINLINE unsigned digits_backward(uint32_t value, char *text) {
    unsigned length = 0;
    do
        text[length++] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    return length;
}

static unsigned lowest_bits(uint32_t value, uint8_t *positions) {
    unsigned count = 0, position = 0;
    while (value) {
        while (!(value & 1) && ++position)
            value >>= 1;
        positions[count++] = (uint8_t)position++;
        value >>= 1;
    }
    return count;
}

/* Both parts of the condition step a pointer; the second only after the first held. */
static NOINLINE const uint8_t *two_steps(const uint8_t *left, const uint8_t *right, unsigned limit, unsigned *compared) {
    *compared = 0;
    while (limit-- > 0 && *left++ == *right++ && ++*compared)
        ;
    return left;
}

/* A condition that is an assignment, a comma and a call. */
static uint32_t generator(uint32_t *state) { return *state = *state * 1103515245u + 12345u, *state >> 16 & 0xFFu; }

static unsigned until_repeat(uint32_t state, uint8_t *seen, uint32_t *last) {
    unsigned trips = 0;
    uint32_t value;
    while (value = generator(&state), *last = value, !seen[value]) {
        seen[value] = 1;
        trips++;
    }
    return trips;
}

/* A continue in a do loop goes to the condition, not to the top. */
static int continue_to_condition(int start, int *skipped) {
    int value = start, sum = 0;
    *skipped = 0;
    do {
        if (value % 3 == 0) {
            ++*skipped;
            continue;
        }
        sum += value;
    } while ((value -= 1) > 0 && ask(1));
    return sum;
}

PROGRAM(loop_rotated_conditions) {
    for (int left = -2; left < 20; left++) {
        int trips = left > 0 ? left : 0, result = trips * 100 + left - trips - 1;
        uint32_t expected = 9;
        for (int trip = 0; trip < trips; trip++)
            expected = (expected * 7u + 1) * 7u + 2 + (unsigned)trip % 5;
        expected = expected * 7u + 1;
        int (*const forms[])(int) = {tested_first, tested_last, tested_inside};
        for (int form = 0; form < 3; form++) {
            journal = 9;
            asked = 0;
            CHECK(forms[opaque_int(form)](opaque_int(left)) == result);
            CHECK(asked == trips + 1 && journal == expected);
        }
        asked = 0;
        CHECK(tested_first(left) == tested_inside(left) && tested_last(left) == result && asked == 3 * (trips + 1));
    }
    char text[12];
    uint32_t power = 1;
    for (unsigned length = 1; length <= 10; length++, power *= 10) {
        CHECK(digits_backward(opaque_unsigned(power), text) == length && text[length - 1] == '1');
        CHECK(digits_backward(opaque_unsigned(power - 1), text) == (length > 1 ? length - 1 : 1) && text[0] == (length > 1 ? '9' : '0'));
    }
    CHECK(digits_backward(opaque_unsigned(4294967295u), text) == 10 && text[0] == '5' && text[9] == '4' && text[4] == '6');
    uint32_t random = 6;
    for (int round = 0; round < 60; round++) {
        uint8_t positions[32];
        uint32_t value = round ? round < 33 ? 0x80000000u >> (round - 1) : random & random << 9 : 0, rebuilt = 0;
        unsigned count = lowest_bits(opaque_unsigned(value), positions);
        for (unsigned index = 0; index < count; index++) {
            CHECK(positions[index] < 32 && (index == 0 || positions[index] > positions[index - 1]));
            rebuilt |= 1u << positions[index];
        }
        CHECK(rebuilt == value);
        random = random * 1664525u + 1013904223u;
    }
    static const uint8_t left[] = {1, 2, 3, 4, 5, 6}, right[] = {1, 2, 3, 9, 5, 6};
    for (unsigned limit = 0; limit <= 6; limit++) {
        unsigned compared;
        const uint8_t *end = two_steps(left, right, opaque_unsigned(limit), &compared);
        CHECK(end - left == (limit < 4 ? (int)limit : 4) && compared == (limit < 3 ? limit : 3));
        CHECK(two_steps(left, left, opaque_unsigned(limit), &compared) == left + limit && compared == limit);
    }
    for (uint32_t seed = 0; seed < 20; seed++) {
        uint8_t seen[256] = {0};
        volatile uint8_t order[257];
        uint32_t last, state = seed * 99991u;
        unsigned trips = until_repeat(opaque_unsigned(seed * 99991u), seen, &last), same = 0;
        for (unsigned trip = 0; trip <= trips; trip++) {
            order[trip] = (uint8_t)generator(&state);
            for (unsigned other = 0; other < trip; other++)
                same += order[other] == order[trip];
        }
        CHECK(same == 1 && order[trips] == last && seen[last] == 1);
    }
    for (int start = -1; start < 15; start++) {
        int skipped, expected = 0, multiples = 0;
        for (int value = start; value > 0; value--)
            expected += value % 3 ? value : 0, multiples += value % 3 == 0;
        asked = 0;
        int sum = continue_to_condition(opaque_int(start), &skipped);
        CHECK(sum == (start > 0 ? expected : start) && skipped == (start > 0 ? multiples : start == 0));
        CHECK(asked == (start > 1 ? start - 1 : 0));
    }
}
