/* Flags that a handler behind a volatile function pointer sets while the main path polls them: every poll has to read
 * again, and every request has to be written before the handler runs. */
#include "certify.h"

static volatile int ready, request, acknowledged, errors;
static volatile uint8_t mail;
static int ticks;
static void (*volatile handler)(void);

static void slow_device(void) {
    ticks++;
    if (request && ticks % 3 == 0) {
        mail = (uint8_t)(mail * 2 + request);
        request = 0;
        ready = 1;
    }
}

static void fast_device(void) {
    ticks++;
    if (request) {
        mail = (uint8_t)(mail * 2 + request + 1);
        request = 0;
        ready = 1;
    }
}

static void broken_device(void) {
    ticks++;
    if (request > 1) {
        errors++;
        request--;
    }
}

static int wait_for(volatile int *flag, int limit) {
    int polls = 0;
    while (!*flag) {
        if (polls == limit)
            return -1;
        polls++;
        handler();
    }
    *flag = 0;
    return polls;
}

static int send(int value, int limit) {
    request = value;
    int polls = wait_for(&ready, limit);
    if (polls >= 0)
        acknowledged++;
    else
        request = 0;
    return polls;
}

/* Direct calls: the same handlers can be inlined here, and the flags still have to be read between them. */
static int send_directly(int value) {
    int polls = 0;
    request = value;
    do {
        polls++;
        slow_device();
        if (ready)
            break;
        polls++;
        slow_device();
    } while (!ready);
    ready = 0;
    acknowledged++;
    return polls;
}

static int spin_until_changed(volatile int *flag, int limit) {
    int first = *flag, spins = 0;
    while (*flag == first && spins < limit) {
        spins++;
        handler();
    }
    return spins * 10 + (*flag != first);
}

static void reset(void (*device)(void), int tick) {
    ready = request = acknowledged = errors = 0;
    mail = 1;
    ticks = tick;
    handler = device;
}

PROGRAM(volatile_flag_handshake) {
    reset(slow_device, 0);
    CHECK(send(1, 9) == 3 && mail == 3);
    CHECK(send(opaque_int(4), 9) == 3 && mail == 10 && ticks == 6);
    handler();
    CHECK(send(2, 9) == 2 && mail == 22 && ticks == 9 && request == 0);
    CHECK(send(2, 1) == -1 && mail == 22 && acknowledged == 3 && request == 0);
    CHECK(wait_for(&ready, 4) == -1 && ticks == 14);

    reset(fast_device, opaque_int(5));
    CHECK(send(1, 2) == 1 && send(1, opaque_int(2)) == 1 && mail == 10 && acknowledged == 2);
    ready = 1;
    CHECK(send(7, 2) == 0 && request == 7 && ticks == 7 && mail == 10);
    handler();
    CHECK(mail == 28 && ready == 1 && request == 0);

    reset(broken_device, 0);
    CHECK(send(3, 5) == -1 && errors == 2 && ticks == 5 && request == 0);
    request = opaque_int(4);
    CHECK(spin_until_changed(&request, 8) == 11);
    request = 1;
    CHECK(spin_until_changed(&request, 8) == 80);
    CHECK(spin_until_changed(&errors, 3) == 30 && errors == 3);
    handler = fast_device;
    CHECK(spin_until_changed(&ready, 3) == 11 && mail == 4);

    reset(slow_device, 0);
    CHECK(send_directly(1) == 3 && send_directly(opaque_int(2)) == 3 && mail == 8 && ticks == 6);
    ticks++;
    CHECK(send_directly(3) == 2 && mail == 19 && acknowledged == 3);
}
