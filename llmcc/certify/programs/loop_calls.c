/* Loops with calls in them: pure ones that repeat, ones that read what the loop writes, ones that change the bound, calls
 * through pointers, recursion from a loop, and values that must survive many calls. */
#include "certify.h"

static uint32_t counter, table[16];

static NOINLINE __attribute__((const)) uint32_t mix_const(uint32_t value) { return (value ^ value >> 15) * 0x2C1B3C6Du; }
static NOINLINE __attribute__((pure)) uint32_t table_sum(unsigned count) {
    uint32_t sum = 0;
    for (unsigned index = 0; index < count; index++)
        sum += table[index];
    return sum;
}
static NOINLINE uint32_t next(void) { return counter += 3; }
static NOINLINE void poke(unsigned index, uint32_t value) { table[index & 15] ^= value; }

/* The constant call may leave the loop; the pure one only where nothing is written between. */
static uint32_t repeated(unsigned trips, uint32_t seed) {
    uint32_t hash = 0;
    for (unsigned trip = 0; trip < trips; trip++) {
        hash += mix_const(seed);
        hash = hash * 3u + table_sum(5);
        table[trip & 3] += trip;
        hash ^= table_sum(5) + table_sum(4);
    }
    return hash;
}

static uint32_t repeated_plain(unsigned trips, uint32_t seed) {
    volatile uint32_t *cells = table;
    uint32_t hash = 0;
    for (unsigned trip = 0; trip < trips; trip++) {
        uint32_t four = cells[0] + cells[1] + cells[2] + cells[3], fifth = cells[4];
        hash = (hash + (seed ^ seed / 32768u) * 0x2C1B3C6Du) * 3u + four + fifth;
        cells[trip % 4] = cells[trip % 4] + trip;
        hash ^= 2 * (four + trip) + fifth;
    }
    return hash;
}

/* The bound is a call, so that it is asked each time. */
static NOINLINE unsigned bound(unsigned limit) {
    counter++;
    return limit - counter / 4;
}

static unsigned called_bound(unsigned limit, uint32_t *sum) {
    unsigned trip;
    *sum = 0;
    for (trip = 0; trip < bound(limit); trip++)
        *sum += next();
    return trip;
}

typedef uint32_t step(uint32_t value, uint32_t *memory);
static uint32_t step_add(uint32_t value, uint32_t *memory) { return value + ++*memory; }
static uint32_t step_double(uint32_t value, uint32_t *memory) { return value * 2u + (*memory & 1); }
static uint32_t step_keep(uint32_t value, uint32_t *memory) { return *memory ^= value, value; }
static step *const steps[3] = {step_add, step_double, step_keep};

/* The function is the same for a whole inner loop, and another for the next. */
static NOINLINE uint32_t through_pointer(step *const *functions, unsigned rounds, unsigned trips, uint32_t *memory) {
    uint32_t value = 1;
    for (unsigned round = 0; round < rounds; round++) {
        step *function = functions[round % 3];
        for (unsigned trip = 0; trip < trips; trip++)
            value = function(value, memory);
    }
    return value;
}

/* Ten values live across each call. */
static uint32_t many_live(unsigned trips) {
    uint32_t a = 1, b = 2, c = 3, d = 5, e = 7, f = 11, g = 13, h = 17, i = 19, j = 23;
    for (unsigned trip = 0; trip < trips; trip++) {
        uint32_t k = next();
        a += b; b ^= c; c += d * k; d -= e; e += f;
        poke(trip, a);
        f ^= g + k; g += h; h *= 3u; i += j ^ trip; j += a;
    }
    return a + 3 * b + 5 * c + 7 * d + 11 * e + 13 * f + 17 * g + 19 * h + 23 * i + 29 * j;
}

static uint32_t many_live_array(unsigned trips) {
    volatile uint32_t v[10] = {1, 2, 3, 5, 7, 11, 13, 17, 19, 23};
    static const volatile uint8_t weights[10] = {1, 3, 5, 7, 11, 13, 17, 19, 23, 29};
    uint32_t sum = 0;
    for (unsigned trip = 0; trip < trips; trip++) {
        uint32_t k = next();
        v[0] += v[1]; v[1] ^= v[2]; v[2] += v[3] * k; v[3] -= v[4]; v[4] += v[5];
        poke(trip, v[0]);
        v[5] ^= v[6] + k; v[6] += v[7]; v[7] *= 3u; v[8] += v[9] ^ trip; v[9] += v[0];
    }
    for (unsigned index = 0; index < 10; index++)
        sum += weights[index] * v[index];
    return sum;
}

/* A loop that calls itself: all ways to write a sum of parts that do not grow. */
static unsigned partitions(unsigned total, unsigned largest) {
    unsigned ways = 0;
    if (total == 0)
        return 1;
    for (unsigned part = largest < total ? largest : total; part > 0; part--)
        ways += partitions(total - part, part);
    return ways;
}

PROGRAM(loop_calls) {
    uint32_t copy[16];
    for (unsigned trips = 0; trips < 30; trips += 3) {
        for (unsigned index = 0; index < 16; index++)
            copy[index] = table[index] = index * 1000003u + trips;
        uint32_t first = repeated(opaque_unsigned(trips), trips * 77777u), fourth = table[3];
        for (unsigned index = 0; index < 16; index++)
            table[index] = copy[index];
        CHECK(repeated_plain(trips, trips * 77777u) == first && table[3] == fourth);

        counter = 0;
        uint32_t sum, expected = 0, count = 0;
        unsigned ended = called_bound(opaque_unsigned(trips), &sum), trip = 0;
        for (;; trip++) {
            count++;
            if (trip >= trips - count / 4)
                break;
            count += 3;
            expected += count;
        }
        CHECK(ended == trip && sum == expected && counter == count);

        for (unsigned rounds = 0; rounds < 7; rounds++) {
            uint32_t memory = opaque_unsigned(9), value = 1, direct = 9;
            uint32_t result = through_pointer((step *const *)opaque_pointer(steps), rounds, trips, &memory);
            for (unsigned call = 0; call < rounds * trips; call++) {
                unsigned which = call / trips % 3;
                if (which == 0) value += direct = direct + 1;
                if (which == 1) value += value + direct % 2;
                if (which == 2) direct ^= value;
            }
            CHECK(result == value && memory == direct);
        }
        counter = trips;
        uint32_t live = many_live(opaque_unsigned(trips)), poked = table[2];
        for (unsigned index = 0; index < 16; index++)
            table[index] = copy[index];
        repeated_plain(trips, trips * 77777u);
        counter = trips;
        CHECK(many_live_array(trips) == live && table[2] == poked);
    }
    static const uint16_t known[] = {1, 1, 2, 3, 5, 7, 11, 15, 22, 30, 42, 56, 77};
    for (unsigned total = 0; total < 13; total++)
        CHECK(partitions(opaque_unsigned(total), total) == known[total] && partitions(total, opaque_unsigned(2)) == total / 2 + 1);
}
