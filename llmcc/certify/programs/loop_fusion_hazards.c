/* Neighbouring loops of the same trip count that must not become one: the second reads what the first writes later,
 * the first may stop early, a scalar of the first is complete only at its end, or the arrays overlap at run time. Beside
 * each is a pair that may be fused. */
#include "certify.h"

enum { SIZE = 40 };
static int32_t a[SIZE + 8], b[SIZE + 8], c[SIZE + 8];

static void reset(void) {
    for (int index = 0; index < SIZE + 8; index++) {
        a[index] = index * index + 1;
        b[index] = -7 * index;
        c[index] = 1000 + index;
    }
}

static int32_t old_a(int index) { return opaque_int(index) * index + 1; }
static int32_t old_b(int index) { return opaque_int(index) * -7; }

static NOINLINE void fusable(int count) {
    for (int index = 0; index < count; index++)
        a[index] = b[index] * 2;
    for (int index = 0; index < count; index++)
        c[index] = a[index] + 5;
}

/* The second loop needs the next element of the first. */
static NOINLINE void reads_next(int count) {
    for (int index = 0; index < count; index++)
        a[index] = b[index] * 2;
    for (int index = 0; index < count; index++)
        c[index] = a[index + 1] + 5;
}

/* The first loop needs the next element before the second overwrites it. */
static NOINLINE void overwrites_next(int count) {
    for (int index = 0; index < count; index++)
        c[index] = a[index] + 5;
    for (int index = 0; index < count; index++)
        a[index + 1] = b[index] * 2;
}

static NOINLINE void reads_previous(int count) {
    for (int index = 0; index < count; index++)
        a[index + 1] = b[index] * 2;
    for (int index = 0; index < count; index++)
        c[index] = a[index] + 5;
}

static NOINLINE void reversed(int count) {
    for (int index = 0; index < count; index++)
        a[index] = b[index] * 2;
    for (int index = 0; index < count; index++)
        c[index] = a[count - 1 - index] + 5;
}

/* The largest is known only after the whole first loop. */
static NOINLINE int32_t normalise(int count) {
    int32_t largest = 0;
    for (int index = 0; index < count; index++)
        if (a[index] > largest)
            largest = a[index];
    for (int index = 0; index < count; index++)
        c[index] = largest - a[index];
    return largest;
}

static NOINLINE int stops_early(int count, int32_t stop) {
    int marked = 0;
    for (int index = 0; index < count; index++) {
        if (a[index] == stop)
            break;
        b[index] = 0;
    }
    for (int index = 0; index < count; index++) {
        c[index] = b[index];
        marked += b[index] == 0;
    }
    return marked;
}

/* A store between the loops that both see. */
static NOINLINE void between(int count, int place) {
    for (int index = 0; index < count; index++)
        a[index] += 1;
    a[place] = 0;
    for (int index = 0; index < count; index++)
        a[index] *= 2;
}

/* Three arrays that may be one, shifted. */
static NOINLINE void through_pointers(int32_t *first, int32_t *second, const int32_t *third, int count) {
    for (int index = 0; index < count; index++)
        first[index] = second[index] + 1;
    for (int index = 0; index < count; index++)
        second[index] = third[index] % 1000 * 3;
}

/* Trip counts that differ by one, and a guard that only one loop has. */
static NOINLINE int unequal(int count, int second_too) {
    int sum = 0;
    for (int index = 0; index < count; index++)
        sum = sum * 3 % 10007 + a[index];
    if (second_too)
        for (int index = 0; index <= count; index++)
            sum = sum * 5 % 10007 + a[index];
    return sum;
}

PROGRAM(loop_fusion_hazards) {
    for (int count = 0; count <= SIZE; count += 1 + count / 6) {
        int trips = opaque_int(count);
        reset();
        fusable(trips);
        for (int index = 0; index < SIZE + 8; index++)
            CHECK(c[index] == (index < count ? 2 * old_b(index) + 5 : 1000 + index) && a[index] == (index < count ? 2 * old_b(index) : old_a(index)));
        reset();
        reads_next(trips);
        for (int index = 0; index < SIZE + 8; index++)
            CHECK(c[index] == (index >= count ? 1000 + index : (index + 1 < count ? 2 * old_b(index + 1) : old_a(index + 1)) + 5));
        reset();
        overwrites_next(trips);
        for (int index = 0; index < SIZE + 8; index++)
            CHECK(c[index] == (index < count ? old_a(index) + 5 : 1000 + index) && a[index] == (index > 0 && index <= count ? 2 * old_b(index - 1) : old_a(index)));
        reset();
        reads_previous(trips);
        for (int index = 0; index < SIZE + 8; index++)
            CHECK(c[index] == (index >= count ? 1000 + index : (index ? 2 * old_b(index - 1) : 1) + 5));
        reset();
        reversed(trips);
        for (int index = 0; index < SIZE + 8; index++)
            CHECK(c[index] == (index < count ? 2 * old_b(count - 1 - index) + 5 : 1000 + index));
        reset();
        int32_t largest = count ? old_a(count - 1) : 0;
        CHECK(normalise(trips) == largest);
        for (int index = 0; index < SIZE + 8; index++)
            CHECK(c[index] == (index < count ? largest - old_a(index) : 1000 + index));
        for (int stop = 0; stop < SIZE; stop += 7) {
            reset();
            int reached = stop < count ? stop : count;
            CHECK(stops_early(trips, old_a(stop)) == reached + (reached == 0 && count > 0));
            for (int index = 0; index < count; index++)
                CHECK(c[index] == (index < stop ? 0 : old_b(index)));
            reset();
            between(trips, opaque_int(stop));
            for (int index = 0; index < SIZE + 8; index++)
                CHECK(a[index] == (index == stop ? 0 : index < count ? 2 * old_a(index) + 2 : old_a(index)));
        }
        int sum = 0;
        for (int step = 0; step <= 2 * count; step++)
            sum = sum * (step < count ? 3 : 5) % 10007 + old_a(step < count ? step : step - count);
        reset();
        CHECK(unequal(trips, opaque_int(1)) == sum);
    }
    for (int shift = -3; shift <= 3; shift++)
        for (int other = -3; other <= 3; other++) {
            static volatile int32_t model[SIZE + 8];
            reset();
            for (int index = 0; index < SIZE + 8; index++)
                model[index] = a[index];
            for (int trip = 0; trip < 50; trip++) {
                int index = 4 + trip % 25;
                if (trip < 25)
                    model[index + shift] = model[index] + 1;
                else
                    model[index] = model[index + other] % 1000 * 3;
            }
            through_pointers(a + 4 + opaque_int(shift), a + 4, a + 4 + opaque_int(other), 25);
            for (int index = 0; index < SIZE + 8; index++)
                CHECK(a[index] == model[index]);
        }
}
