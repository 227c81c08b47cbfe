/* What a target gives to the application (target/), and what the application gives to its interrupts. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

enum { TICKS_PER_SECOND = 1000 };

void board_init(void);
_Noreturn void board_exit(int status);

/* Sleep until an interrupt is pending. */
void board_wait(void);

/* Nestable: what `irq_disable` gives goes back into `irq_restore`. */
uintptr_t irq_disable(void);
void irq_restore(uintptr_t state);

void uart_write(uint8_t byte);
bool uart_readable(void);
uint8_t uart_read(void);
void uart_enable_receive_interrupt(bool on);

/* Called by the target in interrupt context. */
void on_tick(void);
void on_receive(void);

/* Called by the target's reset code once there is a stack. */
_Noreturn void start(void);

#endif
