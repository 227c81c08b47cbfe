/* A bitmap allocator of pages: single pages through a summary of full words, aligned runs across words, and buddies with a map
 * for each order, against a byte per page searched one by one. */
#include "certify.h"

enum { PAGES = 256, WORDS = PAGES / 32, ORDERS = 6 };

static uint32_t map[WORDS], full;
static uint8_t plain[PAGES];

static void mark(unsigned first, unsigned count, int used) {
    while (count > 0) {
        unsigned word = first / 32, bit = first % 32, here = 32 - bit < count ? 32 - bit : count;
        uint32_t mask = (here == 32 ? 0 : UINT32_C(1) << here) - 1;
        if (used)
            map[word] |= mask << bit;
        else
            map[word] &= ~(mask << bit);
        full = map[word] == UINT32_MAX ? full | 1U << word : full & ~(1U << word);
        first += here;
        count -= here;
    }
}

static int take_page(void) {
    uint32_t open_words = ~full & ((1U << WORDS) - 1);
    if (!open_words) return -1;
    unsigned word = (unsigned)__builtin_ctz(open_words), bit = (unsigned)__builtin_ctz(~map[word]);
    mark(word * 32 + bit, 1, 1);
    return (int)(word * 32 + bit);
}

static unsigned next_page(unsigned at, int used) {
    while (at < PAGES) {
        uint32_t rest = (used ? map[at / 32] : ~map[at / 32]) >> at % 32;
        if (rest) return at + (unsigned)__builtin_ctz(rest);
        at = (at | 31) + 1;
    }
    return PAGES;
}

/* The first run at a multiple of `align`, a power of two. */
static int take_run(unsigned count, unsigned align) {
    for (unsigned end, at = next_page(0, 0); at < PAGES; at = next_page(end, 0)) {
        unsigned start = (at + align - 1) & ~(align - 1);
        end = next_page(at, 1);
        if (start + count <= end) {
            mark(start, count, 1);
            return (int)start;
        }
    }
    return -1;
}

static int plain_run(unsigned count, unsigned align) {
    for (unsigned first = 0; first + count <= PAGES; first += align) {
        unsigned length = 0;
        while (length < count && !plain[first + length]) length++;
        if (length == count) {
            for (unsigned i = 0; i < count; i++) plain[first + i] = 1;
            return (int)first;
        }
    }
    return -1;
}

/* Buddies: bit b of free_blocks[order] stands for the block of 2^order pages at b << order. */
static uint32_t free_blocks[ORDERS][WORDS];

static void flip_block(unsigned order, unsigned block) { free_blocks[order][block / 32] ^= UINT32_C(1) << block % 32; }

static int take_block(unsigned order) {
    unsigned from = order, block = 0;
    for (int found = 0; !found; from++) {
        if (from == ORDERS) return -1;
        for (unsigned w = 0; w < WORDS && !found; w++)
            if (free_blocks[from][w])
                block = w * 32 + (unsigned)__builtin_ctz(free_blocks[from][w]), found = 1;
    }
    flip_block(--from, block);
    while (from > order) {
        from--;
        block *= 2;
        flip_block(from, block + 1);
    }
    return (int)(block << order);
}

static void give_block(unsigned page, unsigned order) {
    unsigned block = page >> order;
    for (; order + 1 < ORDERS; order++, block /= 2) {
        unsigned buddy = block ^ 1;
        if (!(free_blocks[order][buddy / 32] >> buddy % 32 & 1)) break;
        flip_block(order, buddy);
    }
    flip_block(order, block);
}

PROGRAM(app_bitmap) {
    struct {
        int16_t first;
        uint8_t count, order;
    } held[40] = {{0, 0, 0}}, blocks[40] = {{0, 0, 0}};
    uint8_t taken[PAGES];
    uint32_t state = opaque_unsigned(2), sum = 0;
    unsigned refused = 0;
    __builtin_memset(map, 0, sizeof map);
    __builtin_memset(plain, 0, sizeof plain);
    __builtin_memset(taken, 0, sizeof taken);
    __builtin_memset(free_blocks, 0, sizeof free_blocks);
    full = 0, free_blocks[ORDERS - 1][0] = 255;
    for (int turn = 0; turn < 500; turn++) {
        state = state * 1597334677 + 1;
        unsigned slot = (state >> 24) % 40, order = (state >> 20) % ORDERS, align = 1U << (state >> 17) % 5;
        unsigned count = turn % 9 == 0 ? 30 + (state >> 9) % 45 : state >> 31 ? 1 : 1 + (state >> 12) % 23;
        if (held[slot].count) {
            mark((unsigned)held[slot].first, held[slot].count, 0);
            __builtin_memset(plain + held[slot].first, 0, held[slot].count);
            held[slot].count = 0;
        } else {
            int expected = plain_run(count, count == 1 ? 1 : align), got = count == 1 ? take_page() : take_run(count, opaque_unsigned(align));
            CHECK(got == expected);
            refused += got < 0;
            held[slot].first = (int16_t)got, held[slot].count = (uint8_t)(got < 0 ? 0 : count);
        }
        for (unsigned i = 0; i < PAGES; i++) CHECK((map[i / 32] >> i % 32 & 1) == plain[i]);
        for (unsigned w = 0; w < WORDS; w++) CHECK((full >> w & 1) == (map[w] == UINT32_MAX));
        if (blocks[slot].count) {
            give_block((unsigned)blocks[slot].first, blocks[slot].order);
            __builtin_memset(taken + blocks[slot].first, 0, blocks[slot].count);
            blocks[slot].count = 0;
        } else {
            int page = take_block(order);
            refused += page < 0;
            sum = sum * 7 + (unsigned)page;
            for (int i = page; page >= 0 && i < page + (1 << order); i++) CHECK(!taken[i]++);
            CHECK(page < 0 || page % (1 << order) == 0);
            blocks[slot].first = (int16_t)page, blocks[slot].order = (uint8_t)order;
            blocks[slot].count = (uint8_t)(page < 0 ? 0 : 1 << order);
        }
        /* What is free is the rest: each free block once, none that could have been joined. */
        unsigned pages = 0;
        for (unsigned o = 0; o < ORDERS; o++)
            for (unsigned b = 0; b << o < PAGES; b++)
                if (free_blocks[o][b / 32] >> b % 32 & 1) {
                    pages += 1U << o;
                    CHECK(!taken[b << o] && (o + 1 == ORDERS || !(free_blocks[o][(b ^ 1) / 32] >> (b ^ 1) % 32 & 1)));
                }
        for (unsigned i = 0; i < PAGES; i++) pages += taken[i];
        CHECK(pages == PAGES);
    }
    CHECK(refused > 20);
    CHECK(sum == 1673101678);
}
