/* Frames on a serial line: FLAG type sequence length payload checksum(2, low byte first) FLAG.
 *
 * Between the flags, FLAG and ESCAPE are sent as ESCAPE and the byte with bit 5 turned over. The
 * checksum is Fletcher-16 over type to payload. One flag may end a frame and begin the next.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_FLAG = 0x7e, FRAME_ESCAPE = 0x7d, FRAME_PAYLOAD = 32 };

/* Flags, and five bytes more than the payload, each of which may be escaped. */
enum { FRAME_ENCODED = 2 + 2 * (FRAME_PAYLOAD + 5) };

struct frame {
    uint8_t type;
    uint8_t sequence;
    uint8_t length;
    uint8_t payload[FRAME_PAYLOAD];
};

enum frame_event { FRAME_NONE, FRAME_COMPLETE, FRAME_BAD_LENGTH, FRAME_BAD_CHECKSUM, FRAME_CUT_SHORT };

enum frame_state {
    FRAME_HUNT, /* nothing counts until a flag is seen */
    FRAME_TYPE,
    FRAME_SEQUENCE,
    FRAME_LENGTH,
    FRAME_BYTES,
    FRAME_CHECK_LOW,
    FRAME_CHECK_HIGH,
    FRAME_END,
};

struct fletcher {
    uint8_t low, high;
};

struct frame_parser {
    enum frame_state state;
    bool escaped;
    uint8_t received; /* payload bytes */
    struct fletcher sum;
    uint16_t checksum;
    struct frame frame; /* valid at FRAME_COMPLETE, until the next byte */
    uint16_t complete, rejected;
};

void fletcher_add(struct fletcher *sum, uint8_t byte);
uint16_t fletcher16(const void *bytes, size_t count);

/* Gives the bytes written, at most FRAME_ENCODED. */
size_t frame_encode(const struct frame *frame, uint8_t encoded[FRAME_ENCODED]);
enum frame_event frame_feed(struct frame_parser *parser, uint8_t byte);

#endif
