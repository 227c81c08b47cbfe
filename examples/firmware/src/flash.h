/* A RAM array that plays NOR flash: erasing sets all bits of a sector, programming can only clear bits. */
#ifndef FLASH_H
#define FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FLASH_SECTORS = 4, FLASH_SECTOR_SIZE = 128, FLASH_ALWAYS_ON = -1 };

struct flash {
    uint8_t memory[FLASH_SECTORS][FLASH_SECTOR_SIZE];
    uint16_t erases[FLASH_SECTORS];
    int32_t energy; /* bytes that can still be programmed before the power fails, or FLASH_ALWAYS_ON */
};

/* Both give false when the power failed; then only a part is done. */
bool flash_erase(struct flash *flash, size_t sector);
bool flash_program(struct flash *flash, size_t sector, size_t offset, const void *bytes, size_t count);

#endif
