/* Ring buffers of bytes and of records with single, bulk and peeking access, overwriting and refusing kinds, indices
 * that wrap and counters that run free, against the whole stream kept flat. */
#include "certify.h"

enum { CAPACITY = 16, STREAM = 700 };

/* One slot stays empty, the indices wrap by comparison. */
struct ring {
    uint8_t data[CAPACITY];
    unsigned head, tail, dropped;
};

static unsigned ring_used(const struct ring *r) { return r->head >= r->tail ? r->head - r->tail : r->head + CAPACITY - r->tail; }

static int ring_put(struct ring *r, uint8_t byte) {
    unsigned next = r->head + 1 == CAPACITY ? 0 : r->head + 1;
    if (next == r->tail) return 0;
    r->data[r->head] = byte;
    r->head = next;
    return 1;
}

static void ring_force(struct ring *r, uint8_t byte) {
    unsigned next = r->head + 1 == CAPACITY ? 0 : r->head + 1;
    if (next == r->tail)
        r->tail = r->tail + 1 == CAPACITY ? 0 : r->tail + 1, r->dropped++;
    r->data[r->head] = byte;
    r->head = next;
}

static int ring_get(struct ring *r) {
    if (r->head == r->tail) return -1;
    int byte = r->data[r->tail];
    r->tail = r->tail + 1 == CAPACITY ? 0 : r->tail + 1;
    return byte;
}

static int ring_peek(const struct ring *r, unsigned ahead) {
    if (ahead >= ring_used(r)) return -1;
    return r->data[(r->tail + ahead) % CAPACITY];
}

/* In at most two pieces; the copies are the same but for their direction. */
static unsigned ring_write(struct ring *r, const uint8_t *from, unsigned length) {
    unsigned room = CAPACITY - 1 - ring_used(r), first;
    if (length > room) length = room;
    first = CAPACITY - r->head < length ? CAPACITY - r->head : length;
    __builtin_memcpy(r->data + r->head, from, first);
    __builtin_memcpy(r->data, from + first, length - first);
    r->head = (r->head + length) % CAPACITY;
    return length;
}

static unsigned ring_read(struct ring *r, uint8_t *to, unsigned length) {
    unsigned used = ring_used(r), first;
    if (length > used) length = used;
    first = CAPACITY - r->tail < length ? CAPACITY - r->tail : length;
    __builtin_memcpy(to, r->data + r->tail, first);
    __builtin_memcpy(to + first, r->data, length - first);
    r->tail = (r->tail + length) % CAPACITY;
    return length;
}

/* All slots are used, the counters run free and wrap at their own width. */
struct event {
    uint8_t kind;
    int16_t argument;
    int64_t stamp;
};
struct queue {
    struct event events[8];
    uint8_t written, read;
};

static int queue_post(struct queue *q, const struct event *event) {
    if ((uint8_t)(q->written - q->read) == 8) return -1;
    q->events[q->written++ & 7] = *event;
    return (uint8_t)(q->written - q->read);
}

static const struct event *queue_next(struct queue *q) { return q->written == q->read ? NULL : &q->events[q->read++ & 7]; }

static uint8_t stream[STREAM];
static uint32_t state;

static unsigned draw(unsigned range) {
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state % range;
}

static struct event event_number(int number) {
    struct event e = {(uint8_t)(number % 5), (int16_t)(number * 7 - 900), (int64_t)number * number - INT64_C(5000000000)};
    return e;
}

PROGRAM(app_ring_buffer) {
    struct ring ring = {{0}, 0, 0, 0}, forced = {{0}, 0, 0, 0};
    state = opaque_unsigned(2463534242U);
    unsigned in = 0, out = 0, full = 0, empty = 0;
    for (unsigned i = 0; i < STREAM; i++) stream[i] = (uint8_t)draw(256);
    while (out < STREAM - 40) {
        uint8_t batch[20];
        unsigned length = draw(19), done;
        switch (draw(5)) {
        case 0:
            done = (unsigned)ring_put(&ring, stream[in]);
            CHECK(done == (in - out < CAPACITY - 1));
            in += done, full += !done;
            break;
        case 1:
            done = ring_write(&ring, opaque_pointer(stream + in), length);
            CHECK(done == (length < 15 - (in - out) ? length : 15 - (in - out)));
            in += done, full += done < length;
            break;
        case 2:
            CHECK(ring_get(&ring) == (in == out ? -1 : stream[out]));
            empty += in == out, out += in != out;
            break;
        case 3:
            done = ring_read(&ring, batch, length);
            CHECK(done == (length < in - out ? length : in - out));
            for (unsigned i = 0; i < done; i++) CHECK(batch[i] == stream[out + i]);
            out += done, empty += done < length;
            break;
        default:
            CHECK(ring_peek(&ring, length) == (length < in - out ? stream[out + length] : -1));
        }
        CHECK(ring_used(&ring) == in - out && ring.head < CAPACITY && ring.tail == out % CAPACITY);
    }
    CHECK(full > 20 && empty > 20);
    for (unsigned i = 0, taken = 0; i < STREAM; i++) {
        ring_force(&forced, stream[i]);
        unsigned lost = i + 1 - taken > 15 ? i + 1 - taken - 15 : 0;
        taken += lost;
        CHECK(ring_used(&forced) == i + 1 - taken && ring_peek(&forced, 0) == stream[taken]);
        CHECK(ring_peek(&forced, i - taken) == stream[i]);
        if (i % 37 == 36)
            for (unsigned take = i / 37; take-- > 0 && taken <= i; taken++)
                CHECK(ring_get(&forced) == stream[taken]);
    }
    CHECK(forced.dropped == 535);
    struct queue queue = {{{0, 0, 0}}, 250, 250};
    for (int posted = 0, seen = 0; seen < 600;) {
        struct event event = event_number(posted);
        if (draw(2)) {
            int result = queue_post(&queue, &event);
            CHECK(result == (posted - seen == 8 ? -1 : posted - seen + 1));
            posted += result > 0;
        } else {
            const struct event *got = queue_next(&queue);
            CHECK((got == NULL) == (posted == seen));
            if (!got) continue;
            CHECK(got->kind == seen % 5 && got->argument == 7 * seen - 900 && got->stamp + 5000000000 == (int64_t)seen * seen);
            seen++;
        }
    }
}
