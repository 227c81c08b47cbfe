/* Packed structures in which fields, misaligned integers and nested structures follow one another: updates in
 * arrays, copies by assignment, by bytes, by value and back, and neighbours left alone. */
#include "certify.h"

struct __attribute__((packed)) header {
    uint8_t version : 3;
    uint8_t flags : 5;
    uint32_t length;
    uint16_t port : 14;
    uint16_t urgent : 2;
    uint64_t serial : 48;
};

struct __attribute__((packed)) record {
    uint8_t tag;
    struct header header;
    int32_t delta : 21;
    uint32_t kind : 11;
    int16_t samples[3];
    uint64_t checksum;
};

struct wide {
    uint32_t version, flags, length, port, urgent, kind, tag;
    int32_t delta, samples[3];
    uint64_t serial, checksum;
};

static struct header make_header(uint32_t seed) {
    struct header h;
    h.version = (uint8_t)(seed & 7);
    h.flags = (uint8_t)(seed >> 3 & 31);
    h.length = seed * 2654435761u;
    h.port = (uint16_t)(seed * 40503u >> 7 & 0x3fff);
    h.urgent = (uint16_t)(seed >> 5 & 3);
    h.serial = (uint64_t)seed * 1000000007 & 0xffffffffffff;
    return h;
}

static NOINLINE struct record make_record(uint32_t seed, struct header header) {
    struct record r = {.tag = (uint8_t)seed, .header = header, .samples = {(int16_t)seed, -1, (int16_t)(seed * 77)}};
    r.delta = (int32_t)(seed * 31337 << 11) >> 11;
    r.kind = seed * 13 & 0x7ff;
    r.checksum = ~(uint64_t)seed << 20;
    return r;
}

static NOINLINE uint64_t digest(struct record r) {
    uint64_t sum = r.tag;
    sum = sum * 31 + r.header.version;
    sum = sum * 31 + r.header.flags;
    sum = sum * 31 + r.header.length;
    sum = sum * 31 + r.header.port;
    sum = sum * 31 + r.header.urgent;
    sum = sum * 31 + (uint64_t)r.header.serial;
    sum = sum * 31 + (uint64_t)(int64_t)r.delta;
    sum = sum * 31 + r.kind;
    for (int i = 0; i < 3; i++)
        sum = sum * 31 + (uint64_t)r.samples[i];
    return sum * 31 + r.checksum;
}

static NOINLINE uint64_t digest_wide(const struct wide *w) {
    const uint64_t parts[] = {w->version, w->flags, w->length, w->port, w->urgent, w->serial, (uint64_t)w->delta,
                              w->kind,
                              (uint64_t)w->samples[0], (uint64_t)w->samples[1], (uint64_t)w->samples[2], w->checksum};
    uint64_t sum = w->tag;
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
        sum = sum * 31 + parts[i];
    return sum;
}

static struct wide make_wide(uint32_t seed) {
    int32_t delta = (int32_t)(seed * 31337 % 0x200000);
    struct wide w = {.tag = seed % 256, .version = seed % 8, .flags = seed / 8 % 32, .length = seed * 2654435761u};
    w.port = seed * 40503u / 128 % 16384;
    w.urgent = seed / 32 % 4;
    w.serial = (uint64_t)seed * 1000000007 % ((uint64_t)1 << 48);
    w.delta = delta < 0x100000 ? delta : delta - 0x200000;
    w.kind = seed * 13 % 2048;
    w.samples[0] = (int16_t)seed, w.samples[1] = -1, w.samples[2] = (int16_t)(seed * 77);
    w.checksum = (UINT64_MAX - seed) * 1048576;
    return w;
}

static NOINLINE void update(struct record *r, int way) {
    r->header.length += r->header.port;
    r->delta = -r->delta;
    if (way & 1)
        r->header.serial += r->kind;
    else
        r->header.flags ^= r->header.version;
    r->samples[way % 3] = (int16_t)(r->samples[way % 3] + r->delta);
    r->kind++;
    r->checksum -= (uint64_t)r->header.serial;
}

static NOINLINE void update_wide(struct wide *w, int way) {
    w->length += w->port;
    w->delta = w->delta == -0x100000 ? w->delta : -w->delta;
    if (way % 2)
        w->serial = (w->serial + w->kind) & 0xffffffffffff;
    else
        w->flags ^= w->version;
    w->samples[way % 3] = (int16_t)(w->samples[way % 3] + w->delta);
    w->kind = (w->kind + 1) % 2048;
    w->checksum -= w->serial;
}

static void copy_bytes(void *to, const void *from, size_t size) {
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
}

PROGRAM(bitfield_packed) {
    unsigned checked = 0;
    enum { count = 9 };
    struct record records[count], shadow;
    struct wide wide[count];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t seed = opaque_unsigned(i * 0x9e3779b9);
        records[i] = make_record(seed, make_header(seed));
        wide[i] = make_wide(i * 0x9e3779b9);
        CHECK(digest(records[i]) == digest_wide(&wide[i]));
    }
    for (int way = 0; way < 54; way++, checked += opaque_unsigned(1)) {
        int at = way * 5 % count, next = (at + 1) % count;
        copy_bytes(&shadow, &records[at], sizeof shadow);
        update(&records[at], way);
        update_wide(&wide[at], way);
        update(&shadow, way);
        CHECK(digest(records[at]) == digest_wide(&wide[at]) && digest(shadow) == digest(records[at]));
        CHECK(digest(records[next]) == digest_wide(&wide[next]));
        if (way % 4 == 3) {
            records[next].header = records[at].header;
            wide[next].version = wide[at].version, wide[next].flags = wide[at].flags,
                wide[next].length = wide[at].length;
            wide[next].port = wide[at].port, wide[next].urgent = wide[at].urgent, wide[next].serial = wide[at].serial;
        }
    }
    for (int i = 0; i < count; i++)
        CHECK(digest(records[i]) == digest_wide(&wide[i]));
    CHECK(checked == 54);
}
