/* Unsigned counters that wrap on purpose: up past the greatest value, down past zero, by steps that return to the start
 * only after several rounds, in every width. */
#include "certify.h"

static unsigned period8(uint8_t start, uint8_t step) {
    uint8_t at = start;
    unsigned trips = 0;
    do {
        at = (uint8_t)(at + step);
        trips++;
    } while (at != start);
    return trips;
}

static unsigned period16(uint16_t start, uint16_t step) {
    uint16_t at = start;
    unsigned trips = 0;
    do {
        at = (uint16_t)(at + step);
        trips++;
    } while (at != start);
    return trips;
}

/* Ends because the counter is small again. */
static NOINLINE uint32_t up_until_small(uint32_t start, uint32_t *last) {
    uint32_t trips = 0, at;
    for (at = start; at >= start; at++)
        trips++;
    *last = at;
    return trips;
}

static uint32_t down_past_zero(uint32_t start, uint32_t *sum) {
    uint32_t trips = 0;
    *sum = 0;
    for (uint32_t at = start; at <= start; at--) {
        *sum += at;
        trips++;
    }
    return trips;
}

static uint64_t down_past_zero64(uint64_t start, uint64_t step, uint64_t *last) {
    uint64_t trips = 0, at = start;
    while (at <= start) {
        trips++;
        at -= step;
    }
    *last = at;
    return trips;
}

static NOINLINE uint32_t until_equal(uint32_t start, uint32_t end, uint32_t step, uint32_t *mixed) {
    uint32_t trips = 0, hash = 0;
    for (uint32_t at = start; at != end; at += step) {
        hash = hash * 3u + (at >> 28);
        trips++;
    }
    *mixed = hash;
    return trips;
}

static uint64_t until_equal64(uint64_t start, uint64_t end, uint64_t *sum) {
    uint64_t trips = 0;
    *sum = 0;
    for (uint64_t at = start; at != end; ++at, ++trips)
        *sum ^= at;
    return trips;
}

/* The index wraps in eight bits while the trip count does not. */
static uint32_t ring(const uint8_t *table, unsigned trips, uint8_t start, uint8_t stride) {
    uint32_t hash = 0;
    uint8_t at = start;
    for (unsigned trip = 0; trip < trips; trip++) {
        hash = hash * 5u + table[at];
        at = (uint8_t)(at + stride);
    }
    return hash;
}

static uint32_t ring_plain(const volatile uint8_t *table, unsigned trips, unsigned start, unsigned stride) {
    uint32_t hash = 0;
    for (unsigned trip = 0; trip < trips; trip++)
        hash = hash * 5u + table[(start + trip * stride) % 256];
    return hash;
}

/* Not entered at all when the limit is the least value, and the bound is not one more than the last. */
static unsigned inclusive8(uint8_t first, uint8_t last) {
    unsigned sum = 0;
    if (first > last)
        return 0;
    for (uint8_t at = first;; at++) {
        sum += at + 1u;
        if (at == last)
            break;
    }
    return sum;
}

static unsigned power_of_two_in(unsigned step, unsigned limit) {
    unsigned power = 1;
    while (power < limit && step % 2 == 0) {
        step /= 2;
        power *= 2;
    }
    return power;
}

PROGRAM(loop_counter_wrap) {
    for (unsigned step = 1; step < 256; step += 5)
        for (unsigned start = 0; start < 256; start += 85)
            CHECK(period8((uint8_t)opaque_unsigned(start), (uint8_t)opaque_unsigned(step)) == 256 / power_of_two_in(step, 256));
    for (unsigned step = 64; step < 65536; step += 1984)
        CHECK(period16((uint16_t)opaque_unsigned(step / 3), (uint16_t)opaque_unsigned(step)) == 65536 / power_of_two_in(step, 65536));
    CHECK(period8(7, 0) == 1 && period8(9, (uint8_t)opaque_unsigned(255)) == 256 && period16(1, (uint16_t)opaque_unsigned(0xFF00)) == 256);
    for (uint32_t distance = 1; distance < 40; distance += 3) {
        uint32_t last, sum, mixed;
        uint64_t last64;
        CHECK(up_until_small(opaque_unsigned(0u - distance), &last) == distance && last == 0);
        CHECK(down_past_zero(opaque_unsigned(distance), &sum) == distance + 1 && sum == distance * (distance + 1) / 2);
        CHECK(down_past_zero(distance, &sum) == distance + 1);
        uint64_t step = distance / 2 + 1;
        CHECK(down_past_zero64(opaque_uint64(distance), step, &last64) == distance / step + 1);
        CHECK(last64 == distance % step - step);
        CHECK(until_equal(opaque_unsigned(0u - distance), distance, 1, &mixed) == distance * 2);
        uint32_t hash = 0;
        for (uint32_t trip = 0; trip < distance * 2; trip++)
            hash = hash * 3u + (trip < distance ? 15u : 0u);
        CHECK(mixed == hash);
        CHECK(until_equal(0u - distance * 7u, opaque_unsigned(distance * 7u), 7, &mixed) == distance * 2 && mixed == hash);
        /* Three steps of 2^23 at a time meet an end four away only after going round: 3 * 172 = 516 = 512 + 4. */
        CHECK(until_equal(opaque_unsigned(distance << 24), (distance << 24) + 0x2000000u, 0x1800000u, &mixed) == 172);
        hash = 0;
        for (uint32_t trip = 0; trip < 172; trip++)
            hash = hash * 3u + (distance * 2 + trip * 3) / 32 % 16;
        CHECK(mixed == hash);
        CHECK(until_equal64(opaque_uint64(0u - (uint64_t)distance), distance, &last64) == distance * 2);
        uint64_t folded = 0;
        for (uint64_t trip = 0; trip < distance * 2; trip++)
            folded ^= trip - distance;
        CHECK(last64 == folded);
    }
    static uint8_t table[256];
    for (unsigned index = 0; index < 256; index++)
        table[index] = (uint8_t)(index * 167u + 13u);
    for (unsigned trips = 0; trips < 700; trips += 87)
        for (unsigned stride = 1; stride < 256; stride += 63)
            CHECK(ring(table, opaque_unsigned(trips), (uint8_t)(trips * 3), (uint8_t)stride) == ring_plain(table, trips, trips * 3, stride));
    CHECK(inclusive8((uint8_t)opaque_unsigned(0), 255) == 256 * 257 / 2 && inclusive8(250, (uint8_t)opaque_unsigned(255)) == 251 + 252 + 253 + 254 + 255 + 256);
    CHECK(inclusive8((uint8_t)opaque_unsigned(5), 5) == 6 && inclusive8((uint8_t)opaque_unsigned(6), 5) == 0 && inclusive8(0, (uint8_t)opaque_unsigned(0)) == 1);
}
