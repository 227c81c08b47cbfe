/* Fields overlaid with a word, with bytes and with other fields: where each field lies in the word is found out
 * first, then updates through one view must show in the others. */
#include "certify.h"

union view {
    struct { uint32_t a : 5, b : 11, c : 3, d : 13; } fields;
    struct { int32_t a : 5, b : 11, c : 3, d : 13; } signed_fields;
    struct { uint32_t ab : 16, cd : 16; } halves;
    uint32_t word;
    uint8_t bytes[4];
};

struct place { uint32_t mask; unsigned shift, width; };

static struct place places[4], pairs[2];

static struct place place_of(uint32_t mask) {
    struct place p = {mask, (unsigned)__builtin_ctz(mask), (unsigned)__builtin_popcount(mask)};
    CHECK(mask >> p.shift == (1u << p.width) - 1);
    return p;
}

static void find_places(void) {
    union view v;
    v.word = 0, v.fields.a = 31;
    places[0] = place_of(v.word);
    v.word = 0, v.fields.b = 0x7ff;
    places[1] = place_of(v.word);
    v.word = 0, v.fields.c = 7;
    places[2] = place_of(v.word);
    v.word = 0, v.fields.d = 0x1fff;
    places[3] = place_of(v.word);
    v.word = 0, v.halves.ab = 0xffff;
    pairs[0] = place_of(v.word);
    pairs[1] = place_of(~v.word);
}

static uint32_t get(uint32_t word, int at) { return (word & places[at].mask) >> places[at].shift; }
static uint32_t set(uint32_t word, int at, uint32_t value) {
    return (word & ~places[at].mask) | (value << places[at].shift & places[at].mask);
}
static int32_t get_signed(uint32_t word, int at) {
    uint32_t sign = 1u << (places[at].width - 1);
    return (int32_t)((get(word, at) ^ sign) - sign);
}

static NOINLINE uint32_t through_fields(uint32_t word, uint32_t x) {
    union view v = {.word = word};
    v.fields.a += x;
    v.fields.b = v.fields.d;
    if (v.signed_fields.c < 0)
        v.fields.d ^= v.fields.a;
    else
        v.fields.c++;
    return v.word;
}

static NOINLINE uint32_t through_word(uint32_t word, uint32_t x) {
    word = set(word, 0, get(word, 0) + x);
    word = set(word, 1, get(word, 3));
    return get(word, 2) >= 4 ? set(word, 3, get(word, 3) ^ get(word, 0)) : set(word, 2, get(word, 2) + 1);
}

/* Word, byte and field accesses to one object by turns. */
static NOINLINE uint32_t by_turns(union view *v, uint32_t x) {
    v->fields.d = x;
    v->bytes[1] ^= 0x3c;
    uint32_t seen = v->fields.b;
    v->word += 0x01010101;
    v->signed_fields.a = -3;
    seen = seen * 37 + v->halves.ab;
    v->bytes[3]++;
    v->halves.cd -= 5;
    return seen * 37 + v->fields.c;
}

static NOINLINE uint32_t by_turns_model(uint32_t *word, uint32_t x) {
    union { uint32_t word; uint8_t bytes[4]; } v;
    v.word = set(*word, 3, x);
    v.bytes[1] ^= 0x3c;
    uint32_t seen = get(v.word, 1);
    v.word = set(v.word + 0x01010101, 0, 29);
    seen = seen * 37 + ((v.word & pairs[0].mask) >> pairs[0].shift);
    v.bytes[3]++;
    v.word = (v.word & pairs[0].mask) | (((v.word >> pairs[1].shift) - 5) << pairs[1].shift & pairs[1].mask);
    *word = v.word;
    return seen * 37 + get(v.word, 2);
}

/* A tagged value: the tag is common to all views. */
union tagged {
    struct { uint32_t tag : 2, unused : 30; } any;
    struct { uint32_t tag : 2; int32_t value : 30; } number;
    struct { uint32_t tag : 2, left : 15, right : 15; } pair;
    struct { uint32_t tag : 2, length : 6, first : 8, second : 8, third : 8; } text;
};

static NOINLINE int32_t evaluate(union tagged t) {
    switch (t.any.tag) {
    case 0: return t.number.value;
    case 1: return t.pair.left - t.pair.right;
    case 2: return (int32_t)(t.text.length > 2 ? t.text.first * t.text.second - t.text.third : t.text.length
                             ? t.text.first : 0);
    default: return t.any.unused == 0x3fffffff ? -1 : INT32_MIN;
    }
}

PROGRAM(bitfield_unions) {
    unsigned checked = 0;
    find_places();
    CHECK((places[0].mask ^ places[1].mask ^ places[2].mask ^ places[3].mask) == UINT32_MAX);
    CHECK(places[0].width == 5 && places[1].width == 11 && places[2].width == 3 && places[3].width == 13);
    CHECK((places[0].mask | places[1].mask) == pairs[0].mask && (places[2].mask | places[3].mask) == pairs[1].mask);

    uint32_t word = opaque_unsigned(0xc0ffee11), other = word;
    union view v = {.word = word};
    for (uint32_t i = 0; i < 250; i++, checked += opaque_unsigned(1)) {
        uint32_t x = opaque_unsigned(i * 0x2545f491);
        CHECK(by_turns(&v, x) == by_turns_model(&word, x) && v.word == word);
        CHECK(v.fields.a == get(word, 0) && v.fields.b == get(word, 1) && v.fields.c == get(word, 2) &&
              v.fields.d == get(word, 3));
        CHECK(v.signed_fields.a == get_signed(word, 0) && v.signed_fields.b == get_signed(word, 1));
        CHECK(v.signed_fields.c == get_signed(word, 2) && v.signed_fields.d == get_signed(word, 3));
        uint32_t next = through_fields(other ^ x, i);
        CHECK(next == through_word(other ^ x, i));
        other = next + i;
    }

    union tagged t;
    for (int32_t i = -70; i < 70; i++, checked += opaque_unsigned(1)) {
        t.number.tag = 0, t.number.value = opaque_int(i) * 7654321;
        CHECK(evaluate(t) == i * 7654321);
        t.pair.tag = 1, t.pair.left = (uint32_t)i & 0x7fff, t.pair.right = 16384;
        CHECK(evaluate(t) == (i < 0 ? 16384 + i : i - 16384));
        t.text.tag = 2, t.text.length = (uint32_t)(i & 63), t.text.first = 200, t.text.second = 3, t.text.third = 255;
        CHECK(evaluate(t) == ((i & 63) > 2 ? 345 : (i & 63) ? 200 : 0));
        t.any.tag = 3, t.any.unused = i % 2 ? 0x3fffffff : 1;
        CHECK(evaluate(t) == (i % 2 ? -1 : INT32_MIN));
    }
    CHECK(checked == 390);
}
