/* A map from strings to pointers that remembers the order in which keys were first set. */
#ifndef LOGBOOK_MAP_H
#define LOGBOOK_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map;

/* `release`, when not NULL, is called on every value that leaves the map. */
struct map *map_new(void (*release)(void *value));
void map_free(struct map *map);
size_t map_count(const struct map *map);
void *map_get(const struct map *map, const char *key);
void map_set(struct map *map, const char *key, void *value);
bool map_remove(struct map *map, const char *key);

/* Start with *cursor = 0; false at the end. Keys belong to the map. Do not change the map on the way. */
bool map_next(const struct map *map, size_t *cursor, const char **key, void **value);

#endif
