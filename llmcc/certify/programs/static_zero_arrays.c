/* Large arrays that start as zeros: read before any write, filled in part, cleared in part, and never written at all. */
#include "certify.h"

enum { LIMIT = 3000, BUCKETS = 251 };

static uint8_t composite[LIMIT];
static int32_t histogram[256];
static int64_t sums[128];
static uint16_t chain_next[BUCKETS + 1], chain_head[BUCKETS];
static struct {
    int16_t key;
    int8_t used;
    uint32_t value;
} slots[200];
static int32_t never_written[500];
static double cells[16][16];
static const uint8_t constant_zeros[300];

static unsigned sieve(void) {
    unsigned primes = 0;
    for (unsigned n = 2; n < LIMIT; n++) {
        if (composite[n])
            continue;
        primes++;
        for (unsigned multiple = n * n; multiple < LIMIT; multiple += n)
            composite[multiple] = 1;
    }
    return primes;
}

static NOINLINE void count_values(const uint8_t *bytes, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        histogram[bytes[i]]++;
        sums[bytes[i] / 2] += (int64_t)bytes[i] << 30;
    }
}

/* Open addressing; a slot of zeros is a free one. */
static NOINLINE uint32_t *slot_of(int key) {
    unsigned at = (unsigned)(key * 37 + 1000) % 200;
    for (unsigned probes = 0; probes < 200; probes++, at = (at + 1) % 200) {
        if (!slots[at].used) {
            slots[at].used = 1;
            slots[at].key = (int16_t)key;
            return &slots[at].value;
        }
        if (slots[at].key == key)
            return &slots[at].value;
    }
    return 0;
}

static NOINLINE int64_t sum_never(unsigned from, unsigned to, int64_t start) {
    for (unsigned i = from; i < to; i++)
        start = start * 3 + never_written[i] + constant_zeros[i % 300];
    return start;
}

/* Three ways to clear: by bytes, by element, downwards with a gap that stays. */
static NOINLINE void clear_histogram(void) {
    for (int i = 0; i < 256; i++)
        histogram[i] = 0;
}
static NOINLINE void clear_sums(void) {
    unsigned char *bytes = (unsigned char *)sums;
    for (size_t i = 0; i < sizeof sums; i++)
        bytes[i] = 0;
}
static NOINLINE void clear_cells(int kept) {
    for (int i = 15; i >= 0; i--)
        for (int j = 0; j < 16; j++)
            if (i != kept)
                cells[i][j] = 0;
}

PROGRAM(static_zero_arrays) {
    unsigned checked = 0;
    for (unsigned i = 0; i < 256; i++)
        CHECK(histogram[i] == 0 && sums[i / 2] == 0 && cells[i / 16][i % 16] == 0 && composite[i * 11] == 0);
    for (unsigned i = 0; i < 200; i++)
        CHECK(!slots[i].used && slots[i].key == 0 && slots[opaque_unsigned(i)].value == 0);
    CHECK(sieve() == 430 && composite[2991] && !composite[opaque_int(2999)] && composite[0] == 0);
    CHECK(sieve() == 430);
    for (unsigned n = 2; n < 200; n++) {
        unsigned divisor = 2;
        while (n % divisor)
            divisor++;
        CHECK(composite[opaque_unsigned(n)] == (divisor != n));
        checked++;
    }
    uint8_t bytes[100];
    for (int round = 0; round < 3; round++) {
        unsigned count = opaque_unsigned(100u - (unsigned)round * 40);
        for (unsigned i = 0; i < 100; i++)
            bytes[i] = (uint8_t)(i * i * (unsigned)(round + 1));
        count_values(bytes, count);
        for (int value = 0; value < 256; value++) {
            int32_t times = 0, pair = 0;
            for (unsigned i = 0; i < count; i++) {
                times += bytes[i] == value;
                pair += bytes[i] == (value ^ 1);
            }
            CHECK(histogram[value] == times);
            CHECK(sums[value / 2] == (((int64_t)times * value + (int64_t)pair * (value ^ 1)) << 30));
            checked++;
        }
        clear_histogram();
        CHECK(histogram[0] == 0 && histogram[255] == 0 && sums[bytes[0] / 2] == sums[opaque_int(0)]);
        clear_sums();
        for (int i = 0; i < 128; i++)
            CHECK(sums[opaque_int(i)] == 0);
        checked++;
    }
    for (unsigned i = 1; i <= BUCKETS; i++) {
        unsigned bucket = i * i % BUCKETS;
        chain_next[i] = chain_head[bucket];
        chain_head[bucket] = (uint16_t)i;
        checked++;
    }
    unsigned empty = 0, single = 0, linked = 0;
    for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
        unsigned length = 0;
        for (unsigned i = chain_head[bucket]; i; i = chain_next[i], length++)
            CHECK(i * i % BUCKETS == bucket);
        empty += length == 0;
        single += length == 1;
        linked += length;
        checked++;
    }
    /* A prime has as many squares as others; only 0 has one root. */
    CHECK(empty == BUCKETS / 2 && single == 1 && linked == BUCKETS);

    for (int key = -60; key < 60; key++)
        *slot_of(opaque_int(key)) += (uint32_t)(key * key);
    for (int key = -60; key < 60; key += 2)
        *slot_of(key) *= 3;
    unsigned used = 0;
    for (unsigned i = 0; i < 200; i++)
        used += (unsigned)slots[i].used;
    CHECK(used == 120);
    for (int key = -60; key < 60; key++)
        CHECK(*slot_of(opaque_int(key)) == (uint32_t)(key * key) * (key % 2 ? 1 : 3));
    CHECK(sum_never(0, opaque_unsigned(500), 0) == 0 && sum_never(opaque_unsigned(490), 500, 2) == 2 * 59049);
    CHECK(sum_never(3, 3, -8) == -8 && never_written[opaque_int(250)] == 0 && constant_zeros[opaque_int(299)] == 0);
    for (int i = 0; i < 256; i++)
        cells[i / 16][i % 16] = opaque_int(i) - 0.5;
    clear_cells(opaque_int(7));
    for (int i = 0; i < 256; i++)
        CHECK(cells[opaque_int(i) / 16][i % 16] == (i / 16 == 7 ? i - 0.5 : 0));

    clear_cells(-1);
    for (unsigned i = 0; i < LIMIT; i++)
        composite[i] = 0;
    for (unsigned i = 0; i < 200; i++)
        slots[i].used = 0, slots[i].key = 0, slots[i].value = 0;
    for (unsigned i = 0; i < BUCKETS; i++)
        chain_head[i] = 0;
    /* No loop was left out. */
    CHECK(checked == 1471);
}
