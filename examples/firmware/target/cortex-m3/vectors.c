/* The vector table of a Cortex-M3 with the first interrupts of the MPS2's AN385 image. */
#include <stdint.h>

#include "board.h"

enum { EXIT_UNEXPECTED = 3 };

extern uint8_t stack_top[];

void reset_handler(void);
void systick_handler(void);
void uart0_receive_handler(void);
void default_handler(void);

/* What nobody handles is a fault of the firmware: stop, so that a test sees it. */
void default_handler(void)
{
    board_exit(EXIT_UNEXPECTED);
}

#define HANDLED_BY_DEFAULT __attribute__((weak, alias("default_handler")))
void nmi_handler(void) HANDLED_BY_DEFAULT;
void hard_fault_handler(void) HANDLED_BY_DEFAULT;
void memory_fault_handler(void) HANDLED_BY_DEFAULT;
void bus_fault_handler(void) HANDLED_BY_DEFAULT;
void usage_fault_handler(void) HANDLED_BY_DEFAULT;
void svcall_handler(void) HANDLED_BY_DEFAULT;
void debug_handler(void) HANDLED_BY_DEFAULT;
void pendsv_handler(void) HANDLED_BY_DEFAULT;
void uart0_send_handler(void) HANDLED_BY_DEFAULT;

void reset_handler(void)
{
    start();
}

struct vector_table {
    void *initial_stack;
    void (*exceptions[15])(void);
    void (*interrupts[2])(void);
};

__attribute__((used, section(".vectors"))) const struct vector_table vector_table = {
    .initial_stack = stack_top,
    .exceptions =
        {
            reset_handler, nmi_handler, hard_fault_handler, memory_fault_handler, bus_fault_handler,
            usage_fault_handler, 0, 0, 0, 0, svcall_handler, debug_handler, 0, pendsv_handler, systick_handler,
        },
    .interrupts = {uart0_receive_handler, uart0_send_handler},
};
