#include "board.h"
#include "print.h"
#include "sampling.h"
#include "scheduler.h"
#include "settings.h"
#include "shell.h"

/* Looked for by tools that have only the image; nothing here refers to it. */
struct firmware_info {
    char magic[4];
    uint16_t version;
    uint16_t flash_size;
    char name[8];
};

__attribute__((used, section(".firmware_info"))) static const struct firmware_info firmware_info = {
    {'F', 'W', 'I', '1'}, 0x0103, FLASH_SECTORS *FLASH_SECTOR_SIZE, "sensor"};

static struct shell shell;
static struct sampling sampling;

static struct task tasks[] = {
    {.name = "shell", .run = shell_run, .context = &shell, .period = 1, .priority = 1},
    {.name = "sampling", .run = sampling_run, .context = &sampling, .period = 5, .priority = 3},
};

struct scheduler scheduler;

void on_tick(void)
{
    scheduler_tick(&scheduler);
}

int main(void)
{
    sampling_start(&sampling);
    filter_reset(&bench_filter);
    print("sensor firmware, %u settings\n", (unsigned)store_count(&settings));
    shell_prompt();
    scheduler_start(&scheduler, tasks, sizeof tasks / sizeof *tasks, scheduler.now);
    for (;;) {
        while (scheduler_dispatch(&scheduler))
            continue;
        board_wait();
    }
}
