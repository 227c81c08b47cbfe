/* Runs the programs of an image one after the other and says what came of each: the name before it
 * starts, "ok" after it. With arguments, only the programs that they name. */
#include "certify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct program {
    const char *name;
    void (*run)(void);
};

#define ENTRY(name) extern void certify_##name(void);
#include "programs.def"
#undef ENTRY

static const struct program programs[] = {
#define ENTRY(name) {#name, certify_##name},
#include "programs.def"
#undef ENTRY
};

void certify_failed(int line) {
    printf(" failed at line %d\n", line);
    fflush(stdout);
    _Exit(1);
}

int opaque_int(int value) { return value; }
unsigned opaque_unsigned(unsigned value) { return value; }
int64_t opaque_int64(int64_t value) { return value; }
uint64_t opaque_uint64(uint64_t value) { return value; }
float opaque_float(float value) { return value; }
double opaque_double(double value) { return value; }
void *opaque_pointer(const void *value) { return (void *)value; }

static int wanted(const char *name, int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return 1;
    return argc < 2;
}

int main(int argc, char **argv) {
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (!wanted(programs[i].name, argc, argv))
            continue;
        printf("%s", programs[i].name);
        fflush(stdout);
        programs[i].run();
        puts(" ok");
    }
    puts("all ok");
    return 0;
}
