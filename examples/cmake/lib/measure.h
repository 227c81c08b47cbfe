/* What is measured along a run: a distribution of durations, and a level over time. */
#ifndef QSIM_MEASURE_H
#define QSIM_MEASURE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    QSIM_SUB_BITS = 5, /* 32 buckets per power of two: every percentile is exact to about 3 % */
    QSIM_POWERS = 38,
    QSIM_BUCKETS = (QSIM_POWERS + 1) << QSIM_SUB_BITS
};

/* All zero is an empty one. */
struct qsim_histogram {
    uint64_t buckets[QSIM_BUCKETS];
    uint64_t count;
    int64_t sum, least, most;
};

void qsim_histogram_add(struct qsim_histogram *histogram, int64_t duration);
int64_t qsim_histogram_mean(const struct qsim_histogram *histogram);

/* The duration that `percent` % of all do not exceed; 0 when there are none. */
int64_t qsim_histogram_percentile(const struct qsim_histogram *histogram, unsigned percent);

struct qsim_gauge {
    int64_t level, most;
    int64_t since;
    int64_t area; /* level × time */
};

void qsim_gauge_restart(struct qsim_gauge *gauge);
void qsim_gauge_set(struct qsim_gauge *gauge, int64_t now, int64_t level);

/* Average level over a duration, in thousandths. */
int64_t qsim_gauge_average(const struct qsim_gauge *gauge, int64_t duration);

#ifdef __cplusplus
}
#endif

#endif
