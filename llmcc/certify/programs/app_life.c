/* The game of life on a torus three times: cell by cell, with bit-sliced neighbour counts on whole rows, and as a list of
 * living cells; known still lifes, oscillators and a glider, other rules, and a random field must agree at each step. */
#include "certify.h"

enum { SIZE = 32 };

struct field {
    uint32_t rows[SIZE];
};

/* Bit n of a rule: a cell is alive next when n of its 8 neighbours are. */
struct rule {
    uint16_t birth, survival;
};

static int cell(const struct field *f, int x, int y) { return f->rows[y & (SIZE - 1)] >> (x & (SIZE - 1)) & 1; }

static void step_cells(const struct field *from, struct field *to, struct rule rule) {
    for (int y = 0; y < SIZE; y++) {
        to->rows[y] = 0;
        for (int x = 0; x < SIZE; x++) {
            int neighbours = 0;
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++)
                    if (dx != 0 || dy != 0) neighbours += cell(from, x + dx, y + dy);
            unsigned next = (cell(from, x, y) ? rule.survival : rule.birth) >> neighbours & 1U;
            to->rows[y] |= (uint32_t)next << x;
        }
    }
}

static uint32_t left(uint32_t row) { return row << 1 | row >> 31; }
static uint32_t right(uint32_t row) { return row >> 1 | row << 31; }

/* Four planes hold the count of neighbours of all cells of a row at once. */
static void step_rows(const struct field *from, struct field *to, struct rule rule) {
    for (unsigned y = 0; y < SIZE; y++) {
        uint32_t above = from->rows[(y + SIZE - 1) % SIZE], here = from->rows[y], below = from->rows[(y + 1) % SIZE];
        const uint32_t inputs[8] = {left(above), above, right(above), left(here), right(here), left(below), below, right(below)};
        uint32_t ones = 0, twos = 0, fours = 0, eights = 0, next = 0;
        for (int i = 0; i < 8; i++) {
            uint32_t carry = ones & inputs[i];
            ones ^= inputs[i];
            uint32_t more = twos & carry;
            twos ^= carry;
            eights |= fours & more;
            fours ^= more;
        }
        for (unsigned n = 0; n <= 8; n++) {
            uint32_t match = (n & 1 ? ones : ~ones) & (n & 2 ? twos : ~twos) & (n & 4 ? fours : ~fours) & (n & 8 ? eights : ~eights);
            if (rule.birth >> n & 1) next |= match & ~here;
            if (rule.survival >> n & 1)
                next |= match & here;
        }
        to->rows[y] = next;
    }
}

/* Every living cell adds one to its neighbours, and sixteen to itself. */
static void step_list(const struct field *from, struct field *to, struct rule rule) {
    static uint8_t counts[SIZE * SIZE];
    static uint16_t list[SIZE * SIZE];
    unsigned length = 0;
    __builtin_memset(counts, 0, sizeof counts);
    for (unsigned y = 0; y < SIZE; y++)
        for (uint32_t rest = from->rows[y]; rest; rest &= rest - 1)
            list[length++] = (uint16_t)(y * SIZE + (unsigned)__builtin_ctz(rest));
    for (unsigned i = 0; i < length; i++) {
        static const int8_t moves[8][2] = {{-1, -1}, {0, -1}, {1, -1}, {-1, 0}, {1, 0}, {-1, 1}, {0, 1}, {1, 1}};
        unsigned x = list[i] % SIZE, y = list[i] / SIZE;
        counts[list[i]] += 16;
        for (int m = 0; m < 8; m++)
            counts[(y + (unsigned)moves[m][1]) % SIZE * SIZE + (x + (unsigned)moves[m][0]) % SIZE]++;
    }
    *to = (struct field){{0}};
    for (unsigned i = 0; i < SIZE * SIZE; i++) {
        unsigned bits = counts[i] >= 16 ? rule.survival : rule.birth;
        if (bits & 1U << counts[i] % 16)
            to->rows[i / SIZE] |= UINT32_C(1) << i % SIZE;
    }
}

static unsigned population(const struct field *f) {
    unsigned count = 0;
    for (int i = 0; i < SIZE * SIZE; i++)
        count += (unsigned)cell(f, i, i / SIZE);
    return count;
}

static struct field draw(const char *picture, int x, int y) {
    struct field f = {{0}};
    for (int column = x; *picture; picture++) {
        if (*picture == '/')
            y++, column = x;
        else
            f.rows[y & 31] |= (uint32_t)(*picture == '#') << (column++ & 31);
    }
    return f;
}

static int same(const struct field *a, const struct field *b) { return __builtin_memcmp(a, b, sizeof *a) == 0; }

/* Steps the field in all three ways. */
static void advance(struct field *f, struct rule rule, int steps) {
    while (steps-- > 0) {
        struct field a, b, c;
        step_cells(f, &a, rule);
        step_rows(f, &b, rule);
        step_list(f, &c, rule);
        CHECK(same(&a, &b) && same(&a, &c));
        *f = b;
    }
}

PROGRAM(app_life) {
    const struct rule life = {(uint16_t)opaque_unsigned(8), 12}, high = {72, 12}, seeds = {4, 0}, all = {511, 511};
    static const struct {
        const char *picture;
        uint8_t period, dx, dy, count;
    } known[] = {{"##/##", 1, 0, 0, 4}, {".##./#..#/.##.", 1, 0, 0, 6}, {"###", 2, 0, 0, 3}, {".###/###.", 2, 0, 0, 6},
                 {".#./..#/###", 4, 1, 1, 5}, {"#..#./....#/#...#/.####", 4, 2, 0, 9}};
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        for (int place = 0; place < 32; place += 13) {
            struct field f = draw(known[i].picture, place, 29 - place), start = f;
            struct field moved = draw(known[i].picture, place + known[i].dx, 29 - place + known[i].dy);
            for (int p = 1; p < known[i].period; p++) {
                advance(&f, life, 1);
                CHECK(!same(&f, &start) && !same(&f, &moved));
            }
            advance(&f, life, 1);
            CHECK(same(&f, &moved) && population(&f) == known[i].count);
        }
    struct field f = {{0}};
    uint32_t state = opaque_unsigned(4), sum = 0;
    for (int y = 0; y < SIZE; y++) {
        state = state * 1664525 + 1013904223;
        f.rows[y] = state & state >> 7;
    }
    for (int turn = 0; turn < 12; turn++) {
        advance(&f, turn % 4 == 3 ? high : turn == 6 ? seeds : life, 1);
        sum = sum * 31 + population(&f);
        for (int y = 0; y < SIZE; y += 5)
            sum ^= f.rows[y];
    }
    CHECK(sum == 2238222644U);
    advance(&f, all, 1);
    CHECK(population(&f) == 1024);
    advance(&f, life, 1);
    CHECK(population(&f) == 0);
}
