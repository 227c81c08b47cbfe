#include "frame.h"

enum { ESCAPE_BIT = 0x20 };

void fletcher_add(struct fletcher *sum, uint8_t byte)
{
    /* Both sums are modulo 255, kept below it. */
    unsigned low = (unsigned)sum->low + byte;
    low -= low >= 255 ? 255 : 0;
    low -= low >= 255 ? 255 : 0;
    unsigned high = sum->high + low;
    high -= high >= 255 ? 255 : 0;
    sum->low = (uint8_t)low;
    sum->high = (uint8_t)high;
}

static uint16_t fletcher_value(const struct fletcher *sum)
{
    return (uint16_t)(sum->high << 8 | sum->low);
}

uint16_t fletcher16(const void *bytes, size_t count)
{
    struct fletcher sum = {0, 0};
    for (const uint8_t *byte = bytes; count; count--)
        fletcher_add(&sum, *byte++);
    return fletcher_value(&sum);
}

static uint8_t *stuff(uint8_t *out, uint8_t byte)
{
    if (byte == FRAME_FLAG || byte == FRAME_ESCAPE) {
        *out++ = FRAME_ESCAPE;
        byte ^= ESCAPE_BIT;
    }
    *out++ = byte;
    return out;
}

size_t frame_encode(const struct frame *frame, uint8_t encoded[FRAME_ENCODED])
{
    const uint8_t head[] = {frame->type, frame->sequence, frame->length};
    struct fletcher sum = {0, 0};
    uint8_t *out = encoded;
    *out++ = FRAME_FLAG;
    for (size_t i = 0; i < sizeof head; i++) {
        fletcher_add(&sum, head[i]);
        out = stuff(out, head[i]);
    }
    for (size_t i = 0; i < frame->length; i++) {
        fletcher_add(&sum, frame->payload[i]);
        out = stuff(out, frame->payload[i]);
    }
    out = stuff(out, sum.low);
    out = stuff(out, sum.high);
    *out++ = FRAME_FLAG;
    return (size_t)(out - encoded);
}

static enum frame_event reject(struct frame_parser *parser, enum frame_state next, enum frame_event why)
{
    parser->state = next;
    parser->rejected++;
    return why;
}

static enum frame_event on_flag(struct frame_parser *parser)
{
    enum frame_state state = parser->state;
    bool escaped = parser->escaped;
    parser->escaped = false;
    parser->received = 0;
    parser->sum = (struct fletcher){0, 0};
    parser->state = FRAME_TYPE;
    /* Flags in a row are idle time, not empty frames. */
    if (state == FRAME_HUNT || (state == FRAME_TYPE && !escaped))
        return FRAME_NONE;
    if (state != FRAME_END || escaped)
        return reject(parser, FRAME_TYPE, FRAME_CUT_SHORT);
    parser->complete++;
    return FRAME_COMPLETE;
}

enum frame_event frame_feed(struct frame_parser *parser, uint8_t byte)
{
    struct frame *frame = &parser->frame;
    if (byte == FRAME_FLAG)
        return on_flag(parser);
    if (parser->state == FRAME_HUNT)
        return FRAME_NONE;
    if (byte == FRAME_ESCAPE && !parser->escaped) {
        parser->escaped = true;
        return FRAME_NONE;
    }
    if (parser->escaped) {
        parser->escaped = false;
        byte ^= ESCAPE_BIT;
    }
    switch (parser->state) {
    case FRAME_HUNT:
        break;
    case FRAME_TYPE:
        frame->type = byte;
        fletcher_add(&parser->sum, byte);
        parser->state = FRAME_SEQUENCE;
        break;
    case FRAME_SEQUENCE:
        frame->sequence = byte;
        fletcher_add(&parser->sum, byte);
        parser->state = FRAME_LENGTH;
        break;
    case FRAME_LENGTH:
        if (byte > FRAME_PAYLOAD)
            return reject(parser, FRAME_HUNT, FRAME_BAD_LENGTH);
        frame->length = byte;
        fletcher_add(&parser->sum, byte);
        parser->state = byte ? FRAME_BYTES : FRAME_CHECK_LOW;
        break;
    case FRAME_BYTES:
        frame->payload[parser->received++] = byte;
        fletcher_add(&parser->sum, byte);
        if (parser->received == frame->length)
            parser->state = FRAME_CHECK_LOW;
        break;
    case FRAME_CHECK_LOW:
        parser->checksum = byte;
        parser->state = FRAME_CHECK_HIGH;
        break;
    case FRAME_CHECK_HIGH:
        parser->checksum |= (uint16_t)(byte << 8);
        if (parser->checksum != fletcher_value(&parser->sum))
            return reject(parser, FRAME_HUNT, FRAME_BAD_CHECKSUM);
        parser->state = FRAME_END;
        break;
    case FRAME_END:
        /* More bytes than the length says. */
        return reject(parser, FRAME_HUNT, FRAME_BAD_LENGTH);
    }
    return FRAME_NONE;
}
