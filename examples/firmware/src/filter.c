#include "filter.h"

#include "memory.h"

enum { COEFFICIENT_BITS = 14 };

/* Both have a gain of exactly 1 for a constant: b0 + b1 + b2 = 1 + a1 + a2. */

/* Butterworth of order 2, -3 dB at a tenth of the sample rate. */
const struct biquad_coefficients low_pass = {1105, 2210, 1105, -18727, 6763};

/* Nothing at a quarter of the sample rate; poles at a radius of 0.8. */
const struct biquad_coefficients notch = {13435, 0, 13435, 0, 10486};

int16_t saturate16(int32_t value)
{
    if (value > INT16_MAX)
        return INT16_MAX;
    if (value < INT16_MIN)
        return INT16_MIN;
    return (int16_t)value;
}

int16_t biquad_step(struct biquad *biquad, int16_t sample)
{
    const struct biquad_coefficients *c = biquad->coefficients;
    /* Five products of 30 bits do not fit into 32 bits. */
    int64_t sum = (int64_t)c->b0 * sample + biquad->residue;
    sum += (int64_t)c->b1 * biquad->x1 + (int64_t)c->b2 * biquad->x2;
    sum -= (int64_t)c->a1 * biquad->y1 + (int64_t)c->a2 * biquad->y2;
    biquad->residue = (uint16_t)(sum & ((1 << COEFFICIENT_BITS) - 1));
    int16_t result = saturate16((int32_t)(sum >> COEFFICIENT_BITS));
    biquad->x2 = biquad->x1;
    biquad->x1 = sample;
    biquad->y2 = biquad->y1;
    biquad->y1 = result;
    return result;
}

int16_t median_step(struct median *median, int16_t sample)
{
    size_t i = median->count;
    if (i == MEDIAN_WINDOW) {
        /* The oldest makes room: what is larger than it in the sorted window moves down. */
        int16_t oldest = median->recent[median->next];
        for (i = 0; median->sorted[i] != oldest; i++)
            continue;
        for (; i + 1 < MEDIAN_WINDOW; i++)
            median->sorted[i] = median->sorted[i + 1];
    } else {
        median->count++;
    }
    for (; i > 0 && median->sorted[i - 1] > sample; i--)
        median->sorted[i] = median->sorted[i - 1];
    median->sorted[i] = sample;
    median->recent[median->next] = sample;
    median->next = (uint8_t)((median->next + 1) % MEDIAN_WINDOW);
    return median->sorted[median->count / 2];
}

void filter_reset(struct filter *filter)
{
    memset(filter, 0, sizeof *filter);
    filter->stages[0].coefficients = &notch;
    filter->stages[1].coefficients = &low_pass;
}

int16_t filter_step(struct filter *filter, int16_t sample)
{
    sample = median_step(&filter->median, sample);
    for (size_t i = 0; i < FILTER_STAGES; i++)
        sample = biquad_step(&filter->stages[i], sample);
    return sample;
}
