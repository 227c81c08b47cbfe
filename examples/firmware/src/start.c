/* From reset to main: what a C library's start-up code would do. */
#include "board.h"
#include "memory.h"

int main(void);

/* Symbols of the linker script: their addresses are what counts. */
extern uint8_t data_start[], data_end[], bss_start[], bss_end[];
extern const uint8_t data_load[];

typedef void (*constructor)(void);
extern const constructor init_array_start[], init_array_end[];

_Noreturn void start(void)
{
    memcpy(data_start, data_load, (size_t)(data_end - data_start));
    memset(bss_start, 0, (size_t)(bss_end - bss_start));
    compiler_barrier();
    for (const constructor *each = init_array_start; each < init_array_end; each++)
        (*each)();
    board_init();
    board_exit(main());
}
