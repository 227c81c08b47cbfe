/* One-bit fields, unsigned, signed and _Bool, as flags of a door controller: set, cleared, toggled, tested together
 * and copied among each other, against a word of masks and plain integers. */
#include "certify.h"

struct flags {
    unsigned open : 1;
    unsigned locked : 1;
    signed moving : 1;
    _Bool alarm : 1;
    unsigned busy : 1;
    _Bool known : 1;
    signed inverse : 1;
    unsigned parity : 1;
    unsigned level : 3;
};

enum { OPEN = 1, LOCKED = 2, MOVING = 4, ALARM = 8, BUSY = 16, KNOWN = 32, INVERSE = 64, PARITY = 128, LEVEL = 256 };

static NOINLINE uint32_t as_word(const struct flags *f) {
    return f->open | f->locked << 1 | (f->moving & 1) << 2 | (uint32_t)f->alarm << 3 | f->busy << 4 |
        (uint32_t)f->known << 5 |
           (f->inverse ? INVERSE : 0) | (f->parity == 1 ? PARITY : 0) | f->level * LEVEL;
}

static int steady(const struct flags *f) { return !f->moving && !f->busy && (f->open ^ f->locked); }
static int steady_word(uint32_t w) { return !(w & (MOVING | BUSY)) && ((w & OPEN) != 0) != ((w & LOCKED) != 0); }

/* The same events for both; the answer counts what happened. */
static NOINLINE int event(struct flags *f, int code) {
    int happened = 0;
    switch (code % 12) {
    case 0:
        if (f->locked || f->alarm)
            happened = -1;
        else
            f->open = 1, f->moving = -1;
        break;
    case 1: f->moving = 0; f->busy = !f->busy; break;
    case 2: f->locked ^= 1; happened = f->locked; break;
    case 3: f->open ^= f->locked; f->alarm = f->open && f->locked; break;
    case 4: f->known = code & 0x100; f->level += f->known; break;
    case 5: f->inverse = ~f->inverse; happened = f->inverse * 10; break;
    case 6: f->parity += 1; f->alarm |= f->parity; break;
    case 7: f->busy = f->open & ~f->locked; f->moving = -f->busy; break;
    case 8:
        if (f->moving < 0)
            happened = f->moving - 1;
        f->level--;
        break;
    case 9: f->alarm = f->known = f->level > 3; break;
    case 10: f->open = f->locked = f->busy = 0; f->known ^= 1; break;
    default:
        f->parity = f->open + f->locked + f->busy + f->alarm - f->moving;
        happened = steady(f) ? 7 : 3;
    }
    return happened;
}

static void put(uint32_t *w, uint32_t mask, int value) { *w = value ? *w | mask : *w & ~mask; }

static NOINLINE int event_word(uint32_t *w, int code) {
    int happened = 0;
    uint32_t level = *w / LEVEL % 8;
    switch (code % 12) {
    case 0:
        if (*w & (LOCKED | ALARM))
            return -1;
        *w |= OPEN | MOVING;
        break;
    case 1: *w &= ~(uint32_t)MOVING; *w ^= BUSY; break;
    case 2: *w ^= LOCKED; return (*w & LOCKED) != 0;
    case 3:
        if (*w & LOCKED)
            *w ^= OPEN;
        put(w, ALARM, (*w & (OPEN | LOCKED)) == (OPEN | LOCKED));
        break;
    case 4: put(w, KNOWN, code & 0x100); level += (*w & KNOWN) != 0; break;
    case 5: *w ^= INVERSE; return *w & INVERSE ? -10 : 0;
    case 6:
        *w ^= PARITY;
        if (*w & PARITY)
            *w |= ALARM;
        break;
    case 7: put(w, BUSY | MOVING, (*w & (OPEN | LOCKED)) == OPEN); break;
    case 8: happened = *w & MOVING ? -2 : 0; level += 7; break;
    case 9: put(w, ALARM | KNOWN, level > 3); break;
    case 10: *w = (*w & ~(uint32_t)(OPEN | LOCKED | BUSY)) ^ KNOWN; break;
    default:
        put(w, PARITY, __builtin_popcount(*w & (OPEN | LOCKED | BUSY | ALARM | MOVING)) % 2);
        happened = steady_word(*w) ? 7 : 3;
    }
    *w = *w % LEVEL + level % 8 * LEVEL;
    return happened;
}

PROGRAM(bitfield_one_bit) {
    struct flags f = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    uint32_t word = 0, state = opaque_unsigned(4711), seen = 0;
    for (int step = 0; step < 700; step++) {
        state = state * 22695477 + 1;
        int code = (int)(state >> 16);
        CHECK(event(&f, code) == event_word(&word, code));
        CHECK(as_word(&f) == word && steady(&f) == steady_word(word));
        CHECK(f.moving * 4 + f.inverse == -(int)((word & MOVING) + (word & INVERSE ? 1 : 0)));
        seen |= word;
    }
    CHECK(seen == 0x7ff);
    f.moving = opaque_int(1);
    f.alarm = opaque_int(2);
    f.open = (unsigned)opaque_int(2);
    CHECK(f.moving == -1 && f.alarm == 1 && f.open == 0 && (f.moving < f.open) && f.moving + f.alarm == 0);
}
