/* First-fit pool allocator with headers at both ends, splitting, joining and resizing, against a map of who owns each
 * unit; the heap is walked after each operation and must be one free block at the end. */
#include "certify.h"

enum { UNITS = 192, HANDLES = 12, USED = 0x8000 };

/* Each block is size, payload, size; sizes count all units of the block, the top bit says used. */
static uint16_t heap[UNITS];
static unsigned free_units, splits, joins;

static unsigned size_at(unsigned at) { return heap[at] & ~(unsigned)USED; }

static void set(unsigned at, unsigned size, unsigned used) {
    heap[at] = (uint16_t)(size | used);
    heap[at + size - 1] = heap[at];
}

static void pool_reset(void) {
    set(0, UNITS, 0);
    free_units = UNITS;
    splits = joins = 0;
}

static void carve(unsigned at, unsigned size) {
    unsigned rest = size_at(at) - size;
    if (rest >= 3) {
        set(at + size, rest, 0);
        splits++;
    } else {
        size += rest;
    }
    set(at, size, USED);
    free_units -= size;
}

static uint16_t *pool_take(unsigned payload) {
    unsigned need = payload + 2;
    if (payload == 0 || need > UNITS) return NULL;
    for (unsigned at = 0; at < UNITS; at += size_at(at)) {
        if (heap[at] & USED || heap[at] < need) continue;
        carve(at, need);
        return &heap[at + 1];
    }
    return NULL;
}

static void pool_give(uint16_t *payload) {
    if (!payload) return;
    unsigned at = (unsigned)(payload - heap) - 1, size = size_at(at), after = at + size;
    free_units += size;
    if (after < UNITS && !(heap[after] & USED))
        size += heap[after], joins++;
    if (at > 0 && !(heap[at - 1] & USED)) {
        size += heap[at - 1];
        at -= heap[at - 1];
        joins++;
    }
    set(at, size, 0);
}

static uint16_t *pool_resize(uint16_t *payload, unsigned wanted) {
    if (!payload) return pool_take(wanted);
    if (wanted == 0) {
        pool_give(payload);
        return NULL;
    }
    unsigned at = (unsigned)(payload - heap) - 1, size = size_at(at), after = at + size;
    if (wanted + 2 > size && after < UNITS && !(heap[after] & USED) && size + heap[after] >= wanted + 2) {
        free_units += size;
        joins++;
        set(at, size + heap[after], 0);
        carve(at, wanted + 2);
        return payload;
    }
    if (wanted + 2 <= size) return payload;
    uint16_t *moved = pool_take(wanted);
    if (!moved) return NULL;
    for (unsigned i = 0; i < size - 2; i++) moved[i] = payload[i];
    pool_give(payload);
    return moved;
}

static struct {
    uint16_t *place;
    unsigned length, seed;
} handles[HANDLES];

static uint16_t pattern(unsigned seed, unsigned i) { return (uint16_t)(seed * 257 + i * 31); }

static void fill(int h, unsigned from) {
    for (unsigned i = from; i < handles[h].length; i++) handles[h].place[i] = pattern(handles[h].seed, i);
}

/* Walks the blocks, then marks each handle's units: nobody's twice, all inside used blocks, contents as written. */
static void verify(int line) {
    static uint8_t owner[UNITS];
    unsigned spare = 0, used_blocks = 0, at = 0, before_free = 0, held = 0;
    for (; at < UNITS; at += size_at(at)) {
        unsigned size = size_at(at), is_free = !(heap[at] & USED);
        if (size < 3 || at + size > UNITS || heap[at] != heap[at + size - 1] || (is_free && before_free))
            certify_failed(line);
        for (unsigned i = 0; i < size; i++) owner[at + i] = is_free || i == 0 || i == size - 1 ? 255 : 0;
        spare += is_free ? size : 0;
        used_blocks += !is_free;
        before_free = is_free;
    }
    for (int h = 0; h < HANDLES; h++) {
        held += handles[h].place != NULL;
        for (unsigned i = 0; handles[h].place && i < handles[h].length; i++) {
            unsigned unit = (unsigned)(&handles[h].place[i] - heap);
            if (owner[unit]++ != 0 || handles[h].place[i] != pattern(handles[h].seed, i))
                certify_failed(line);
        }
    }
    if (at != UNITS || spare != free_units || used_blocks != held) certify_failed(line);
}

PROGRAM(app_pool) {
    uint32_t state = opaque_unsigned(5);
    uint32_t refused = 0, moved = 0, trace = 0;
    pool_reset();
    CHECK(pool_take(0) == NULL && pool_take(UNITS - 1) == NULL && pool_resize(NULL, UNITS) == NULL);
    for (int turn = 0; turn < 260; turn++) {
        state = state * 22695477 + 1;
        int h = (int)(state >> 18) % HANDLES;
        unsigned length = (state >> 9) % 31, kept = handles[h].length < length ? handles[h].length : length;
        uint16_t *place = handles[h].place, *now = NULL;
        if (place && state >> 30 == 0) {
            pool_give(place);
            length = 0;
        } else {
            now = place ? pool_resize(place, length) : pool_take(length);
            moved += place && now && now != place;
            if (!now && length > 0) {
                refused++;
                now = place;
                length = handles[h].length;
                kept = length;
            }
        }
        if (!place) handles[h].seed = (unsigned)turn;
        handles[h].place = now;
        handles[h].length = now ? length : 0;
        if (now) fill(h, kept);
        trace = trace * 31 + (now ? (uint32_t)(now - heap) : 999);
        verify(__LINE__);
    }
    CHECK(refused > 10 && moved > 5);
    CHECK(splits * 1000 + joins == 72063);
    CHECK(trace == 29315461);
    for (int h = HANDLES; h-- > 0;) {
        pool_give(handles[h].place);
        handles[h].place = NULL;
        verify(__LINE__);
    }
    CHECK(free_units == UNITS && heap[0] == UNITS && heap[UNITS - 1] == UNITS);
}
