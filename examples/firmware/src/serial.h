/* The serial line: received bytes wait in a ring buffer, sent ones go straight to the UART. */
#ifndef SERIAL_H
#define SERIAL_H

#include <stdbool.h>
#include <stdint.h>

bool serial_read(uint8_t *byte);
void serial_write(uint8_t byte);

#endif
