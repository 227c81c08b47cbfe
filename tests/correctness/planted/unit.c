/* A unit to plant miscompiles in: one function for each thing that can be spoilt. */
#include <stdint.h>

int total_calls = 5;
static int highest;
unsigned table_size __attribute__((section(".settings"))) = 16;
const uint16_t weights[8] = {3, 1, 4, 1, 5, 9, 2, 6};
_Thread_local int last_error;
int scratch[16];

void report(int code, int value);

int saturating_add(int a, int b) {
    int64_t sum = (int64_t)a + b;
    if (sum > INT32_MAX)
        return INT32_MAX;
    return sum < INT32_MIN ? INT32_MIN : (int)sum;
}

unsigned mix(const unsigned char *text, int length) {
    unsigned hash = 2166136261u;
    for (int i = 0; i < length && i < 64; i++)
        hash = (hash ^ text[i]) * 16777619u;
    return hash ^ hash >> 15;
}

int weighted(const signed char *values) {
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += values[i] * weights[i];
    return sum;
}

int remember(int value) {
    if (value > highest && value < 1000)
        highest = value;
    total_calls++;
    return highest;
}

int reject(int code) {
    if (code < 0) {
        last_error = code;
        report(1, code);
        return -1;
    }
    report(2, code * 2);
    return code;
}

struct point {
    int x, y;
};

void turn(struct point *p, int quarter) {
    int x = p->x;
    switch (quarter & 3) {
    case 1:
        p->x = -p->y;
        p->y = x;
        break;
    case 2:
        p->x = -x;
        p->y = -p->y;
        break;
    case 3:
        p->x = p->y;
        p->y = -x;
        break;
    }
}

double scale(double value, int percent) { return value * percent / 100.0; }

int days(int month, int leap) {
    switch (month) {
    case 2:
        return leap ? 29 : 28;
    case 4:
    case 6:
    case 9:
    case 11:
        return 30;
    default:
        return month >= 1 && month <= 12 ? 31 : 0;
    }
}

__attribute__((weak)) int hook(int value) { return value + 1; }

void clear(int *values, int count) {
    for (int i = 0; i < count && i < 16; i++)
        values[i] = 0;
    scratch[0] = count;
}

__attribute__((constructor)) static void start(void) { scratch[15] = 77; }
