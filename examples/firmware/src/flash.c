#include "flash.h"

#include "memory.h"

static bool has_power(struct flash *flash)
{
    if (flash->energy == FLASH_ALWAYS_ON)
        return true;
    if (flash->energy == 0)
        return false;
    flash->energy--;
    return true;
}

bool flash_erase(struct flash *flash, size_t sector)
{
    if (!has_power(flash))
        return false;
    memset(flash->memory[sector], 0xff, FLASH_SECTOR_SIZE);
    flash->erases[sector]++;
    return true;
}

bool flash_program(struct flash *flash, size_t sector, size_t offset, const void *bytes, size_t count)
{
    const uint8_t *source = bytes;
    uint8_t *cell = flash->memory[sector] + offset;
    for (; count; count--) {
        if (!has_power(flash))
            return false;
        *cell++ &= *source++;
    }
    return true;
}
