/* Keys and values in flash that survive a loss of power at any byte.
 *
 * The sectors are a ring, so all wear alike. New records are appended to the active sector; when it is
 * full, the next one (always erased) becomes active, the live records of the oldest are copied into it,
 * and the oldest is erased. The newest committed record of a key counts.
 */
#ifndef STORE_H
#define STORE_H

#include "flash.h"

enum { STORE_KEY = 15, STORE_VALUE = 48 };

enum store_status { STORE_OK, STORE_MISSING, STORE_FULL, STORE_INVALID, STORE_NO_POWER };

struct store {
    struct flash *flash;
    size_t active;
    size_t end; /* where the active sector's next record goes */
    uint16_t sequence;
};

enum store_status store_mount(struct store *store, struct flash *flash);
enum store_status store_set(struct store *store, const char *key, const void *value, size_t length);
enum store_status store_delete(struct store *store, const char *key);

/* `length` is the room in `value` before and the bytes there after. */
enum store_status store_get(const struct store *store, const char *key, void *value, size_t *length);
size_t store_count(const struct store *store);

#endif
