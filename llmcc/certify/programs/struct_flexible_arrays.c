/* Structures with a flexible array member in allocated storage: growth by copying, insertion, concatenation and comparison, the
 * header and the elements changed in turn, and elements of several widths right behind a short header. */
#include "certify.h"

struct vector { uint16_t length, room; int32_t item[]; };
struct text { uint8_t length; char character[]; };
struct samples { uint32_t count; uint8_t scale; uint16_t sample[]; };

static int live;

static void *allocate(size_t size) {
    void *block = __builtin_malloc(size);
    CHECK(block != 0);
    live++;
    return block;
}

static void release(void *block) {
    live--;
    __builtin_free(block);
}

static struct vector *new_vector(uint16_t room) {
    struct vector *v = allocate(sizeof *v + room * sizeof v->item[0]);
    v->length = 0;
    v->room = room;
    return v;
}

static struct vector *grown(struct vector *old) {
    struct vector *v = new_vector((uint16_t)(old->room * 2 + 1));
    __builtin_memcpy(v->item, old->item, old->length * sizeof old->item[0]);
    v->length = old->length;
    release(old);
    return v;
}

static NOINLINE struct vector *insert(struct vector *v, unsigned at, int32_t value) {
    if (v->length == v->room)
        v = grown(v);
    for (unsigned i = v->length++; i > at; i--)
        v->item[i] = v->item[i - 1];
    v->item[at] = value;
    return v;
}

static struct vector *insert_sorted(struct vector *v, int32_t value) {
    unsigned low = 0, high = v->length;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (v->item[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return insert(v, low, value);
}

static struct text *new_text(const char *from) {
    size_t length = __builtin_strlen(from);
    struct text *t = allocate(sizeof *t + length);
    t->length = (uint8_t)length;
    __builtin_memcpy(t->character, from, length);
    return t;
}

static NOINLINE struct text *joined(const struct text *a, const struct text *b) {
    struct text *t = allocate(sizeof *t + a->length + b->length);
    t->length = (uint8_t)(a->length + b->length);
    for (unsigned i = 0; i < t->length; i++)
        t->character[i] = i < a->length ? a->character[i] : b->character[i - a->length];
    return t;
}

static int same(const struct text *a, const char *b) {
    return a->length == __builtin_strlen(b) && __builtin_memcmp(a->character, b, a->length) == 0;
}

/* The header shares its last word with the first element: each store must leave the other alone. */
static struct samples *new_samples(uint32_t count, uint8_t scale) {
    struct samples *s = allocate(sizeof *s + count * sizeof s->sample[0]);
    s->count = count;
    for (uint32_t i = 0; i < count; i++)
        s->sample[i] = (uint16_t)(i * i + 0xff00u);
    s->scale = scale;
    return s;
}

static uint32_t scaled_sum(struct samples *s) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        s->sample[i] = (uint16_t)(s->sample[i] * s->scale);
        s->scale++;
        sum += s->sample[i];
    }
    return sum;
}

static uint32_t scaled_sum_model(uint32_t count, uint32_t scale) {
    uint32_t volatile sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += (i * i + 0xff00u) * scale % 0x10000u;
        scale = (scale + 1) % 256;
    }
    return sum;
}

static void check_vector(unsigned n, int32_t factor) {
    struct vector *v = new_vector((uint16_t)(n & 1)), *w = new_vector(2);
    int32_t sum = 0;
    for (unsigned i = 0; i < n; i++) {
        int32_t value = (int32_t)(i * 29 % 31) * factor;
        v = insert_sorted(v, value);
        w = insert(w, i / 2, value);
        sum += value;
    }
    for (unsigned i = 0; i < n; i++) {
        CHECK(i == 0 || v->item[i - 1] <= v->item[i]);
        sum -= v->item[i];
        /* Those of odd turns are in the first half in order, the others behind in reverse. */
        unsigned turn = i < n / 2 ? 2 * i + 1 : 2 * (n - 1 - i);
        CHECK(w->item[i] == (int32_t)(turn * 29 % 31) * factor);
    }
    CHECK(sum == 0 && v->length == n && w->length == n && live == 2 && w->room >= n);
    release(v);
    release(w);
}

PROGRAM(struct_flexible_arrays) {
    for (unsigned n = 0; n < 20; n += 3)
        check_vector(opaque_unsigned(n), opaque_int(n & 2 ? -3 : 1));
    check_vector(6, 7);
    struct text *a = new_text(opaque_pointer("flexible")), *b = new_text(" array"), *c = joined(a, b), *d = joined(c, c);
    CHECK(same(c, "flexible array") && same(d, "flexible arrayflexible array") && !same(c, "flexible arrays") && !same(b, " arra"));
    c->character[8] = '_';
    c->length = 9;
    CHECK(same(c, "flexible_") && same(a, "flexible") && d->length == 28 && live == 4);
    struct text *all[] = {a, b, c, d};
    for (int i = 0; i < 4; i++)
        release(all[i]);
    for (uint32_t count = 0; count < 12; count += 5) {
        struct samples *s = new_samples(opaque_unsigned(count), (uint8_t)opaque_unsigned(250));
        CHECK(scaled_sum(s) == scaled_sum_model(count, 250) && s->count == count && s->scale == (250 + count) % 256);
        release(s);
    }
    CHECK(live == 0);
}
