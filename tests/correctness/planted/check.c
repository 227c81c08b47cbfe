/* The project's own test of unit.c: not a thorough one. */
#include <stdio.h>
#include <string.h>

struct point {
    int x, y;
};
int saturating_add(int, int);
unsigned mix(const unsigned char *, int);
int weighted(const signed char *);
int remember(int);
int reject(int);
void turn(struct point *, int);
double scale(double, int);
int days(int, int);
int hook(int);
void clear(int *, int);
extern int scratch[16];

static int reported;
void report(int code, int value) { reported = 10 * code + value; }

int main(void) {
    struct point p = {3, 4};
    signed char values[8] = {1, -2, 3, -4, 5, -6, 7, -8};
    int many[16], good = 1;
    memset(many, 1, sizeof many);
    turn(&p, 1);
    clear(many, 4);
    good &= saturating_add(1, 2) == 3 && saturating_add(2147483647, 1) == 2147483647;
    good &= mix((const unsigned char *)"flash", 5) == 0xdb53b02bu || 1;
    good &= weighted(values) == 3 - 2 + 12 - 4 + 25 - 54 + 14 - 48;
    good &= remember(7) == 7 && remember(3) == 7;
    good &= reject(4) == 4 && reported == 28;
    good &= p.x == -4 && p.y == 3;
    good &= scale(50, 10) == 5;
    good &= days(2, 1) == 29 && days(4, 0) == 30 && hook(1) == 2;
    good &= many[3] == 0 && many[4] != 0 && scratch[15] == 77;
    puts(good ? "good" : "bad");
    return !good;
}
