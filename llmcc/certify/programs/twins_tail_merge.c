/* Branches that end in the same or almost the same code: inverted conditions, arms that share a tail or a head, switch
 * cases that differ in one store, loads and stores that could be hoisted or sunk past others that may alias. */
#include "certify.h"

struct state {
    int32_t mode, level;
    uint32_t flags;
    int32_t history[4];
};

#define ARMS(name, condition, on_true, on_false)                              \
    static NOINLINE int32_t name(struct state *s, int32_t x) {                \
        if (condition) {                                                      \
            on_true;                                                          \
            s->history[s->flags & 3] = x;                                     \
            s->flags += 3;                                                    \
        } else {                                                              \
            on_false;                                                         \
            s->history[s->flags & 3] = x;                                     \
            s->flags += 3;                                                    \
        }                                                                     \
        return s->level + x;                                                  \
    }
ARMS(arms_plain, s->mode < x, s->level += x, s->level -= x)
ARMS(arms_inverted, s->mode < x, s->level -= x, s->level += x)
ARMS(arms_negated, s->mode >= x, s->level += x, s->level -= x)
ARMS(arms_one_sided, s->mode < x, s->level += x, (void)0)

static NOINLINE int32_t cases(struct state *s, unsigned code, int32_t x) {
    int32_t old = s->level;
    switch (code) {
    case 0: s->level = x; s->flags ^= 5; s->history[0] = old; break;
    case 1: s->level = x; s->flags ^= 5; s->history[1] = old; break;
    case 2: s->level = x; s->flags ^= 5; s->history[0] = s->level; break;
    case 3: s->mode = x; s->flags ^= 5; s->history[0] = old; break;
    case 4: s->level = x; s->flags ^= 6; s->history[0] = old; return old - 1;
    case 5: s->level = -x; s->flags ^= 5; s->history[0] = old; return old - 1;
    case 6: s->level = x; s->flags ^= 5; s->history[0] = old; /* fallthrough */ goto more;
    case 7: more: s->level++; s->flags <<= 1; s->history[0] -= x; break;
    default: s->flags ^= 5; s->history[3] = old; return -old;
    }
    return s->level * 2 + old;
}

/* The same steps as operations that any case is a list of. */
static int32_t cases_expected(int32_t *v, unsigned code, int32_t x) {
    enum { MODE, LEVEL, FLAGS, H0, H1, H2, H3 };
    static const char *const lists[9] = {"a5o", "a5p", "a5l", "m5o", "a6o!", "n5o!", "a5o+", "+", "5q-"};
    volatile int32_t old = v[LEVEL];
    for (const char *step = lists[code < 8 ? code : 8]; *step; step++)
        switch (*step) {
        case 'a': v[LEVEL] = x; break;
        case 'n': v[LEVEL] = 0 - x; break;
        case 'm': v[MODE] = x; break;
        case '5': v[FLAGS] ^= 5; break;
        case '6': v[FLAGS] ^= 6; break;
        case 'o': v[H0] = old; break;
        case 'p': v[H1] = old; break;
        case 'q': v[H3] = old; break;
        case 'l': v[H0] = v[LEVEL]; break;
        case '+': v[LEVEL] += 1, v[FLAGS] = (int32_t)((uint32_t)v[FLAGS] * 2), v[H0] -= x; break;
        case '!': return old - 1;
        case '-': return -old;
        }
    return v[LEVEL] + v[LEVEL] + old;
}

/* The loads agree in both arms, but in one of them a store that may alias comes first. */
static NOINLINE int32_t hoist(int way, int32_t *p, int32_t *q) {
    int32_t got;
    if (way) {
        got = *p * 3 + *q;
        *q = got;
        *p += 1;
    } else {
        *q = way + 40;
        got = *p * 3 + *q;
        *p += 1;
    }
    if (got > 100) {
        *p -= got;
        got = *q;
    } else {
        got = *q;
        *p -= got;
    }
    return got * 2 + *p;
}

static NOINLINE const char *grade(int points, int bonus) {
    if (!(points < 50)) {
        if (points >= 80)
            return bonus ? "best" : "good";
        if (!bonus)
            return "fair";
        return "good";
    }
    if (bonus)
        return points > 40 ? "fair" : "poor";
    return "poor";
}

PROGRAM(twins_tail_merge) {
    struct state states[4] = {{0, 0, 0, {0}}};
    int32_t model[4][7] = {{0}};
    static int32_t (*const arms[4])(struct state *, int32_t) = {arms_plain, arms_inverted, arms_negated, arms_one_sided};
    for (int turn = 0; turn < 48; turn++)
        for (int i = 0; i < 4; i++) {
            int32_t *v = model[i], x = opaque_int(turn % 5 == 3 ? v[0] : turn * 29 % 31 - 15);
            struct state *s = &states[i];
            int sign = v[0] < x ? 1 : -1;
            v[1] += (i == 1 || i == 2 ? -sign : i == 3 && sign < 0 ? 0 : sign) * x;
            v[3 + (v[2] & 3)] = x;
            v[2] = (v[2] + 3) & 0xffff;
            CHECK(arms[i](s, x) == v[1] + x);
            s->flags &= 0xffff;
            unsigned code = (unsigned)(turn * 7 + i) % 10;
            CHECK(cases(s, opaque_unsigned(code), x + i) == cases_expected(v, code, x + i));
            CHECK(s->mode == v[0] && s->level == v[1] && s->flags == (uint32_t)v[2]);
            for (int j = 0; j < 4; j++)
                CHECK(s->history[j] == v[3 + j]);
        }
    for (int way = 0; way < 2; way++)
        for (int32_t a = -20; a < 60; a += 13) {
            int32_t pair[2] = {opaque_int(a), opaque_int(9)}, one = opaque_int(a), *alias = opaque_pointer(&one);
            int32_t sum = a * 3 + (way ? 9 : 40), b = way ? sum : 40, c = way ? a * 4 + 1 : 41, less = sum > 100 ? sum : b;
            CHECK(hoist(way, &pair[0], &pair[opaque_int(1)]) == b * 2 + a + 1 - less);
            CHECK(pair[0] == a + 1 - less && pair[1] == b);
            int32_t got = way ? a * 4 : 160, kept = got > 100 ? c - got : 0, last = got > 100 ? kept : c;
            CHECK(hoist(opaque_int(way), &one, alias) == last * 2 + kept && one == kept);
        }
    for (int points = 0; points < 100; points++) {
        int bonus = points % 3 == 0, rank = points < 50 ? bonus && points > 40 : points < 80 ? 1 + bonus : 2 + bonus;
        const char *name = grade(opaque_int(points), opaque_int(bonus));
        CHECK(name[0] == "pfgb"[rank] && name[3] == "rrdt"[rank]);
    }
    CHECK(grade(79, 1)[1] == 'o' && grade(80, opaque_int(0))[2] == 'o' && grade(41, 1)[1] == 'a' && grade(40, 1)[1] == 'o');
}
