/* The filter of a sensor's samples, in Q15: a moving median against spikes, then a cascade of biquads. */
#ifndef FILTER_H
#define FILTER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { FILTER_STAGES = 2, MEDIAN_WINDOW = 5 };

/* Q14, because a stable biquad's coefficients lie between -2 and 2; a[0] is 1. */
struct biquad_coefficients {
    int16_t b0, b1, b2, a1, a2;
};

struct biquad {
    const struct biquad_coefficients *coefficients;
    int16_t x1, x2, y1, y2;
    uint16_t residue; /* what rounding left over, fed into the next sample (error feedback) */
};

struct median {
    int16_t recent[MEDIAN_WINDOW]; /* a ring, in order of arrival */
    int16_t sorted[MEDIAN_WINDOW];
    uint8_t count, next;
};

struct filter {
    struct median median;
    struct biquad stages[FILTER_STAGES];
};

int16_t saturate16(int32_t value);
int16_t biquad_step(struct biquad *biquad, int16_t sample);
int16_t median_step(struct median *median, int16_t sample);

void filter_reset(struct filter *filter);
int16_t filter_step(struct filter *filter, int16_t sample);

extern const struct biquad_coefficients low_pass, notch;

#ifdef __cplusplus
}
#endif

#endif
