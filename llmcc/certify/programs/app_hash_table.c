/* Open addressing with linear probing and removal by moving back, and the same with double hashing and tombstones, growing
 * and shrinking, against a plain array: results, sizes, probe invariants and iteration at each step. */
#include "certify.h"

enum { SLOTS = 64, KEYS = 48 };

struct entry {
    uint32_t key;
    int32_t value;
    uint8_t state;
};
enum { EMPTY, FULL, DEAD };

static struct entry shifted[SLOTS], marked[SLOTS];
static unsigned shifted_used, marked_used, marked_dead, marked_slots, rebuilt;
static uint32_t layout;

static uint32_t spread(uint32_t key) {
    key ^= key >> 15;
    key *= 0x2c1b3c6d;
    return key ^ key >> 12;
}

static struct entry *shifted_find(uint32_t key) {
    unsigned at = spread(key) % SLOTS;
    while (shifted[at].state == FULL && shifted[at].key != key) at = (at + 1) % SLOTS;
    return &shifted[at];
}

static int shifted_put(uint32_t key, int32_t value) {
    struct entry *e = shifted_find(key);
    int fresh = e->state == EMPTY;
    if (fresh && shifted_used == SLOTS - 1) return -1;
    e->key = key, e->value = value, e->state = FULL;
    shifted_used += (unsigned)fresh;
    return fresh;
}

static int shifted_remove(uint32_t key) {
    struct entry *e = shifted_find(key);
    if (e->state == EMPTY) return 0;
    unsigned hole = (unsigned)(e - shifted), next = hole;
    for (;;) {
        next = (next + 1) % SLOTS;
        if (shifted[next].state == EMPTY) break;
        unsigned home = spread(shifted[next].key) % SLOTS;
        /* Stays when its home lies after the hole, going round. */
        if ((next - home) % SLOTS < (next - hole) % SLOTS) continue;
        shifted[hole] = shifted[next];
        hole = next;
    }
    shifted[hole].state = EMPTY;
    shifted_used--;
    return 1;
}

/* Gives the slot of the key, or else the slot to put it in. */
static unsigned marked_probe(const struct entry *table, unsigned slots, uint32_t key) {
    uint32_t h = spread(key);
    unsigned at = h % slots, step = (h >> 8 | 1) % slots, grave = slots;
    while (table[at].state != EMPTY) {
        if (table[at].state == FULL && table[at].key == key) return at;
        if (table[at].state == DEAD && grave == slots) grave = at;
        at = (at + step) % slots;
    }
    return grave < slots ? grave : at;
}

static void marked_rebuild(unsigned slots) {
    struct entry old[SLOTS];
    unsigned old_slots = marked_slots;
    __builtin_memcpy(old, marked, sizeof old);
    __builtin_memset(marked, 0, sizeof marked);
    marked_slots = slots, marked_dead = 0, rebuilt++;
    for (unsigned i = 0; i < old_slots; i++)
        if (old[i].state == FULL) marked[marked_probe(marked, slots, old[i].key)] = old[i];
}

static int marked_put(uint32_t key, int32_t value) {
    struct entry *e = &marked[marked_probe(marked, marked_slots, key)];
    int fresh = e->state != FULL;
    if (fresh && marked_used == SLOTS * 3 / 4) return -1;
    marked_dead -= e->state == DEAD;
    e->key = key, e->value = value, e->state = FULL;
    marked_used += (unsigned)fresh;
    if (marked_used + marked_dead > marked_slots * 3 / 4)
        marked_rebuild(marked_used > marked_slots / 2 && marked_slots < SLOTS ? marked_slots * 2 : marked_slots);
    return fresh;
}

static int marked_remove(uint32_t key) {
    struct entry *e = &marked[marked_probe(marked, marked_slots, key)];
    if (e->state != FULL) return 0;
    e->state = DEAD;
    marked_used--, marked_dead++;
    if (marked_slots > 8 && marked_used < marked_slots / 4) marked_rebuild(marked_slots / 2);
    return 1;
}

static struct {
    int32_t value;
    int present;
} plain[KEYS];

static uint32_t key_of(unsigned i) { return i % 3 ? i * 0x01000193 : i; }

static void compare(unsigned used, int line) {
    int64_t sum = 0, sums[2] = {0, 0};
    for (unsigned i = 0; i < KEYS; i++) {
        const struct entry *a = shifted_find(key_of(i)), *b = &marked[marked_probe(marked, marked_slots, key_of(i))];
        if ((a->state == FULL) != plain[i].present || (b->state == FULL) != plain[i].present)
            certify_failed(line);
        if (plain[i].present && (a->value != plain[i].value || b->value != plain[i].value || b->key != a->key))
            certify_failed(line);
        sum += plain[i].present ? plain[i].value * (int64_t)key_of(i) : 0;
    }
    unsigned full = 0, dead = 0;
    for (unsigned i = 0; i < SLOTS; i++) {
        sums[0] += shifted[i].state == FULL ? shifted[i].value * (int64_t)shifted[i].key : 0;
        sums[1] += marked[i].state == FULL ? marked[i].value * (int64_t)marked[i].key : 0;
        full += marked[i].state == FULL, dead += marked[i].state == DEAD;
        layout = layout * 5 + shifted[i].state + marked[i].state * 7U;
    }
    if (sum != sums[0] || sum != sums[1] || used != shifted_used || used != full || used != marked_used || dead != marked_dead)
        certify_failed(line);
}

PROGRAM(app_hash_table) {
    uint32_t state = opaque_unsigned(31);
    unsigned used = 0, most = 0;
    marked_slots = 8, layout = 0;
    for (int turn = 0; turn < 360; turn++) {
        state = state * 1566083941 + 1;
        unsigned i = (state >> 20) % KEYS;
        int32_t value = (int32_t)(state >> 8 & 0xffff) - 30000;
        int add = (state >> 5 & 7) < (turn % 180 < 60 ? 7U : turn % 180 < 120 ? 4U : 0U);
        int changes = plain[i].present != add;
        if (add)
            CHECK(shifted_put(key_of(i), value) == changes && marked_put(key_of(i), value) == changes);
        else
            CHECK(shifted_remove(key_of(i)) == changes && marked_remove(key_of(i)) == changes);
        plain[i].present = add, plain[i].value = value;
        used += changes ? add ? 1U : -1U : 0;
        most = used > most ? used : most;
        CHECK(marked_slots >= 8 && marked_slots <= SLOTS && marked_used <= marked_slots * 3 / 4);
        if (turn % 4 == 0) compare(used, __LINE__);
    }
    CHECK(most > 30 && used < 15);
    /* Graves alone must bring a rebuild on. */
    for (uint32_t key = 5000; key < 5060; key++)
        CHECK(marked_put(key, 1) == 1 && marked_remove(key) == 1 && marked_used == used);
    CHECK(rebuilt == 8);
    for (unsigned i = 0; i < 70; i++) {
        CHECK(shifted_put(i + 100, (int32_t)i) == (used + i < SLOTS - 1 ? 1 : -1));
        CHECK(marked_put(i + 100, (int32_t)i) == (used + i < SLOTS * 3 / 4 ? 1 : -1));
    }
    CHECK(layout == 3295605414U);
    CHECK(marked_slots == SLOTS && shifted_remove(101) && marked_remove(101) && !marked_remove(1000));
}
