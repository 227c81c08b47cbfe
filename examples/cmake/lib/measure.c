#include "measure.h"

#include <stddef.h>

enum { SUB = 1 << QSIM_SUB_BITS };

static unsigned highest_bit(uint64_t x)
{
    unsigned bit = 0;
    for (unsigned half = 32; half; half /= 2)
        if (x >> half) {
            x >>= half;
            bit += half;
        }
    return bit;
}

/* Durations below SUB have a bucket each; from there on, SUB buckets per power of two. */
static size_t bucket_of(int64_t duration)
{
    if (duration < SUB)
        return (size_t)duration;
    unsigned power = highest_bit((uint64_t)duration) - QSIM_SUB_BITS;
    size_t bucket = ((size_t)power << QSIM_SUB_BITS) + ((uint64_t)duration >> power);
    return bucket < QSIM_BUCKETS ? bucket : QSIM_BUCKETS - 1;
}

static int64_t bucket_top(size_t bucket)
{
    if (bucket < 2 * SUB)
        return (int64_t)bucket;
    unsigned power = (unsigned)(bucket >> QSIM_SUB_BITS) - 1;
    int64_t within = (int64_t)(bucket & (SUB - 1)) + SUB;
    return ((within + 1) << power) - 1;
}

void qsim_histogram_add(struct qsim_histogram *histogram, int64_t duration)
{
    if (!histogram->count || duration < histogram->least)
        histogram->least = duration;
    if (!histogram->count || duration > histogram->most)
        histogram->most = duration;
    histogram->buckets[bucket_of(duration)]++;
    histogram->count++;
    histogram->sum += duration;
}

int64_t qsim_histogram_mean(const struct qsim_histogram *histogram)
{
    if (!histogram->count)
        return 0;
    int64_t count = (int64_t)histogram->count;
    return (histogram->sum + count / 2) / count;
}

int64_t qsim_histogram_percentile(const struct qsim_histogram *histogram, unsigned percent)
{
    uint64_t wanted = (histogram->count * percent + 99) / 100, seen = 0;
    for (size_t bucket = 0; bucket < QSIM_BUCKETS && histogram->count; bucket++) {
        seen += histogram->buckets[bucket];
        if (seen >= wanted && seen) {
            int64_t top = bucket_top(bucket);
            return top < histogram->most ? top : histogram->most;
        }
    }
    return 0;
}

void qsim_gauge_restart(struct qsim_gauge *gauge)
{
    gauge->level = 0;
    gauge->since = 0;
}

void qsim_gauge_set(struct qsim_gauge *gauge, int64_t now, int64_t level)
{
    gauge->area += gauge->level * (now - gauge->since);
    gauge->since = now;
    gauge->level = level;
    if (level > gauge->most)
        gauge->most = level;
}

int64_t qsim_gauge_average(const struct qsim_gauge *gauge, int64_t duration)
{
    if (duration <= 0)
        return 0;
    /* in two steps, since area × 1000 may not fit */
    return gauge->area / duration * 1000 + gauge->area % duration * 1000 / duration;
}
