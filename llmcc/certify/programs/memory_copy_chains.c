/* Copies of copies: an intermediate object may be skipped only when neither end changed in between; results built in a
 * temporary and copied out, arguments copied in, and an exchange through a temporary. */
#include "certify.h"

struct blob { uint32_t word[6]; uint8_t tail[5]; };

static struct blob global;

static struct blob make(uint32_t seed) {
    struct blob b;
    for (uint32_t i = 0; i < 6; i++)
        b.word[i] = seed + i * 3;
    for (uint32_t i = 0; i < 5; i++)
        b.tail[i] = (uint8_t)(seed * 5 + i);
    return b;
}

static uint32_t digest(const struct blob *b) {
    uint32_t sum = 17;
    for (int i = 0; i < 6; i++)
        sum = sum * 31 + b->word[i];
    for (int i = 0; i < 5; i++)
        sum = sum * 31 + b->tail[i];
    return sum;
}

/* The digest of make(seed) with one word, or one byte of the tail, set to something else. */
static NOINLINE uint32_t expected(uint32_t seed, int place, uint32_t with) {
    volatile uint32_t sum = 17;
    for (int i = 0; i < 11; i++) {
        uint32_t next = i < 6 ? seed + (uint32_t)i * 3 : (seed * 5 + (uint32_t)i - 6) & 0xff;
        sum = sum * 31 + (i == place ? with : next);
    }
    return sum;
}

static void chain(struct blob *to, const struct blob *from, int change) {
    struct blob first = *from, second;
    if (change == 1)
        first.word[2] = 1;
    second = first;
    if (change == 2)
        first.word[3] = 2;
    global = second;
    if (change == 3)
        second.tail[1] = 3;
    struct blob third = global;
    if (change == 4)
        global.word[5] = 4;
    *to = third;
}

static uint32_t source_changes(struct blob *source, uint32_t value) {
    struct blob copy = *source;
    source->word[0] = value;
    struct blob later = *source;
    source->word[0] = copy.word[0];
    return digest(&copy) ^ digest(&later) ^ digest(source);
}

static NOINLINE uint32_t consume(struct blob mine, struct blob *yours) {
    mine.word[1] += 5;
    yours->word[1] += 7;
    mine.tail[4] = 9;
    return mine.word[1] * 1000 + yours->word[1] + mine.tail[4] - yours->tail[4];
}

static uint32_t consume_unchanged(const struct blob mine, struct blob *yours) {
    yours->word[1] += 7;
    return mine.word[1] * 1000 + yours->word[1];
}

static void exchange(struct blob *a, struct blob *b) {
    struct blob kept = *a;
    *a = *b;
    *b = kept;
}

static void exchange_bytes(struct blob *a, struct blob *b) {
    unsigned char kept[sizeof *a];
    __builtin_memcpy(kept, a, sizeof kept);
    __builtin_memmove(a, b, sizeof kept);
    __builtin_memcpy(b, kept, sizeof kept);
}

static void rotate(struct blob *list, int n) {
    struct blob first = list[0];
    for (int i = 0; i + 1 < n; i++)
        list[i] = list[i + 1];
    list[n - 1] = first;
}

/* The result is written into a temporary while the old value of the destination is still an operand. */
static struct blob mixed(const struct blob *a, const struct blob *b) {
    struct blob result = make(0);
    for (int i = 0; i < 6; i++)
        result.word[i] = a->word[5 - i] + b->word[i];
    for (int i = 0; i < 5; i++)
        result.tail[i] = (uint8_t)(a->tail[4 - i] ^ b->tail[i]);
    return result;
}

static void check_mixed(struct blob *to, const struct blob *a, const struct blob *b) {
    struct blob left = *a, right = *b;
    const volatile struct blob *l = &left, *r = &right;
    *to = mixed(a, b);
    for (int i = 0; i < 6; i++)
        CHECK(to->word[i] == l->word[5 - i] + r->word[i]);
    for (int i = 0; i < 5; i++)
        CHECK(to->tail[i] == (l->tail[4 - i] ^ r->tail[i]));
}

PROGRAM(memory_copy_chains) {
    struct blob a, b, list[4];
    for (int change = 0; change < 5; change++) {
        a = make(opaque_unsigned(40));
        chain(&b, &a, opaque_int(change));
        CHECK(digest(&b) == (change == 1 ? expected(40, 2, 1) : expected(40, 99, 0)) && digest(&a) == expected(40, 99, 0));
        CHECK(digest(&global) == (change == 1 ? expected(40, 2, 1) : change == 4 ? expected(40, 5, 4) : expected(40, 99, 0)));
        chain(&global, &a, 4);
        CHECK(digest(&global) == expected(40, 99, 0));
    }
    a = make(7);
    CHECK(source_changes(&a, opaque_unsigned(99)) == expected(7, 0, 99) && source_changes(&a, 5) == expected(7, 0, 5));
    CHECK(consume(a, &a) == 15 * 1000 + 17 + 9 - 39 && digest(&a) == expected(7, 1, 17));
    CHECK(consume_unchanged(a, &a) == 17 * 1000 + 24 && consume(a, &b) == 29 * 1000 + 50 + 9 - 204);

    a = make(1);
    b = make(opaque_unsigned(2));
    exchange(&a, &b);
    CHECK(digest(&a) == expected(2, 99, 0) && digest(&b) == expected(1, 99, 0));
    exchange_bytes(&a, &b);
    exchange_bytes(&b, &b);
    exchange(&a, &a);
    CHECK(digest(&a) == expected(1, 99, 0) && digest(&b) == expected(2, 99, 0));
    for (uint32_t i = 0; i < 4; i++)
        list[i] = make(i + 10);
    rotate(list, 4);
    rotate(list, opaque_int(3));
    rotate(list, 1);
    /* 10 11 12 13, 11 12 13 10, 12 13 11 10. */
    CHECK(digest(&list[0]) == expected(12, 99, 0) && digest(&list[1]) == expected(13, 99, 0));
    CHECK(digest(&list[2]) == expected(11, 99, 0) && digest(&list[3]) == expected(10, 99, 0));
    check_mixed(&list[0], &list[1], &list[2]);
    check_mixed(&list[1], &list[1], &list[2]);
    check_mixed(&list[opaque_int(3)], &list[0], &list[3]);
    check_mixed(&a, &a, &a);
}
