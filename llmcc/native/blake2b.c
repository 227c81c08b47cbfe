#include "blake2b.h"

#include <string.h>

static const uint64_t initial[8] = {
    0x6A09E667F3BCC908u, 0xBB67AE8584CAA73Bu, 0x3C6EF372FE94F82Bu, 0xA54FF53A5F1D36F1u,
    0x510E527FADE682D1u, 0x9B05688C2B3E6C1Fu, 0x1F83D9ABFB41BD6Bu, 0x5BE0CD19137E2179u,
};

/* The order in which a round takes the words of a block; rounds 10 and 11 are as 0 and 1. */
static const unsigned char order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint64_t turned(uint64_t word, int by) { return word >> by | word << (64 - by); }

static uint64_t read_word(const unsigned char *bytes)
{
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--)
        word = word << 8 | bytes[i];
    return word;
}

static void mix(uint64_t *v, int a, int b, int c, int d, uint64_t x, uint64_t y)
{
    v[a] += v[b] + x;
    v[d] = turned(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = turned(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = turned(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = turned(v[b] ^ v[c], 63);
}

static void compress(struct digest *digest, const unsigned char *block, int last)
{
    uint64_t v[16], words[16];
    for (int i = 0; i < 16; i++)
        words[i] = read_word(block + 8 * i);
    memcpy(v, digest->state, sizeof digest->state);
    memcpy(v + 8, initial, sizeof initial);
    v[12] ^= digest->total;
    if (last)
        v[14] = ~v[14];
    for (int round = 0; round < 12; round++) {
        const unsigned char *next = order[round % 10];
        for (int i = 0; i < 4; i++)
            mix(v, i, 4 + i, 8 + i, 12 + i, words[next[2 * i]], words[next[2 * i + 1]]);
        for (int i = 0; i < 4; i++)
            mix(v, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, words[next[8 + 2 * i]],
                words[next[9 + 2 * i]]);
    }
    for (int i = 0; i < 8; i++)
        digest->state[i] ^= v[i] ^ v[8 + i];
}

void digest_begin(struct digest *digest)
{
    memset(digest, 0, sizeof *digest);
    memcpy(digest->state, initial, sizeof initial);
    /* Parameters: digests of 16 bytes, no key, one leaf in one layer. */
    digest->state[0] ^= 0x01010000u ^ 16;
}

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
    const unsigned char *next = bytes;
    while (length > 0) {
        /* The last block, even a full one, is compressed at the end. */
        if (digest->waiting == BLOCK) {
            digest->total += BLOCK;
            compress(digest, digest->block, 0);
            digest->waiting = 0;
        }
        size_t taken = BLOCK - digest->waiting < length ? BLOCK - digest->waiting : length;
        memcpy(digest->block + digest->waiting, next, taken);
        digest->waiting += taken;
        next += taken;
        length -= taken;
    }
}

void digest_end(struct digest *digest, char text[DIGITS + 1])
{
    static const char digits[] = "0123456789abcdef";
    memset(digest->block + digest->waiting, 0, BLOCK - digest->waiting);
    digest->total += digest->waiting;
    compress(digest, digest->block, 1);
    for (int i = 0; i < DIGITS / 2; i++) {
        unsigned byte = digest->state[i / 8] >> 8 * (i % 8) & 0xFF;
        text[2 * i] = digits[byte >> 4];
        text[2 * i + 1] = digits[byte & 15];
    }
    text[DIGITS] = 0;
}
