/* Machine mode on QEMU's `virt`: reset, the trap handler, the timer of the CLINT, the PLIC. */
#include "board.h"

#include "uart.h"

#define CLINT_COMPARE ((volatile uint32_t *)0x02004000)
#define CLINT_TIME ((volatile uint32_t *)0x0200bff8)
#define PLIC_PRIORITY ((volatile uint32_t *)0x0c000000)
#define PLIC_ENABLE (*(volatile uint32_t *)0x0c002000)
#define PLIC_THRESHOLD (*(volatile uint32_t *)0x0c200000)
#define PLIC_CLAIM (*(volatile uint32_t *)0x0c200004)
#define POWER (*(volatile uint32_t *)0x00100000)

enum { TIMER_HZ = 10000000, UART_IRQ = 10 };
enum { POWER_PASS = 0x5555, POWER_FAIL = 0x3333, EXIT_UNEXPECTED = 3 };
enum { CAUSE_TIMER = 7, CAUSE_EXTERNAL = 11, STATUS_INTERRUPTS = 8 };

#define CAUSE_IS_INTERRUPT ((uintptr_t)1 << (sizeof(uintptr_t) * 8 - 1))

void reset(void);
void trap_handler(void);
void on_exception(uintptr_t cause);

static uint64_t next_tick;

/* There is no stack yet, so no compiled code either. */
__attribute__((naked, used, section(".reset"))) void reset(void)
{
    __asm__ volatile(".option push\n\t"
                     ".option norelax\n\t"
                     "la gp, __global_pointer$\n\t"
                     ".option pop\n\t"
                     "la sp, stack_top\n\t"
                     "la t0, trap_handler\n\t"
                     "csrw mtvec, t0\n\t"
                     "tail start");
}

/* What nobody handles is a fault of the firmware: stop, so that a test sees it. */
__attribute__((weak)) void on_exception(uintptr_t cause)
{
    (void)cause;
    board_exit(EXIT_UNEXPECTED);
}

static uint64_t read_time(void)
{
    uint32_t high, low;
    /* In halves on both widths, read again when the lower one has wrapped between. */
    do {
        high = CLINT_TIME[1];
        low = CLINT_TIME[0];
    } while (high != CLINT_TIME[1]);
    return (uint64_t)high << 32 | low;
}

static void set_next_tick(void)
{
    next_tick += TIMER_HZ / TICKS_PER_SECOND;
    /* No value in between may lie in the past. */
    CLINT_COMPARE[1] = UINT32_MAX;
    CLINT_COMPARE[0] = (uint32_t)next_tick;
    CLINT_COMPARE[1] = (uint32_t)(next_tick >> 32);
}

/* The two lowest bits of mtvec are its mode. */
__attribute__((interrupt("machine"), aligned(4), used)) void trap_handler(void)
{
    uintptr_t cause;
    __asm__ volatile("csrr %0, mcause" : "=r"(cause));
    if (cause == (CAUSE_IS_INTERRUPT | CAUSE_TIMER)) {
        set_next_tick();
        on_tick();
    } else if (cause == (CAUSE_IS_INTERRUPT | CAUSE_EXTERNAL)) {
        uint32_t source = PLIC_CLAIM;
        if (source == UART_IRQ)
            on_receive();
        PLIC_CLAIM = source;
    } else {
        on_exception(cause);
    }
}

void board_init(void)
{
    uart_init();
    PLIC_PRIORITY[UART_IRQ] = 1;
    PLIC_ENABLE = 1u << UART_IRQ;
    PLIC_THRESHOLD = 0;
    next_tick = read_time();
    set_next_tick();
    uintptr_t sources = 1u << CAUSE_TIMER | 1u << CAUSE_EXTERNAL;
    __asm__ volatile("csrs mie, %0\n\tcsrsi mstatus, %1" ::"r"(sources), "i"(STATUS_INTERRUPTS) : "memory");
}

_Noreturn void board_exit(int status)
{
    POWER = status ? (uint32_t)status << 16 | POWER_FAIL : POWER_PASS;
    for (;;)
        __asm__ volatile("wfi");
}

void board_wait(void)
{
    __asm__ volatile("fence\n\twfi" ::: "memory");
}

uintptr_t irq_disable(void)
{
    uintptr_t state;
    __asm__ volatile("csrrci %0, mstatus, %1" : "=r"(state) : "i"(STATUS_INTERRUPTS) : "memory");
    return state & STATUS_INTERRUPTS;
}

void irq_restore(uintptr_t state)
{
    __asm__ volatile("csrs mstatus, %0" ::"r"(state) : "memory");
}
