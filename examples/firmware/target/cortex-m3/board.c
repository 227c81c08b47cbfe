#include "board.h"

#include "uart.h"

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xe000e010)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xe000e014)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xe000e018)

enum { CORE_HZ = 25000000, SYSTICK_ENABLE = 1, SYSTICK_INTERRUPT = 2, SYSTICK_CORE_CLOCK = 4 };

/* Semihosting: the operation, and the reason code for an exit that the application asked for. */
enum { SYS_EXIT_EXTENDED = 0x20, APPLICATION_EXIT = 0x20026 };

void systick_handler(void);

void systick_handler(void)
{
    on_tick();
}

void board_init(void)
{
    uart_init();
    SYSTICK_RELOAD = CORE_HZ / TICKS_PER_SECOND - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = SYSTICK_ENABLE | SYSTICK_INTERRUPT | SYSTICK_CORE_CLOCK;
    __asm__ volatile("cpsie i" ::: "memory");
}

_Noreturn void board_exit(int status)
{
    const uint32_t arguments[] = {APPLICATION_EXIT, (uint32_t)status};
    register uint32_t operation __asm__("r0") = SYS_EXIT_EXTENDED;
    register const uint32_t *block __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(block) : "memory");
    for (;;)
        __asm__ volatile("wfi");
}

void board_wait(void)
{
    __asm__ volatile("dsb\n\twfi" ::: "memory");
}

uintptr_t irq_disable(void)
{
    uintptr_t state;
    __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(state)::"memory");
    return state;
}

void irq_restore(uintptr_t state)
{
    /* The barrier lets a pending interrupt in before the next instruction. */
    __asm__ volatile("msr primask, %0\n\tisb" ::"r"(state) : "memory");
}
