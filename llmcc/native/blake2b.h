/* BLAKE2b (RFC 7693) with digests of 16 bytes and no key: what the cache names its entries by (cache/store.py). */
#ifndef LLMCC_BLAKE2B_H
#define LLMCC_BLAKE2B_H
#include <stddef.h>
#include <stdint.h>

enum { BLOCK = 128, DIGITS = 32 };

struct digest {
    uint64_t state[8];
    uint64_t total; /* bytes that were compressed; 2^64 of them are never met */
    size_t waiting; /* bytes in `block` */
    unsigned char block[BLOCK];
};

void digest_begin(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t length);

/* Writes 32 hexadecimal digits and a NUL. */
void digest_end(struct digest *digest, char text[DIGITS + 1]);

#endif
