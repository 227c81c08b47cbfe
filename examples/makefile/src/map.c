#include "map.h"

#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Entries lie in an array in the order they came; `slots` is an open-addressed table of positions in that array.
 * A removed entry leaves a hole (key NULL) until the next rebuild, so iteration order needs no links. */
struct entry {
    char *key;
    void *value;
    uint32_t hash;
};

enum { SLOT_EMPTY = 0, SLOT_REMOVED = 1, SLOT_FIRST = 2 };

struct map {
    void (*release)(void *);
    struct entry *entries;
    size_t used;     /* entries in the array, holes included */
    size_t capacity; /* room in the array: three quarters of the slots */
    size_t live;
    size_t *slots;
    size_t slot_count; /* a power of two */
};

static uint32_t hash_string(const char *key)
{
    uint32_t hash = 0x9e3779b9u;
    for (; *key; key++) {
        hash ^= (unsigned char)*key;
        hash *= 0x85ebca6bu;
        hash ^= hash >> 15;
    }
    return hash;
}

static void set_up_slots(struct map *map, size_t slot_count)
{
    map->slot_count = slot_count;
    map->capacity = slot_count / 4 * 3;
    map->slots = allocate(slot_count * sizeof *map->slots);
    map->entries = reallocate(map->entries, map->capacity, sizeof *map->entries);
}

struct map *map_new(void (*release)(void *value))
{
    struct map *map = allocate(sizeof *map);
    map->release = release;
    set_up_slots(map, 8);
    return map;
}

void map_free(struct map *map)
{
    if (!map)
        return;
    for (size_t i = 0; i < map->used; i++) {
        if (!map->entries[i].key)
            continue;
        free(map->entries[i].key);
        if (map->release)
            map->release(map->entries[i].value);
    }
    free(map->entries);
    free(map->slots);
    free(map);
}

size_t map_count(const struct map *map)
{
    return map->live;
}

/* The slot that holds `key`, or else the first one where it may be put. */
static size_t find_slot(const struct map *map, const char *key, uint32_t hash, bool *found)
{
    size_t mask = map->slot_count - 1;
    size_t candidate = SIZE_MAX;
    for (size_t slot = hash & mask, step = 1;; slot = (slot + step++) & mask) {
        size_t content = map->slots[slot];
        if (content == SLOT_EMPTY) {
            *found = false;
            return candidate == SIZE_MAX ? slot : candidate;
        }
        if (content == SLOT_REMOVED) {
            if (candidate == SIZE_MAX)
                candidate = slot;
            continue;
        }
        const struct entry *entry = &map->entries[content - SLOT_FIRST];
        if (entry->hash == hash && strcmp(entry->key, key) == 0) {
            *found = true;
            return slot;
        }
    }
}

/* Drops the holes, and doubles the table when it is really full and not merely full of holes. */
static void rebuild(struct map *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->used; i++)
        if (map->entries[i].key)
            map->entries[kept++] = map->entries[i];
    map->used = kept;
    free(map->slots);
    set_up_slots(map, kept * 2 > map->capacity ? map->slot_count * 2 : map->slot_count);
    for (size_t i = 0; i < kept; i++) {
        bool found;
        size_t slot = find_slot(map, map->entries[i].key, map->entries[i].hash, &found);
        map->slots[slot] = i + SLOT_FIRST;
    }
}

void *map_get(const struct map *map, const char *key)
{
    bool found;
    size_t slot = find_slot(map, key, hash_string(key), &found);
    return found ? map->entries[map->slots[slot] - SLOT_FIRST].value : NULL;
}

void map_set(struct map *map, const char *key, void *value)
{
    uint32_t hash = hash_string(key);
    bool found;
    size_t slot = find_slot(map, key, hash, &found);
    if (found) {
        struct entry *entry = &map->entries[map->slots[slot] - SLOT_FIRST];
        if (map->release && entry->value != value)
            map->release(entry->value);
        entry->value = value;
        return;
    }
    if (map->used == map->capacity) {
        rebuild(map);
        slot = find_slot(map, key, hash, &found);
    }
    map->entries[map->used] = (struct entry){copy_string(key, strlen(key)), value, hash};
    map->slots[slot] = map->used++ + SLOT_FIRST;
    map->live++;
}

bool map_remove(struct map *map, const char *key)
{
    bool found;
    size_t slot = find_slot(map, key, hash_string(key), &found);
    if (!found)
        return false;
    struct entry *entry = &map->entries[map->slots[slot] - SLOT_FIRST];
    map->slots[slot] = SLOT_REMOVED;
    free(entry->key);
    entry->key = NULL;
    if (map->release)
        map->release(entry->value);
    map->live--;
    return true;
}

bool map_next(const struct map *map, size_t *cursor, const char **key, void **value)
{
    while (*cursor < map->used) {
        const struct entry *entry = &map->entries[(*cursor)++];
        if (!entry->key)
            continue;
        *key = entry->key;
        *value = entry->value;
        return true;
    }
    return false;
}
