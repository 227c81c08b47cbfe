#include "serial.h"

#include "board.h"
#include "ring.h"

static struct ring received;

void on_receive(void)
{
    while (uart_readable()) {
        if (ring_count(&received) == RING_SIZE) {
            /* The UART holds the sender off until the shell has read something. */
            uart_enable_receive_interrupt(false);
            return;
        }
        ring_put(&received, uart_read());
    }
}

bool serial_read(uint8_t *byte)
{
    if (!ring_get(&received, byte))
        return false;
    uintptr_t state = irq_disable();
    uart_enable_receive_interrupt(true);
    /* A byte that came while the interrupt was off raises none. */
    on_receive();
    irq_restore(state);
    return true;
}

void serial_write(uint8_t byte)
{
    uart_write(byte);
}
