/* A cache with least recently used replacement, as a doubly linked list with hash chains and as a matrix of who was used
 * after whom, with clean and dirty entries over a backing store, against time stamps searched in full. */
#include "certify.h"

enum { WAYS = 8, BUCKETS = 4, PAGES = 40, NONE = 255 };

struct entry {
    uint8_t page, dirty, next, previous, chain;
    uint16_t data;
};

static struct cache {
    struct entry entries[WAYS];
    uint8_t newest, oldest, used, buckets[BUCKETS];
    unsigned hits, misses, written;
    uint16_t *store;
} cache;

static unsigned bucket_of(unsigned page) { return (page * 7 + page / 8) % BUCKETS; }

static void take_out(struct cache *c, unsigned e) {
    unsigned next = c->entries[e].next, previous = c->entries[e].previous;
    if (next == NONE)
        c->oldest = (uint8_t)previous;
    else
        c->entries[next].previous = (uint8_t)previous;
    if (previous == NONE)
        c->newest = (uint8_t)next;
    else
        c->entries[previous].next = (uint8_t)next;
}

static void to_front(struct cache *c, unsigned e) {
    c->entries[e].previous = NONE;
    c->entries[e].next = c->newest;
    if (c->newest == NONE)
        c->oldest = (uint8_t)e;
    else
        c->entries[c->newest].previous = (uint8_t)e;
    c->newest = (uint8_t)e;
}

static void unchain(struct cache *c, unsigned e) {
    uint8_t *link = &c->buckets[bucket_of(c->entries[e].page)];
    while (*link != e) link = &c->entries[*link].chain;
    *link = c->entries[e].chain;
}

static void write_back(struct cache *c, struct entry *e) {
    if (!e->dirty) return;
    c->store[e->page] = e->data;
    c->written++;
    e->dirty = 0;
}

static struct entry *cache_get(struct cache *c, unsigned page) {
    unsigned bucket = bucket_of(page), e = c->buckets[bucket];
    while (e != NONE && c->entries[e].page != page) e = c->entries[e].chain;
    if (e != NONE) {
        c->hits++;
        if (e != c->newest) {
            take_out(c, e);
            to_front(c, e);
        }
        return &c->entries[e];
    }
    c->misses++;
    if (c->used < WAYS) {
        e = c->used++;
    } else {
        e = c->oldest;
        write_back(c, &c->entries[e]);
        unchain(c, e);
        take_out(c, e);
    }
    c->entries[e].page = (uint8_t)page;
    c->entries[e].dirty = 0;
    c->entries[e].data = c->store[page];
    c->entries[e].chain = c->buckets[bucket];
    c->buckets[bucket] = (uint8_t)e;
    to_front(c, e);
    return &c->entries[e];
}

static void cache_flush(struct cache *c) {
    for (unsigned e = c->oldest; e != NONE; e = c->entries[e].previous) write_back(c, &c->entries[e]);
}

/* Row i, bit j: way i was used after way j. The oldest has an empty row. */
static struct {
    uint8_t rows[WAYS], page[WAYS];
    unsigned hits;
} matrix;

static unsigned matrix_touch(unsigned page) {
    unsigned way = 0, empty;
    for (; way < WAYS && matrix.page[way] != page; way++) ;
    if (way < WAYS) {
        matrix.hits++;
    } else {
        for (way = empty = 0; way < WAYS && matrix.page[way] != NONE; way++)
            if (matrix.rows[way] == 0) empty = way;
        if (way == WAYS) way = empty;
        matrix.page[way] = (uint8_t)page;
    }
    for (unsigned i = 0; i < WAYS; i++) matrix.rows[i] &= (uint8_t)~(1U << way);
    matrix.rows[way] = (uint8_t)(0xff & ~(1U << way));
    return way;
}

PROGRAM(app_lru) {
    static uint16_t store[PAGES], truth[PAGES];
    static uint32_t stamp[PAGES];
    uint32_t state = opaque_unsigned(77), hits = 0, sum = 0;
    cache.newest = cache.oldest = NONE, cache.used = 0, cache.store = store;
    cache.hits = cache.misses = cache.written = matrix.hits = 0;
    __builtin_memset(cache.buckets, NONE, sizeof cache.buckets);
    __builtin_memset(matrix.page, NONE, sizeof matrix.page);
    __builtin_memset(matrix.rows, 0, sizeof matrix.rows);
    for (unsigned i = 0; i < PAGES; i++) store[i] = truth[i] = (uint16_t)(i * 1001), stamp[i] = 0;
    for (uint32_t now = 1; now <= 600; now++) {
        state = state * 1103515245 + 12345;
        unsigned page = state >> 30 ? (state >> 20) % 11 : (state >> 20) % PAGES, newer = 0;
        page = (page + now / 150 * 9) % PAGES;
        for (unsigned i = 0; i < PAGES; i++) newer += stamp[i] > stamp[page];
        hits += stamp[page] != 0 && newer < WAYS;
        struct entry *e = cache_get(&cache, opaque_unsigned(page));
        CHECK(e->page == page && e->data == truth[page] && cache.hits == hits && cache.misses == now - hits);
        unsigned way = matrix_touch(page);
        CHECK(matrix.hits == hits && &cache.entries[way] == e);
        stamp[page] = now;
        if (state >> 12 & 1) {
            e->data = truth[page] = (uint16_t)(state >> 8);
            e->dirty = 1;
        }
        /* The list runs from the newest to the oldest, and back. */
        unsigned length = 0, at = cache.newest, before = NONE;
        for (; at != NONE; before = at, at = cache.entries[at].next, length++) {
            CHECK(cache.entries[at].previous == before);
            CHECK(before == NONE || stamp[cache.entries[before].page] > stamp[cache.entries[at].page]);
            CHECK((unsigned)__builtin_popcount(matrix.rows[at]) == WAYS - 1 - length || cache.used < WAYS);
        }
        CHECK(length == cache.used && before == cache.oldest);
        sum = sum * 3 + cache.written;
    }
    cache_flush(&cache);
    for (unsigned i = 0; i < PAGES; i++) CHECK(store[i] == truth[i]);
    CHECK(hits > 250 && hits < 550);
    CHECK(sum == 1095833789);
}
