/* What the frames mean: each request has one reply. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "filter.h"
#include "frame.h"
#include "store.h"

enum message_type {
    MESSAGE_PING = 0x01,   /* anything; the reply has the same payload */
    MESSAGE_READ = 0x02,   /* key; the reply has the value */
    MESSAGE_WRITE = 0x03,  /* key, 0, value; the reply is empty */
    MESSAGE_FILTER = 0x10, /* samples, 16 bits, low byte first; the reply has as many */
    MESSAGE_STATUS = 0x20, /* nothing; the reply has the frames complete and rejected, and the keys stored */
    MESSAGE_REPLY = 0x80,  /* added to the type of the request */
    MESSAGE_ERROR = 0xff,  /* a reply with one of enum message_error */
};

enum message_error { MESSAGE_UNKNOWN = 1, MESSAGE_MALFORMED, MESSAGE_NO_KEY, MESSAGE_NO_ROOM };

struct device {
    struct store *store;
    struct filter *filter;
    struct frame_parser *parser;
};

void message_answer(const struct device *device, const struct frame *request, struct frame *reply);

/* The name of a request's type, null when it is unknown. */
const char *message_name(uint8_t type);

#endif
