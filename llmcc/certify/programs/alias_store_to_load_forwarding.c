/* Stores of one width read back at another width or offset while they are still recent: whole, part, two stores joined, and
 * a store between. A byte array with explicit shifts is the model. */
#include "certify.h"

static unsigned char buffer[32];
static volatile unsigned char model[32];

static void store8(unsigned at, uint8_t value) { __builtin_memcpy(buffer + at, &value, sizeof value); }
static void store16(unsigned at, uint16_t value) { __builtin_memcpy(buffer + at, &value, sizeof value); }
static void store32(unsigned at, uint32_t value) { __builtin_memcpy(buffer + at, &value, sizeof value); }
static void store64(unsigned at, uint64_t value) { __builtin_memcpy(buffer + at, &value, sizeof value); }

static uint8_t load8(unsigned at) { uint8_t v; __builtin_memcpy(&v, buffer + at, sizeof v); return v; }
static uint16_t load16(unsigned at) { uint16_t v; __builtin_memcpy(&v, buffer + at, sizeof v); return v; }
static uint32_t load32(unsigned at) { uint32_t v; __builtin_memcpy(&v, buffer + at, sizeof v); return v; }
static uint64_t load64(unsigned at) { uint64_t v; __builtin_memcpy(&v, buffer + at, sizeof v); return v; }

static int little(void) {
    const uint16_t probe = 1;
    return *(const unsigned char *)&probe;
}

static NOINLINE void model_store(unsigned at, unsigned width, uint64_t value) {
    for (unsigned i = 0; i < width; i++)
        model[at + i] = (unsigned char)(value >> 8 * (little() ? i : width - 1 - i));
}

static NOINLINE uint64_t model_load(unsigned at, unsigned width) {
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value |= (uint64_t)model[at + i] << 8 * (little() ? i : width - 1 - i);
    return value;
}

#define STORE(WIDTH, AT, VALUE) (store##WIDTH(AT, VALUE), model_store(AT, WIDTH / 8, VALUE))
#define SAME(WIDTH, AT) CHECK(load##WIDTH(AT) == model_load(AT, WIDTH / 8))

static void constant_places(uint64_t v) {
    STORE(64, 0, v);
    SAME(32, 0);
    SAME(32, 4);
    SAME(32, 2);
    SAME(8, 7);
    STORE(32, 8, (uint32_t)(v * 3));
    STORE(32, 12, (uint32_t)(v >> 20));
    SAME(64, 8);
    SAME(64, 5);
    STORE(8, 9, (uint8_t)v);
    SAME(32, 8);
    SAME(16, 8);
    SAME(16, 9);
    STORE(16, 11, (uint16_t)~v);
    SAME(32, 8);
    SAME(32, 12);
    SAME(64, 8);
    STORE(8, 16, (uint8_t)(v >> 8));
    STORE(8, 17, (uint8_t)(v >> 16));
    STORE(8, 19, (uint8_t)(v >> 24));
    STORE(8, 18, (uint8_t)(v >> 32));
    SAME(32, 16);
    SAME(16, 17);
}

/* Raw pieces without the model between them, so that the stores and loads stand next to each other. */
static uint32_t pieces(uint32_t v, unsigned move) {
    store32(20, v);
    store32(20 + move, ~v);
    uint32_t sum = load32(20);
    store16(22, (uint16_t)sum);
    sum = sum * 3 + load32(20 + move);
    store8(21 + move, 0x5c);
    sum = sum * 3 + load16(22);
    return sum * 3 + load32(20);
}

static uint32_t pieces_model(uint32_t v, unsigned move) {
    model_store(20, 4, v);
    model_store(20 + move, 4, ~v);
    uint32_t sum = (uint32_t)model_load(20, 4);
    model_store(22, 2, (uint16_t)sum);
    sum = sum * 3 + (uint32_t)model_load(20 + move, 4);
    model_store(21 + move, 1, 0x5c);
    sum = sum * 3 + (uint32_t)model_load(22, 2);
    return sum * 3 + (uint32_t)model_load(20, 4);
}

static void store_any(unsigned width, unsigned at, uint64_t value) {
    switch (width) {
    case 1: store8(at, (uint8_t)value); break;
    case 2: store16(at, (uint16_t)value); break;
    case 4: store32(at, (uint32_t)value); break;
    default: store64(at, value);
    }
}

static uint64_t load_any(unsigned width, unsigned at) {
    switch (width) {
    case 1: return load8(at);
    case 2: return load16(at);
    case 4: return load32(at);
    default: return load64(at);
    }
}

PROGRAM(alias_store_to_load_forwarding) {
    for (unsigned i = 0; i < sizeof buffer; i++)
        buffer[i] = model[i] = (unsigned char)(i * 37);
    constant_places(0x0123456789abcdefu);
    constant_places(opaque_uint64(0xf0e1d2c3b4a59687u));
    for (unsigned move = 0; move <= 8; move++) {
        CHECK(pieces(0x89abcdefu, move) == pieces_model(0x89abcdefu, move));
        CHECK(pieces(opaque_unsigned(0x31415926u), opaque_unsigned(move)) == pieces_model(0x31415926u, move));
    }
    CHECK(pieces(77, 0) == pieces_model(77, 0) && pieces(77, 2) == pieces_model(77, 2));
    uint64_t random = opaque_uint64(12345);
    for (int turn = 0; turn < 300; turn++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        unsigned store_width = 1u << (random >> 33 & 3), load_width = 1u << (random >> 35 & 3);
        unsigned at = (unsigned)(random >> 40) % 12, from = (unsigned)(random >> 48) % 12;
        store_any(store_width, at, random);
        model_store(at, store_width, random);
        CHECK(load_any(load_width, from) == model_load(from, load_width));
    }
    for (unsigned i = 0; i < sizeof buffer; i++)
        CHECK(buffer[i] == model[i]);
}
