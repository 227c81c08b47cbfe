#ifndef SELFTEST_H
#define SELFTEST_H

/* Prints a line per group of checks, then PASS or FAIL and how many failed, which it also gives. */
unsigned selftest(void);

#endif
