#include "message.h"

#include "memory.h"

/* 0 when the reply is ready, otherwise enum message_error. */
typedef uint8_t message_handler(const struct device *device, const struct frame *request, struct frame *reply);

static void put16(struct frame *reply, unsigned value)
{
    reply->payload[reply->length++] = (uint8_t)value;
    reply->payload[reply->length++] = (uint8_t)(value >> 8);
}

static uint8_t from_store(enum store_status status)
{
    switch (status) {
    case STORE_OK:
        return 0;
    case STORE_MISSING:
        return MESSAGE_NO_KEY;
    case STORE_FULL:
        return MESSAGE_NO_ROOM;
    default:
        return MESSAGE_MALFORMED;
    }
}

static uint8_t answer_ping(const struct device *device, const struct frame *request, struct frame *reply)
{
    (void)device;
    reply->length = request->length;
    memcpy(reply->payload, request->payload, request->length);
    return 0;
}

static uint8_t answer_read(const struct device *device, const struct frame *request, struct frame *reply)
{
    char key[STORE_KEY + 1];
    if (request->length > STORE_KEY)
        return MESSAGE_MALFORMED;
    memcpy(key, request->payload, request->length);
    key[request->length] = '\0';
    size_t length = FRAME_PAYLOAD;
    uint8_t error = from_store(store_get(device->store, key, reply->payload, &length));
    reply->length = (uint8_t)length;
    return error;
}

static uint8_t answer_write(const struct device *device, const struct frame *request, struct frame *reply)
{
    (void)reply;
    uint8_t length = 0;
    while (length < request->length && request->payload[length])
        length++;
    if (length == request->length)
        return MESSAGE_MALFORMED;
    const uint8_t *value = request->payload + length + 1;
    size_t count = (size_t)(request->length - length - 1);
    return from_store(store_set(device->store, (const char *)request->payload, value, count));
}

static uint8_t answer_filter(const struct device *device, const struct frame *request, struct frame *reply)
{
    if (request->length % 2)
        return MESSAGE_MALFORMED;
    for (uint8_t i = 0; i < request->length; i += 2) {
        int16_t sample = (int16_t)(request->payload[i] | request->payload[i + 1] << 8);
        put16(reply, (uint16_t)filter_step(device->filter, sample));
    }
    return 0;
}

static uint8_t answer_status(const struct device *device, const struct frame *request, struct frame *reply)
{
    (void)request;
    put16(reply, device->parser->complete);
    put16(reply, device->parser->rejected);
    put16(reply, (unsigned)store_count(device->store));
    return 0;
}

static const struct {
    uint8_t type;
    uint8_t shortest, longest;
    const char *name;
    message_handler *answer;
} messages[] = {
    {MESSAGE_PING, 0, FRAME_PAYLOAD, "ping", answer_ping},
    {MESSAGE_READ, 1, FRAME_PAYLOAD, "read", answer_read},
    {MESSAGE_WRITE, 2, FRAME_PAYLOAD, "write", answer_write},
    {MESSAGE_FILTER, 2, FRAME_PAYLOAD, "filter", answer_filter},
    {MESSAGE_STATUS, 0, 0, "status", answer_status},
};

enum { MESSAGES = sizeof messages / sizeof *messages };

const char *message_name(uint8_t type)
{
    for (size_t i = 0; i < MESSAGES; i++) {
        if (messages[i].type == type)
            return messages[i].name;
    }
    return NULL;
}

void message_answer(const struct device *device, const struct frame *request, struct frame *reply)
{
    uint8_t error = MESSAGE_UNKNOWN;
    reply->type = request->type | MESSAGE_REPLY;
    reply->sequence = request->sequence;
    reply->length = 0;
    for (size_t i = 0; i < MESSAGES; i++) {
        if (messages[i].type != request->type)
            continue;
        if (request->length < messages[i].shortest || request->length > messages[i].longest)
            error = MESSAGE_MALFORMED;
        else
            error = messages[i].answer(device, request, reply);
    }
    if (error) {
        reply->type = MESSAGE_ERROR;
        reply->length = 1;
        reply->payload[0] = error;
    }
}
