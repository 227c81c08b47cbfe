#include "settings.h"

#include "memory.h"
#include "print.h"
#include "shell.h"

struct store settings;
struct flash settings_flash;

/* Before main, so that every module may read its settings when it starts. */
__attribute__((constructor)) static void mount_settings(void)
{
    memset(settings_flash.memory, 0xff, sizeof settings_flash.memory);
    settings_flash.energy = FLASH_ALWAYS_ON;
    store_mount(&settings, &settings_flash);
    store_set(&settings, "name", "sensor-1", 8);
    store_set(&settings, "unit", "mm", 2);
}

static int report(enum store_status status)
{
    static const char *const words[] = {"ok", "no such key", "the store is full", "too long", "no power"};
    print("%s\n", words[status]);
    return status != STORE_OK;
}

static int command_set(int argc, char **argv)
{
    if (argc != 3)
        return SHELL_USAGE;
    return report(store_set(&settings, argv[1], argv[2], strlen(argv[2])));
}

static int command_get(int argc, char **argv)
{
    char value[STORE_VALUE + 1];
    size_t length = STORE_VALUE;
    if (argc != 2)
        return SHELL_USAGE;
    enum store_status status = store_get(&settings, argv[1], value, &length);
    if (status != STORE_OK)
        return report(status);
    value[length] = '\0';
    print("%s\n", value);
    return 0;
}

static int command_delete(int argc, char **argv)
{
    if (argc != 2)
        return SHELL_USAGE;
    return report(store_delete(&settings, argv[1]));
}

static void dump(const uint8_t *bytes, size_t offset, size_t count)
{
    for (size_t row = offset; row < offset + count; row += 16) {
        print("%04x ", (unsigned)row);
        for (size_t i = row; i < row + 16 && i < offset + count; i++)
            print(" %02x", bytes[i]);
        print("\n");
    }
}

static int command_mem(int argc, char **argv)
{
    int32_t offset, count;
    if (argc == 1) {
        for (size_t i = 0; i < FLASH_SECTORS; i++)
            print("sector %u: erased %u times%s\n", (unsigned)i, settings_flash.erases[i],
                  i == settings.active ? ", active" : "");
        unsigned left = (unsigned)(FLASH_SECTOR_SIZE - settings.end);
        print("%u keys, %u bytes left\n", (unsigned)store_count(&settings), left);
        return 0;
    }
    if (argc != 3 || !shell_number(argv[1], &offset) || !shell_number(argv[2], &count))
        return SHELL_USAGE;
    const int32_t size = sizeof settings_flash.memory;
    if (offset < 0 || count < 0 || offset > size || count > size - offset)
        return SHELL_USAGE;
    dump(settings_flash.memory[0], (size_t)offset, (size_t)count);
    return 0;
}

SHELL_COMMAND(set, "KEY VALUE", "store a value", command_set);
SHELL_COMMAND(get, "KEY", "print a stored value", command_get);
SHELL_COMMAND(delete, "KEY", "forget a stored value", command_delete);
SHELL_COMMAND(mem, "[OFFSET COUNT]", "print the store's memory", command_mem);
