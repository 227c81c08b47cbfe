/* Pointers to pointers: a store through one may redirect another. A random sequence of redirections and stores runs on a
 * table of pointers and on a table of indices. */
#include "certify.h"

enum { CELLS = 5, NAMES = 6 };

static int32_t cells[CELLS], shadow[CELLS];
static int32_t *names[NAMES];
static volatile int numbers[NAMES];
static int32_t **name_of_names[2];
static volatile int number_of_numbers[2];

static NOINLINE int32_t redirect(int32_t **place, int32_t *to, int32_t value) {
    int32_t sum = **place;
    **place = value;
    sum = sum * 10 + *to;
    *place = to;
    **place += value;
    return sum * 10 + *to;
}

static NOINLINE int32_t redirect_index(volatile int *place, int to, int32_t value) {
    int32_t sum = shadow[*place];
    shadow[*place] = value;
    sum = sum * 10 + shadow[to];
    *place = to;
    shadow[*place] += value;
    return sum * 10 + shadow[to];
}

static void swap_names(int32_t **left, int32_t **right) {
    int32_t *kept = *left;
    *left = *right;
    *right = kept;
}

static void swap_numbers(volatile int *left, volatile int *right) {
    int kept = *left;
    *left = *right;
    *right = kept;
}

static int32_t follow(int32_t ***way, int steps) {
    int32_t sum = 0;
    while (steps-- > 0) {
        ***way += 1;
        sum = sum * 3 + **name_of_names[steps & 1];
        if (sum > 1000)
            sum %= 997;
    }
    return sum;
}

static int32_t follow_index(int way, int steps) {
    int32_t sum = 0;
    while (steps-- > 0) {
        shadow[numbers[number_of_numbers[way]]] += 1;
        sum = sum * 3 + shadow[numbers[number_of_numbers[steps & 1]]];
        if (sum > 1000)
            sum %= 997;
    }
    return sum;
}

static void one_step(unsigned random) {
    unsigned i = random % NAMES, j = random / 8 % NAMES, cell = random / 64 % CELLS, way = random / 512 & 1;
    switch (random / 1024 % 6) {
    case 0:
        CHECK(redirect(&names[i], &cells[cell], (int32_t)(random & 15))
              == redirect_index(&numbers[i], (int)cell, (int32_t)(random & 15)));
        break;
    case 1:
        swap_names(&names[i], &names[j]);
        swap_numbers(&numbers[i], &numbers[j]);
        break;
    case 2:
        name_of_names[way] = &names[i];
        number_of_numbers[way] = (int)i;
        *name_of_names[!way] = names[j];
        numbers[number_of_numbers[!way]] = numbers[j];
        break;
    case 3:
        CHECK(follow(&name_of_names[way], (int)cell) == follow_index((int)way, (int)cell));
        break;
    case 4:
        *names[i] = *names[j] - 1;
        shadow[numbers[i]] = shadow[numbers[j]] - 1;
        break;
    default:
        swap_names(name_of_names[0], name_of_names[1]);
        swap_numbers(&numbers[number_of_numbers[0]], &numbers[number_of_numbers[1]]);
        **name_of_names[way] %= 50;
        shadow[numbers[number_of_numbers[way]]] %= 50;
    }
}

/* A pointer that is changed through its own address between two uses. */
static int32_t straight_line(int32_t start) {
    int32_t a = start, b = start * 2, c = start * 3;
    int32_t *p = &a, *q = &b, **pp = &p, **qq = &q, ***ppp = &pp;
    **pp += 1;
    *pp = &c;
    *p += 1;
    **ppp = *qq;
    *p += 1;
    *ppp = qq;
    **ppp = &a;
    *q += 1;
    return (a * 100 + b) * 100 + c;
}

PROGRAM(alias_double_indirection) {
    for (int i = 0; i < CELLS; i++)
        cells[i] = shadow[i] = i * 3;
    for (int i = 0; i < NAMES; i++) {
        names[i] = &cells[i % CELLS];
        numbers[i] = i % CELLS;
    }
    name_of_names[0] = &names[0];
    name_of_names[1] = &names[5];
    number_of_numbers[0] = 0;
    number_of_numbers[1] = 5;

    unsigned random = opaque_unsigned(2025);
    for (int step = 0; step < 400; step++) {
        random = random * 1103515245u + 12345u;
        one_step(random >> 8);
        for (int i = 0; i < CELLS; i++)
            CHECK(cells[i] == shadow[i]);
        for (int i = 0; i < NAMES; i++)
            CHECK(names[i] == &cells[numbers[i]]);
    }
    CHECK(straight_line(10) == (12 * 100 + 21) * 100 + 31);
    CHECK(straight_line(opaque_int(4)) == (6 * 100 + 9) * 100 + 13);

    int32_t x = 1, y = 2, *p = &x;
    CHECK(redirect(&p, &x, 3) == (1 * 10 + 3) * 10 + 6 && p == &x);
    CHECK(redirect(&p, &y, 4) == (6 * 10 + 2) * 10 + 6 && x == 4 && y == 6 && p == &y);
}
