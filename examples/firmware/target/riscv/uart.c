/* An ns16550. Its FIFOs stay off: to turn them on is to lose what has come already. */
#include "uart.h"

#include "board.h"

#define UART0 ((volatile uint8_t *)0x10000000)

enum { DATA = 0, INTERRUPT_ENABLE = 1, LINE_CONTROL = 3, LINE_STATUS = 5 };
enum { RECEIVE_INTERRUPT = 1, EIGHT_BITS = 3, DATA_READY = 1, SEND_EMPTY = 0x20 };

void uart_init(void)
{
    UART0[LINE_CONTROL] = EIGHT_BITS;
    UART0[INTERRUPT_ENABLE] = RECEIVE_INTERRUPT;
}

void uart_write(uint8_t byte)
{
    while (!(UART0[LINE_STATUS] & SEND_EMPTY))
        continue;
    UART0[DATA] = byte;
}

bool uart_readable(void)
{
    return UART0[LINE_STATUS] & DATA_READY;
}

uint8_t uart_read(void)
{
    return UART0[DATA];
}

void uart_enable_receive_interrupt(bool on)
{
    UART0[INTERRUPT_ENABLE] = on ? RECEIVE_INTERRUPT : 0;
}
