/* The store that the shell and the messages share, with its factory values. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "store.h"

extern struct store settings;
extern struct flash settings_flash;

#endif
