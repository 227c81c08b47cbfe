/* Structures that hold arrays, passed by value and indexed at run time: a permutation, a bounded stack, a polynomial and a board.
 * Each step copies the whole value, so the earlier ones have to stay as they were. */
#include "certify.h"

struct permutation { uint8_t to[8]; };
struct stack { int16_t top; int16_t item[6]; };
struct polynomial { unsigned degree; int32_t c[7]; };
struct board { uint8_t cell[4][4]; uint16_t moves; };

static struct permutation composed(struct permutation f, struct permutation g) {
    struct permutation h;
    for (int i = 0; i < 8; i++)
        h.to[i] = f.to[g.to[i]];
    return h;
}

static NOINLINE struct permutation inverse(struct permutation f) {
    struct permutation g;
    for (uint8_t i = 0; i < 8; i++)
        g.to[f.to[i]] = i;
    return g;
}

static struct permutation power(struct permutation f, unsigned n) {
    struct permutation result = {{0, 1, 2, 3, 4, 5, 6, 7}};
    while (n--)
        result = composed(f, result);
    return result;
}

static int is_identity(struct permutation f) {
    for (int i = 0; i < 8; i++)
        if (f.to[i] != i)
            return 0;
    return 1;
}

static unsigned order(struct permutation f) {
    struct permutation g = f;
    unsigned n = 1;
    for (; !is_identity(g); n++)
        g = composed(g, f);
    return n;
}

static NOINLINE struct stack pushed(struct stack s, int value) {
    if (s.top < 6)
        s.item[s.top++] = (int16_t)value;
    else
        for (int i = 0; i < 6; i++)
            s.item[i] = i < 5 ? s.item[i + 1] : (int16_t)value;
    return s;
}

static NOINLINE struct stack popped(struct stack s, int *value) {
    *value = s.top > 0 ? s.item[--s.top] : -1;
    return s;
}

static struct polynomial derivative(struct polynomial p) {
    struct polynomial d = {p.degree ? p.degree - 1 : 0, {0}};
    for (unsigned i = 1; i <= p.degree; i++)
        d.c[i - 1] = p.c[i] * (int32_t)i;
    return d;
}

static struct polynomial times_x_plus(struct polynomial p, int32_t root) {
    for (unsigned i = ++p.degree; i > 0; i--)
        p.c[i] = p.c[i - 1] + (i < p.degree ? root * p.c[i] : 0);
    p.c[0] *= root;
    return p;
}

static int32_t value_at(struct polynomial p, int32_t x) {
    int32_t y = 0;
    for (unsigned i = p.degree + 1; i-- > 0;)
        y = y * x + p.c[i];
    return y;
}

static NOINLINE struct board played(struct board b, unsigned row, unsigned column, uint8_t mark) {
    if (b.cell[row][column])
        return b;
    b.cell[row][column] = mark;
    b.moves++;
    if (column > 0 && b.cell[row][column - 1] == 3 - mark)
        b.cell[row][column - 1] = mark;
    if (row < 3 && b.cell[row + 1][column])
        b = played(b, row, 3 - column, (uint8_t)(3 - mark));
    return b;
}

static unsigned board_number(struct board b) {
    unsigned n = b.moves;
    for (int i = 0; i < 16; i++)
        n = n * 3 + b.cell[i / 4][i % 4];
    return n;
}

PROGRAM(struct_arrays_inside) {
    struct permutation cycles = {{1, 2, 0, 4, 3, 6, 7, 5}}, shift = {{1, 2, 3, 4, 5, 6, 7, 0}}, f = shift;
    CHECK(order(cycles) == 6 && order(shift) == 8 && order(composed(shift, shift)) == 4);
    for (unsigned n = 0; n < 9; n++) {
        f = power(cycles, opaque_unsigned(n));
        CHECK(is_identity(f) == (n % 6 == 0) && is_identity(composed(f, inverse(f))) && is_identity(composed(inverse(f), f)));
        f = power(shift, n);
        for (unsigned i = 0; i < 8; i++)
            CHECK(f.to[i] == (i + n) % 8 && inverse(f).to[i] == (i + 8 * 8 - n) % 8);
        f = composed(inverse(shift), composed(cycles, shift));
        for (unsigned i = 0; i < 8; i++)
            CHECK(f.to[i] == (cycles.to[(i + 1) % 8] + 7) % 8);
    }

    struct stack stacks[10] = {{0, {0}}};
    for (int i = 1; i < 10; i++)
        stacks[i] = pushed(stacks[i - 1], opaque_int(i * 11));
    for (int i = 0; i < 10; i++) {
        struct stack s = stacks[i];
        int value;
        CHECK(s.top == (i < 6 ? i : 6));
        for (int k = i; k > 0 && k > i - 6; k--) {
            s = popped(s, &value);
            CHECK(value == k * 11 && stacks[i].top == (i < 6 ? i : 6));
        }
        s = popped(s, &value);
        CHECK(value == -1 && s.top == 0);
    }

    struct polynomial p = {0, {1}};
    for (int32_t root = 1; root <= 5; root++) {
        struct polynomial q = times_x_plus(p, opaque_int(-root));
        for (int32_t x = -1; x <= 6; x++) {
            CHECK(value_at(q, x) == value_at(p, x) * (x - root));
            /* The product rule, with the derivative of x - root being 1. */
            CHECK(value_at(derivative(q), x) == value_at(derivative(p), x) * (x - root) + value_at(p, x));
        }
        p = q;
    }
    CHECK(p.degree == 5 && p.c[0] == -120 && p.c[1] == 274 && p.c[2] == -225 && p.c[3] == 85 && p.c[4] == -15 && p.c[5] == 1);

    struct board boards[3] = {{{{0}}, 0}};
    boards[1] = played(boards[0], opaque_unsigned(3), 1, 1);
    CHECK(board_number(boards[1]) == 43046721u + 9 && board_number(boards[0]) == 0);
    boards[1] = played(boards[1], 3, opaque_unsigned(2), 2);
    CHECK(board_number(boards[1]) == 2 * 43046721u + 18 + 6);
    /* Above an occupied cell: the other mark goes to the mirrored column as well, and takes the left neighbour. */
    boards[2] = played(boards[1], 2, opaque_unsigned(1), 1);
    CHECK(board_number(boards[2]) == 4 * 43046721u + 18 + 6 + 2 * 729 + 2 * 243);
    CHECK(board_number(played(boards[2], 3, 1, 1)) == board_number(boards[2]) && boards[1].moves == 2);
}
