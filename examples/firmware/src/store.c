#include "store.h"

#include "frame.h"
#include "memory.h"

/* A sector begins with its sequence number and that number's complement. A record is its head, the key and
 * the value, padded with ones to words. The commit mark is programmed last: without it the record is void. */
enum { SECTOR_HEAD = 4, RECORD_HEAD = 5, MARK = 4, MARK_VALUE = 0xa5, MARK_DELETED = 0x5a, ERASED = 0xff };

struct record {
    const uint8_t *head; /* key length, value length, checksum (2), mark */
    size_t size;         /* with padding; 0: there are no more */
};

static size_t record_size(size_t key, size_t value)
{
    return (RECORD_HEAD + key + value + 3) & ~(size_t)3;
}

static uint16_t get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static const uint8_t *key_of(const struct record *record)
{
    return record->head + RECORD_HEAD;
}

static const uint8_t *value_of(const struct record *record)
{
    return key_of(record) + record->head[0];
}

static bool is_committed(const struct record *record)
{
    uint8_t mark = record->head[MARK];
    size_t body = (size_t)record->head[0] + record->head[1];
    return (mark == MARK_VALUE || mark == MARK_DELETED) && fletcher16(key_of(record), body) == get16(record->head + 2);
}

static struct record record_at(const struct store *store, size_t sector, size_t offset)
{
    struct record record = {store->flash->memory[sector] + offset, 0};
    if (offset + RECORD_HEAD > FLASH_SECTOR_SIZE || record.head[0] == ERASED)
        return record;
    size_t size = record_size(record.head[0], record.head[1]);
    /* A length cut off by a loss of power closes the sector. */
    record.size = offset + size <= FLASH_SECTOR_SIZE ? size : 0;
    return record;
}

/* Step to the next record of a sector, from `offset` on, which moves behind it; false: there are no more. */
static bool next_record(const struct store *store, size_t sector, size_t *offset, struct record *record)
{
    *record = record_at(store, sector, *offset);
    *offset += record->size;
    return record->size != 0;
}

static bool has_sequence(const struct store *store, size_t sector)
{
    const uint8_t *head = store->flash->memory[sector];
    return (get16(head) ^ get16(head + 2)) == 0xffff;
}

static bool is_erased(const struct store *store, size_t sector)
{
    for (size_t i = 0; i < FLASH_SECTOR_SIZE; i++) {
        if (store->flash->memory[sector][i] != ERASED)
            return false;
    }
    return true;
}

static size_t find_end(const struct store *store, size_t sector)
{
    size_t offset = SECTOR_HEAD;
    struct record record;
    while (next_record(store, sector, &offset, &record))
        ;
    return offset + RECORD_HEAD <= FLASH_SECTOR_SIZE && record.head[0] != ERASED ? FLASH_SECTOR_SIZE : offset;
}

/* The newest committed record of a key; its size is 0 when there is none. */
static struct record find(const struct store *store, const uint8_t *key, size_t length)
{
    struct record found = {NULL, 0};
    for (size_t back = 0; back < FLASH_SECTORS && !found.size; back++) {
        size_t sector = (store->active + FLASH_SECTORS - back) % FLASH_SECTORS;
        if (!has_sequence(store, sector))
            continue;
        struct record record;
        for (size_t offset = SECTOR_HEAD; next_record(store, sector, &offset, &record);) {
            if (record.head[0] == length && is_committed(&record) && memcmp(key_of(&record), key, length) == 0)
                found = record;
        }
    }
    return found;
}

static bool is_live(const struct store *store, const struct record *record)
{
    return is_committed(record) && record->head[MARK] == MARK_VALUE &&
           find(store, key_of(record), record->head[0]).head == record->head;
}

static bool append(struct store *store, const uint8_t *head, const uint8_t *key, const uint8_t *value)
{
    size_t at = store->end;
    size_t body = at + RECORD_HEAD;
    store->end += record_size(head[0], head[1]);
    return flash_program(store->flash, store->active, at, head, MARK) &&
           flash_program(store->flash, store->active, body, key, head[0]) &&
           flash_program(store->flash, store->active, body + head[0], value, head[1]) &&
           flash_program(store->flash, store->active, at + MARK, head + MARK, 1);
}

static bool activate(struct store *store, size_t sector, uint16_t sequence)
{
    uint16_t complement = (uint16_t)~sequence;
    const uint8_t head[SECTOR_HEAD] = {(uint8_t)sequence, (uint8_t)(sequence >> 8), (uint8_t)complement,
                                       (uint8_t)(complement >> 8)};
    store->active = sector;
    store->sequence = sequence;
    store->end = SECTOR_HEAD;
    return flash_program(store->flash, sector, 0, head, sizeof head);
}

/* Copy what is live in the sector after the active one, which is the oldest, and erase it. */
static bool reclaim(struct store *store)
{
    size_t oldest = (store->active + 1) % FLASH_SECTORS;
    size_t offset = SECTOR_HEAD;
    struct record record;
    while (has_sequence(store, oldest) && next_record(store, oldest, &offset, &record)) {
        if (is_live(store, &record)) {
            if (store->end + record.size > FLASH_SECTOR_SIZE)
                return false;
            if (!append(store, record.head, key_of(&record), value_of(&record)))
                return false;
        }
    }
    return is_erased(store, oldest) || flash_erase(store->flash, oldest);
}

static bool make_room(struct store *store)
{
    size_t next = (store->active + 1) % FLASH_SECTORS;
    return activate(store, next, (uint16_t)(store->sequence + 1)) && reclaim(store);
}

enum store_status store_mount(struct store *store, struct flash *flash)
{
    bool found = false;
    store->flash = flash;
    for (size_t sector = 0; sector < FLASH_SECTORS; sector++) {
        if (!has_sequence(store, sector)) {
            if (!is_erased(store, sector) && !flash_erase(flash, sector))
                return STORE_NO_POWER;
            continue;
        }
        uint16_t sequence = get16(flash->memory[sector]);
        if (!found || (int16_t)(sequence - store->sequence) > 0) {
            store->sequence = sequence;
            store->active = sector;
        }
        found = true;
    }
    if (!found)
        return activate(store, 0, 1) ? STORE_OK : STORE_NO_POWER;
    if (!is_erased(store, (store->active + 1) % FLASH_SECTORS)) {
        /* The power failed while the oldest sector was being reclaimed, so the newest holds only copies. */
        if (!flash_erase(flash, store->active))
            return STORE_NO_POWER;
        store->active = (store->active + FLASH_SECTORS - 1) % FLASH_SECTORS;
        store->sequence--;
    }
    store->end = find_end(store, store->active);
    return STORE_OK;
}

static enum store_status write_record(struct store *store, const char *key, const void *value, size_t length,
                                      uint8_t mark)
{
    uint8_t body[STORE_KEY + STORE_VALUE];
    size_t key_length = strlen(key);
    if (key_length == 0 || key_length > STORE_KEY || length > STORE_VALUE)
        return STORE_INVALID;
    memcpy(body, key, key_length);
    memcpy(body + key_length, value, length);
    uint16_t checksum = fletcher16(body, key_length + length);
    const uint8_t head[RECORD_HEAD] = {(uint8_t)key_length, (uint8_t)length, (uint8_t)checksum,
                                       (uint8_t)(checksum >> 8), mark};
    for (size_t tries = 0; store->end + record_size(key_length, length) > FLASH_SECTOR_SIZE; tries++) {
        /* Once round the ring, everything dead is gone. */
        if (tries == FLASH_SECTORS)
            return STORE_FULL;
        if (!make_room(store))
            return STORE_NO_POWER;
    }
    return append(store, head, body, body + key_length) ? STORE_OK : STORE_NO_POWER;
}

enum store_status store_set(struct store *store, const char *key, const void *value, size_t length)
{
    struct record record = find(store, (const uint8_t *)key, strlen(key));
    /* Writing what is there already would wear the flash for nothing. */
    if (record.size && record.head[MARK] == MARK_VALUE && record.head[1] == length &&
        memcmp(value_of(&record), value, length) == 0)
        return STORE_OK;
    return write_record(store, key, value, length, MARK_VALUE);
}

enum store_status store_delete(struct store *store, const char *key)
{
    struct record record = find(store, (const uint8_t *)key, strlen(key));
    if (!record.size || record.head[MARK] != MARK_VALUE)
        return STORE_MISSING;
    return write_record(store, key, "", 0, MARK_DELETED);
}

enum store_status store_get(const struct store *store, const char *key, void *value, size_t *length)
{
    struct record record = find(store, (const uint8_t *)key, strlen(key));
    size_t room = *length;
    *length = 0;
    if (!record.size || record.head[MARK] != MARK_VALUE)
        return STORE_MISSING;
    if (record.head[1] > room)
        return STORE_INVALID;
    *length = record.head[1];
    memcpy(value, value_of(&record), *length);
    return STORE_OK;
}

size_t store_count(const struct store *store)
{
    size_t count = 0;
    for (size_t sector = 0; sector < FLASH_SECTORS; sector++) {
        if (!has_sequence(store, sector))
            continue;
        struct record record;
        for (size_t offset = SECTOR_HEAD; next_record(store, sector, &offset, &record);)
            count += is_live(store, &record);
    }
    return count;
}
