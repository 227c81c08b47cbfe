/* Structures whose size is not a power of two or that end in a short tail: copies by assignment, by memcpy of a prefix, in
 * arrays where the next element follows at once, and fields that lie in the last bytes. */
#include "certify.h"

struct three { uint8_t byte[3]; };
struct five { uint8_t byte[5]; };
struct six { uint16_t half[3]; };
struct nine { uint8_t head; uint8_t rest[8]; };
struct ten { uint16_t half[5]; };
struct twelve { uint32_t word[3]; };
struct tailed { uint32_t word; uint16_t half; uint8_t byte; };
struct wide_tailed { uint64_t huge; uint8_t byte; };

#define ARRAYS(TYPE, COUNT)                                                                        \
    static struct TYPE list_##TYPE[COUNT];                                                         \
    static NOINLINE void assign_##TYPE(struct TYPE *to, const struct TYPE *from) { *to = *from; }  \
    static struct TYPE pass_##TYPE(struct TYPE value, int use) {                                   \
        return use ? value : list_##TYPE[COUNT - 1];                                               \
    }                                                                                              \
    static void number_##TYPE(unsigned char seed) {                                                \
        unsigned char *p = (unsigned char *)list_##TYPE;                                           \
        for (unsigned i = 0; i < sizeof list_##TYPE; i++)                                          \
            p[i] = (unsigned char)(seed + i * 7);                                                  \
    }                                                                                              \
    static void check_##TYPE(int to, int from, unsigned char seed) {                               \
        const volatile unsigned char *p = (const volatile unsigned char *)list_##TYPE;             \
        const unsigned size = sizeof(struct TYPE);                                                 \
        number_##TYPE(seed);                                                                       \
        assign_##TYPE(&list_##TYPE[to], &list_##TYPE[from]);                                       \
        for (unsigned i = 0; i < COUNT * size; i++) {                                              \
            unsigned at = i / size == (unsigned)to ? (unsigned)from * size + i % size : i;         \
            CHECK(p[i] == (unsigned char)(seed + at * 7));                                         \
        }                                                                                          \
        number_##TYPE(seed);                                                                       \
        list_##TYPE[from] = pass_##TYPE(list_##TYPE[to], from & 1);                                \
        struct TYPE *end = &list_##TYPE[COUNT - 1], local = *end;                                  \
        list_##TYPE[to] = local;                                                                   \
        for (unsigned i = 0; i < COUNT * size; i++) {                                              \
            unsigned element = i / size, last = COUNT - 1;                                         \
            if (last == (unsigned)from)                                                            \
                last = from & 1 ? (unsigned)to : last;                                             \
            unsigned source = element == (unsigned)to ? last                                       \
                : element == (unsigned)from ? (from & 1 ? (unsigned)to : COUNT - 1u) : element;    \
            CHECK(p[i] == (unsigned char)(seed + (source * size + i % size) * 7));                 \
        }                                                                                          \
    }

ARRAYS(three, 5)
ARRAYS(five, 5)
ARRAYS(six, 4)
ARRAYS(nine, 4)
ARRAYS(ten, 4)
ARRAYS(twelve, 4)

/* These have padding, so only their fields are compared. */
static struct tailed tails[3];
static struct wide_tailed wides[3];

static uint64_t tail_digest(void) {
    uint64_t sum = 0;
    for (int i = 0; i < 3; i++) {
        sum = sum * 31 + tails[i].word;
        sum = sum * 31 + tails[i].half;
        sum = sum * 31 + tails[i].byte;
        sum = sum * 31 + wides[i].huge;
        sum = sum * 31 + wides[i].byte;
    }
    return sum;
}

static uint64_t tail_model(const unsigned *order, unsigned byte_of, unsigned byte) {
    volatile uint64_t sum = 0;
    for (unsigned i = 0; i < 3; i++) {
        unsigned k = order[i];
        sum = sum * 31 + k * 1000;
        sum = sum * 31 + k * 100;
        sum = sum * 31 + (i == byte_of ? byte : k * 10);
        sum = sum * 31 + ((uint64_t)k << 40);
        sum = sum * 31 + (i == byte_of ? byte + 1 : k);
    }
    return sum;
}

static void set_tails(void) {
    for (unsigned i = 0; i < 3; i++) {
        tails[i] = (struct tailed){(i + 1) * 1000, (uint16_t)((i + 1) * 100), (uint8_t)((i + 1) * 10)};
        wides[i] = (struct wide_tailed){(uint64_t)(i + 1) << 40, (uint8_t)(i + 1)};
    }
}

static void last_byte(struct tailed *t, struct wide_tailed *w, uint8_t value) {
    struct tailed copy = *t;
    struct wide_tailed wide = *w;
    copy.byte = value;
    wide.byte = (uint8_t)(value + 1);
    *t = copy;
    *w = wide;
}

static void prefix_only(int to, int from) {
    __builtin_memcpy(&tails[to], &tails[from], offsetof(struct tailed, byte));
    __builtin_memcpy(&wides[to], &wides[from], offsetof(struct wide_tailed, byte));
}

PROGRAM(memory_struct_tails) {
    for (int to = 0; to < 4; to++)
        for (int from = 0; from < 4; from++) {
            if (to == from)
                continue;
            unsigned char seed = (unsigned char)opaque_unsigned((unsigned)(to * 50 + from));
            check_three(to, opaque_int(from), seed);
            check_five(opaque_int(to), from, seed);
            check_six(to, from, seed);
            check_nine(opaque_int(to), opaque_int(from), seed);
            check_ten(to, from, seed);
            check_twelve(to, opaque_int(from), seed);
        }
    check_three(1, 0, 9);
    check_nine(0, 3, 200);

    set_tails();
    CHECK(tail_digest() == tail_model((const unsigned[]){1, 2, 3}, 9, 0));
    last_byte(&tails[1], &wides[1], (uint8_t)opaque_unsigned(77));
    CHECK(tail_digest() == tail_model((const unsigned[]){1, 2, 3}, 1, 77));
    prefix_only(0, opaque_int(2));
    /* Element 0 has the words of the third and its own last bytes. */
    CHECK(tails[0].word == 3000 && tails[0].half == 300 && tails[0].byte == 10 && wides[0].huge == 3ull << 40 && wides[0].byte == 1);
    set_tails();
    tails[2] = tails[0];
    wides[2] = wides[0];
    last_byte(&tails[0], &wides[0], 5);
    CHECK(tail_digest() == tail_model((const unsigned[]){1, 2, 1}, 0, 5));
}
