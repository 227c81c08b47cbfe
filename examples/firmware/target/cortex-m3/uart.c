/* The CMSDK APB UART: one byte of buffer each way. */
#include "uart.h"

#include "board.h"

struct cmsdk_uart {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t control;
    volatile uint32_t interrupts; /* writing a one clears it */
    volatile uint32_t divider;
};

#define UART0 ((struct cmsdk_uart *)0x40004000)
#define NVIC_ENABLE (*(volatile uint32_t *)0xe000e100)

enum { SEND_FULL = 1, RECEIVE_FULL = 2 };
enum { SEND_ENABLE = 1, RECEIVE_ENABLE = 2, RECEIVE_INTERRUPT = 8 };
enum { RECEIVED = 2, UART0_RECEIVE_IRQ = 0, CLOCKS_PER_BIT = 217 };

void uart0_receive_handler(void);

void uart0_receive_handler(void)
{
    /* Before the byte is read, or the next one's interrupt could be the one that is cleared. */
    UART0->interrupts = RECEIVED;
    on_receive();
}

void uart_init(void)
{
    UART0->divider = CLOCKS_PER_BIT;
    UART0->control = SEND_ENABLE | RECEIVE_ENABLE | RECEIVE_INTERRUPT;
    NVIC_ENABLE = 1u << UART0_RECEIVE_IRQ;
}

void uart_write(uint8_t byte)
{
    while (UART0->state & SEND_FULL)
        continue;
    UART0->data = byte;
}

bool uart_readable(void)
{
    return UART0->state & RECEIVE_FULL;
}

uint8_t uart_read(void)
{
    return (uint8_t)UART0->data;
}

void uart_enable_receive_interrupt(bool on)
{
    UART0->control = SEND_ENABLE | RECEIVE_ENABLE | (on ? RECEIVE_INTERRUPT : 0);
}
