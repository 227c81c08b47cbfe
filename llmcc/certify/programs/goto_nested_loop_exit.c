/* Jumps out of several loops at once, on with an outer loop, and back to begin again, with values that stay live at the
 * labels, against loops that end by flags. */
#include "certify.h"

struct triple {
    int a, b, c, tried;
};

static NOINLINE struct triple find_triple(int perimeter, int least) {
    struct triple found = {0, 0, 0, 0};
    int a, b, c, tried = 0;
    for (a = least; a < perimeter / 3; a++) {
        for (b = a + 1; b < perimeter; b++) {
            c = perimeter - a - b;
            if (c <= b)
                goto next_a;
            tried++;
            if (a * a + b * b == c * c)
                goto found;
            if (a * a + b * b > c * c)
                goto next_a;
        }
    next_a:;
    }
    found.tried = -tried;
    return found;
found:
    found.a = a;
    found.b = b;
    found.c = c;
    found.tried = tried;
    return found;
}

static struct triple find_triple_flags(int perimeter, int least) {
    struct triple found = {0, 0, 0, 0};
    volatile int done = 0;
    int tried = 0;
    for (int a = least; !done && a < perimeter / 3; a++) {
        int more = 1;
        for (int b = a + 1; more && !done; b++) {
            int excess = perimeter - a - b <= b;
            if (!excess) {
                int c = perimeter - a - b, difference = a * a + b * b - c * c;
                tried++;
                done = difference == 0;
                excess = difference > 0;
                if (done)
                    found.a = a, found.b = b, found.c = c;
            }
            more = !excess;
        }
    }
    found.tried = done ? tried : -tried;
    return found;
}

#define ROWS 9
#define COLUMNS 7
static int16_t grid[ROWS][COLUMNS];

/* Each pass looks for a neighbour out of order, exchanges it and starts again from the first row. */
static unsigned sort_grid(unsigned *passes) {
    unsigned row, column, exchanges = 0;
    *passes = 0;
again:
    ++*passes;
    for (row = 0; row < ROWS; row++)
        for (column = 0; column < COLUMNS; column++) {
            if (column + 1 < COLUMNS && grid[row][column] > grid[row][column + 1])
                goto exchange_columns;
            if (row + 1 < ROWS && grid[row][column] > grid[row + 1][column])
                goto exchange_rows;
        }
    return exchanges;
exchange_columns:
    do {
        int16_t kept = grid[row][column];
        grid[row][column] = grid[row][column + 1];
        grid[row][column + 1] = kept;
        exchanges++;
        column++;
    } while (column + 1 < COLUMNS && grid[row][column] > grid[row][column + 1]);
    goto again;
exchange_rows:
    do {
        int16_t kept = grid[row][column];
        grid[row][column] = grid[row + 1][column];
        grid[row + 1][column] = kept;
        exchanges++;
        row++;
    } while (row + 1 < ROWS && grid[row][column] > grid[row + 1][column]);
    goto again;
}

/* First word of a text that begins with no prefix of the list; counts what was compared. */
static int first_without(const char *const *words, int count, const char *const *prefixes, int others, unsigned *compared) {
    for (int word = 0; word < count; word++) {
        for (int prefix = 0; prefix < others; prefix++) {
            for (const char *left = words[word], *right = prefixes[prefix];; left++, right++) {
                if (*right == 0)
                    goto next_word;
                ++*compared;
                if (*left != *right)
                    goto next_prefix;
            }
        next_prefix:;
        }
        return word;
    next_word:;
    }
    return -1;
}

PROGRAM(goto_nested_loop_exit) {
    for (int perimeter = 6; perimeter < 40; perimeter++)
        for (int least = 1; least < 8; least += 3) {
            struct triple first = find_triple(opaque_int(perimeter), least), second = find_triple_flags(perimeter, least);
            CHECK(first.a == second.a && first.b == second.b && first.c == second.c && first.tried == second.tried);
        }
    struct triple triple = find_triple(opaque_int(60), 1);
    CHECK(triple.a == 10 && triple.b == 24 && triple.c == 26);
    triple = find_triple(opaque_int(60), 11);
    CHECK(triple.a == 15 && triple.b == 20 && triple.c == 25);

    uint32_t random = 17, digest = 0;
    for (unsigned round = 0; round < 2; round++) {
        int32_t sum = 0, after = 0;
        for (unsigned cell = 0; cell < ROWS * COLUMNS; cell++) {
            random = random * 1103515245u + 12345u;
            grid[cell / COLUMNS][cell % COLUMNS] = (int16_t)((int)(random >> 16 & 511) - 200);
            sum += grid[cell / COLUMNS][cell % COLUMNS];
        }
        unsigned passes, exchanges = sort_grid(&passes);
        for (unsigned row = 0; row < ROWS; row++)
            for (unsigned column = 0; column < COLUMNS; column++) {
                after += grid[row][column];
                CHECK(column == 0 || grid[row][column - 1] <= grid[row][column]);
                CHECK(row == 0 || grid[row - 1][column] <= grid[row][column]);
                digest = digest * 31u + (uint32_t)grid[row][column];
            }
        CHECK(sum == after && passes > 1 && exchanges >= passes - 1);
        digest = digest * 31u + exchanges + passes * 1000u;
        CHECK(sort_grid(&passes) == 0 && passes == 1);
    }
    CHECK(digest == 0x49df9428u);

    static const char *const words[] = {"sunrise", "sunset", "moon", "moonlight", "star", "comet", "sun"};
    static const char *const prefixes[] = {"moo", "sunset", "st", "sunr", "come"};
    unsigned compared = 0;
    CHECK(first_without(words, 7, prefixes, opaque_int(5), &compared) == 6);
    CHECK(compared == 1 + 4 + 2 + 4 + 1 + 6 + 3 + 3 + 1 + 2 + 2 + 1 + 1 + 1 + 1 + 4 + 1 + 4 + 2 + 4 + 1);
    CHECK(first_without(words, opaque_int(6), prefixes, 5, &compared) == -1 && first_without(words, 7, prefixes, opaque_int(2), &compared) == 0);
    CHECK(first_without(words + opaque_int(2), 4, prefixes, opaque_int(1), &compared) == 2);
}
