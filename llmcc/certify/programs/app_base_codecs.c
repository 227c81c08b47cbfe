/* Base 64, base 32 and hexadecimal, encoder and decoder of each, table and arithmetic kinds, with padding, line breaks and
 * refusals, against the digits of the same bytes taken as one number. */
#include "certify.h"

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char digits32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static unsigned encode64(const uint8_t *from, unsigned size, char *to, unsigned line) {
    unsigned out = 0, column = 0;
    for (unsigned i = 0; i < size; i += 3) {
        unsigned left = size - i;
        uint32_t group = (uint32_t)from[i] << 16;
        group |= (left > 1 ? (uint32_t)from[i + 1] << 8 : 0) | (left > 2 ? from[i + 2] : 0U);
        for (unsigned symbol = 0; symbol < 4; symbol++)
            to[out++] = symbol > left ? '=' : digits64[group >> (18 - 6 * symbol) & 63];
        column += 4;
        if (line && column >= line && left > 2)
            to[out++] = '\n', column = 0;
    }
    to[out] = 0;
    return out;
}

static int value64(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static int value32(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a';
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

/* Both decoders are the same but for the width and the table; a place counts from the start of the text. */
#define DECODE(name, value_of, width, group)                                   \
    static int name(const char *text, uint8_t *to) {                           \
        uint32_t bits = 0;                                                     \
        int have = 0, out = 0, symbols = 0, padding = 0;                       \
        for (const char *at = text; *at; at++) {                               \
            if (*at == '\n' || *at == ' ')                                     \
                continue;                                                      \
            symbols++;                                                         \
            if (*at == '=') {                                                  \
                padding++;                                                     \
                continue;                                                      \
            }                                                                  \
            int value = value_of(*at);                                         \
            if (value < 0 || padding)                                          \
                return -1 - (int)(at - text);                                  \
            bits = bits << width | (uint32_t)value;                            \
            have += width;                                                     \
            if (have >= 8) {                                                   \
                have -= 8;                                                     \
                to[out++] = (uint8_t)(bits >> have);                           \
            }                                                                  \
        }                                                                      \
        if (symbols % group || have >= width || (bits & ((1U << have) - 1)))   \
            return -1000;                                                      \
        return out;                                                            \
    }
DECODE(decode64, value64, 6, 4)
DECODE(decode32, value32, 5, 8)

static unsigned encode32(const uint8_t *from, unsigned size, char *to) {
    unsigned out = 0, have = 0, i = 0;
    uint32_t bits = 0;
    while (i < size || have > 0) {
        if (have < 5 && i < size) {
            bits = bits << 8 | from[i++];
            have += 8;
        } else if (have < 5) {
            bits <<= 5 - have;
            have = 5;
        }
        have -= 5;
        to[out++] = digits32[bits >> have & 31];
    }
    while (out % 8) to[out++] = '=';
    to[out] = 0;
    return out;
}

static void encode16(const uint8_t *from, unsigned size, char *to, int upper) {
    const char letter = upper ? 'A' - 10 : 'a' - 10;
    for (unsigned i = 0; i < size; i++) {
        unsigned high = from[i] >> 4, low = from[i] & 15;
        *to++ = (char)(high + (high < 10 ? '0' : letter));
        *to++ = (char)(low + (low < 10 ? '0' : letter));
    }
    *to = 0;
}

static int decode16(const char *text, uint8_t *to) {
    int out = 0;
    for (; text[0] && text[1]; text += 2) {
        unsigned value = 0;
        for (int i = 0; i < 2; i++) {
            unsigned c = (unsigned char)text[i];
            unsigned digit = c - '0' < 10 ? c - '0' : (c | 32) - 'a' < 6 ? (c | 32) - 'a' + 10 : 99;
            if (digit > 15) return -1;
            value = value * 16 + digit;
        }
        to[out++] = (uint8_t)value;
    }
    return *text ? -2 : out;
}

/* The digit of `width` bits that starts at bit `first` of the bytes; zero bits follow the end. */
static unsigned digit_at(const uint8_t *bytes, unsigned size, unsigned first, int width) {
    unsigned digit = 0;
    for (int i = 0; i < width; i++, first++)
        digit += digit + (first / 8 < size ? bytes[first / 8] / (1U << (7 - first % 8)) % 2 : 0);
    return digit;
}

static int same(const char *a, const char *b) { return __builtin_strcmp(a, b) == 0; }

PROGRAM(app_base_codecs) {
    uint8_t bytes[48], back[48];
    char text[100];
    uint32_t state = opaque_unsigned(77);
    for (unsigned size = 0; size <= 48; size++) {
        for (unsigned i = 0; i < size; i++) bytes[i] = (uint8_t)((state = state * 134775813 + 1) >> 23);
        CHECK(encode64(bytes, size, text, 0) == (size + 2) / 3 * 4);
        for (unsigned i = 0; text[i]; i++)
            CHECK(text[i] == (i * 6 >= size * 8 ? '=' : digits64[digit_at(bytes, size, i * 6, 6)]));
        CHECK(decode64(text, back) == (int)size && __builtin_memcmp(bytes, back, size) == 0);
        unsigned length = encode64(bytes, size, text, 16);
        CHECK(length == (size + 2) / 3 * 4 + size / 12);
        for (unsigned i = 0; i < length; i++) CHECK((text[i] == '\n') == (i % 17 == 16));
        CHECK(decode64(text, back) == (int)size && __builtin_memcmp(bytes, back, size) == 0);
        CHECK(encode32(bytes, size, text) == (size + 4) / 5 * 8);
        for (unsigned i = 0; text[i]; i++)
            CHECK(text[i] == (i * 5 >= size * 8 ? '=' : digits32[digit_at(bytes, size, i * 5, 5)]));
        CHECK(decode32(text, back) == (int)size && __builtin_memcmp(bytes, back, size) == 0);
        encode16(bytes, size, text, size & 1);
        for (unsigned i = 0; i < 2 * size; i++)
            CHECK(text[i] == (size & 1 ? "0123456789ABCDEF" : "0123456789abcdef")[digit_at(bytes, size, i * 4, 4)]);
        CHECK(decode16(text, back) == (int)size && __builtin_memcmp(bytes, back, size) == 0);
    }
    static const uint8_t word[6] = {'h', 'a', 'r', 'b', 'o', 'r'};
    encode64(opaque_pointer(word), 6, text, 0);
    CHECK(same(text, "aGFyYm9y"));
    encode64(word, opaque_unsigned(4), text, 0);
    CHECK(same(text, "aGFyYg==") && decode64("aGFy Yg==", back) == 4 && decode64("aGFyYh==", back) == -1000);
    encode32(word, 6, text);
    CHECK(same(text, "NBQXEYTPOI======") && decode32("nbqxeytpoi======", back) == 6 && back[5] == 'r');
    CHECK(decode64("aG-y", back) == -3 && decode64("a", back) == -1000 && decode64("aG=y", back) == -4);
    CHECK(decode32("NBQXEYT1", back) == -8 && decode32("NBQXEY=", back) == -1000 && decode32("NA======", back) == 1);
    CHECK(decode16("5fE0", back) == 2 && back[0] == 95 && back[1] == 224 && decode16("5fE", back) == -2);
    CHECK(decode16("5g", back) == -1 && decode16("@1", back) == -1 && decode16("/1", back) == -1 && decode16(":1", back) == -1);
}
