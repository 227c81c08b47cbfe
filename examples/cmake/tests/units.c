/* The C part of the library, used from C. */
#include "heap.h"
#include "measure.h"
#include "random.h"

#include <stdio.h>

static unsigned checks, failures;

#define CHECK(condition) check((condition), #condition, __LINE__)

static void check(bool ok, const char *condition, int line)
{
    checks++;
    if (!ok) {
        failures++;
        printf("units.c:%d: not so: %s\n", line, condition);
    }
}

static void try_random(void)
{
    struct qsim_random a, b, other;
    qsim_random_seed(&a, 1, 2);
    qsim_random_seed(&b, 1, 2);
    qsim_random_seed(&other, 2, 1);
    unsigned same = 0, alike = 0;
    for (int i = 0; i < 1000; i++) {
        uint32_t bits = qsim_random_bits(&a);
        same += bits == qsim_random_bits(&b);
        alike += bits == qsim_random_bits(&other);
    }
    CHECK(same == 1000);
    CHECK(alike < 3);
    CHECK(qsim_random_stream("desk") != qsim_random_stream("doctor"));

    unsigned faces[6] = {0};
    for (int i = 0; i < 60000; i++)
        faces[qsim_random_below(&a, 6)]++;
    for (int i = 0; i < 6; i++)
        CHECK(faces[i] > 9500 && faces[i] < 10500);
    CHECK(qsim_random_below(&a, 1) == 0);

    /* Mean 1000; the share above the mean is 1/e. */
    int64_t sum = 0;
    unsigned above = 0;
    for (int i = 0; i < 100000; i++) {
        int64_t drawn = qsim_random_exponential(&a, 1000);
        CHECK(drawn >= 0);
        sum += drawn;
        above += drawn > 1000;
    }
    CHECK(sum > 98500000 && sum < 101500000);
    CHECK(above > 36200 && above < 37400);
    CHECK(qsim_random_exponential(&a, 0) == 0);
}

static void try_heap(void)
{
    struct qsim_random random;
    struct qsim_heap heap;
    struct qsim_heap_entry entry = {0, 0, 0}, last = {-1, 0, 0};
    qsim_random_seed(&random, 3, 4);
    qsim_heap_init(&heap);
    CHECK(!qsim_heap_pop(&heap, &entry));
    for (uint32_t i = 0; i < 5000; i++)
        CHECK(qsim_heap_push(&heap, qsim_random_below(&random, 700), i));
    for (uint32_t i = 0; i < 5000; i++) {
        CHECK(qsim_heap_pop(&heap, &entry));
        CHECK(entry.time > last.time || (entry.time == last.time && entry.item > last.item));
        last = entry;
    }
    CHECK(!qsim_heap_pop(&heap, &entry));
    qsim_heap_free(&heap);
}

static void try_histogram(void)
{
    static struct qsim_histogram histogram;
    CHECK(qsim_histogram_mean(&histogram) == 0);
    CHECK(qsim_histogram_percentile(&histogram, 95) == 0);
    for (int64_t i = 1; i <= 100000; i++)
        qsim_histogram_add(&histogram, i);
    CHECK(qsim_histogram_mean(&histogram) == 50001);
    CHECK(histogram.least == 1 && histogram.most == 100000);
    for (unsigned percent = 1; percent <= 100; percent++) {
        int64_t exact = 1000 * (int64_t)percent, shown = qsim_histogram_percentile(&histogram, percent);
        CHECK(shown >= exact && shown <= exact + exact / 30);
    }
    qsim_histogram_add(&histogram, INT64_MAX / 4);
    CHECK(qsim_histogram_percentile(&histogram, 99) < 110000);
}

static void try_gauge(void)
{
    struct qsim_gauge gauge = {0, 0, 0, 0};
    qsim_gauge_set(&gauge, 10, 4);
    qsim_gauge_set(&gauge, 30, 1);
    qsim_gauge_set(&gauge, 100, 0);
    CHECK(gauge.area == 4 * 20 + 70);
    CHECK(gauge.most == 4);
    CHECK(qsim_gauge_average(&gauge, 100) == 1500);
    CHECK(qsim_gauge_average(&gauge, 0) == 0);
}

int main(void)
{
    try_random();
    try_heap();
    try_histogram();
    try_gauge();
    printf("units.c: %u checks, %u failed\n", checks, failures);
    return failures != 0;
}
