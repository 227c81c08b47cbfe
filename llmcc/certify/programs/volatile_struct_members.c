/* A device's registers: volatile members of several widths and volatile bit-fields between ordinary members. Each access
 * may change its own member only, and every statement takes effect in order. */
#include "certify.h"

struct device {
    uint8_t before;
    volatile uint8_t status;
    uint8_t between;
    volatile uint16_t data;
    uint16_t shadow;
    volatile uint32_t control;
    uint32_t total;
    volatile unsigned mode : 3, level : 7, sign : 1;
    volatile signed int trim : 5;
    uint8_t after;
};

struct plain {
    unsigned status, data, control, mode, level, sign;
    int trim;
    uint32_t total;
};

static struct device device;

static void run_device(struct device *d, unsigned steps) {
    while (steps--) {
        d->status |= 1;
        d->data = (uint16_t)(d->data * 3 + d->status);
        d->shadow = d->data;
        if (d->data & 4)
            d->level++;
        d->control += (uint32_t)d->shadow << 4 | d->mode;
        d->control ^= d->level;
        if (d->level > 100)
            d->mode += 3;
        d->sign ^= (d->control >> 5 & 1);
        d->trim = (int)(d->control % 31) - 15;
        d->total += d->control + (uint32_t)d->trim;
        d->status &= (uint8_t)~1u;
        d->status += 2;
    }
}

static void run_plain(struct plain *p, unsigned steps) {
    for (; steps; steps--) {
        p->status |= 1;
        p->data = (p->data * 3 + p->status) & 0xffff;
        if (p->data / 4 % 2)
            p->level = (p->level + 1) % 128;
        p->control += (p->data << 4 | p->mode);
        p->control ^= p->level;
        if (p->level > 100)
            p->mode = (p->mode + 3) % 8;
        p->sign = (p->sign + p->control / 32) % 2;
        p->trim = (int)(p->control % 31) - 15;
        p->total += p->control + (uint32_t)p->trim;
        p->status = ((p->status & ~1u) + 2) & 0xff;
    }
}

static void start(struct device *d, struct plain *p, uint16_t data) {
    d->before = 0xa1;
    d->between = 0xb2;
    d->after = 0xc3;
    p->status = d->status = 0;
    p->data = d->data = data;
    p->control = d->control = 0;
    d->mode = 5;
    d->level = 98;
    d->sign = 1;
    d->trim = 0;
    d->total = 0;
    p->mode = 5;
    p->level = 98;
    p->sign = 1;
    p->trim = 0;
    p->total = 0;
}

static void equal(const struct device *d, const struct plain *p) {
    CHECK(d->status == p->status && d->data == p->data && d->control == p->control);
    CHECK(d->mode == p->mode && d->level == p->level && d->sign == p->sign && d->trim == p->trim);
    CHECK(d->total == p->total && d->before == 0xa1 && d->between == 0xb2 && d->after == 0xc3);
}

/* Written twice in a row, or written and written back: the last value counts. */
static unsigned command(struct device *d, unsigned code) {
    unsigned old = d->mode;
    d->mode = code & 7;
    d->mode = d->mode + 1;
    d->level = 127;
    d->level += code;
    d->trim = -16;
    d->trim--;
    unsigned result = d->mode * 10000 + d->level * 10 + old;
    d->mode = old;
    return result + (unsigned)(d->trim == 15);
}

static struct device by_value(struct device copy) {
    copy.status = (uint8_t)(copy.status + copy.between);
    copy.control = ~copy.control;
    copy.level = copy.level / 2;
    return copy;
}

PROGRAM(volatile_struct_members) {
    struct plain plain;
    struct device local;
    for (unsigned steps = 0; steps < 40; steps += 3) {
        start(&device, &plain, (uint16_t)opaque_unsigned(steps * 501 + 1));
        run_device(&device, opaque_unsigned(steps));
        run_plain(&plain, steps);
        equal(&device, &plain);
        start(&local, &plain, 7);
        run_device(&local, steps & 7);
        run_plain(&plain, opaque_unsigned(steps & 7));
        equal(&local, &plain);
    }
    start(&local, &plain, 7);
    CHECK(command(&local, opaque_unsigned(2)) == 30000 + 10 + 5 + 1);
    CHECK(command(&local, 15) == 0 + 140 + 5 + 1 && local.mode == 5 && local.level == 14 && local.trim == 15);
    local.control = opaque_unsigned(0x12345678u);
    local.status = 3;
    struct device copy = by_value(local);
    CHECK(copy.status == (uint8_t)(3 + 0xb2) && copy.control == 0xedcba987u && copy.level == 7 && copy.mode == 5);
    CHECK(local.status == 3 && local.control == 0x12345678u && local.level == 14 && copy.trim == 15 && copy.after == 0xc3);
}
