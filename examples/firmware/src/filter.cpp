#include "filter.h"

enum { COEFFICIENT_BITS = 14 };

/* Both have a gain of exactly 1 for a constant: b0 + b1 + b2 = 1 + a1 + a2. */

/* Butterworth of order 2, -3 dB at a tenth of the sample rate. */
const struct biquad_coefficients low_pass = {1105, 2210, 1105, -18727, 6763};

/* Nothing at a quarter of the sample rate; poles at a radius of 0.8. */
const struct biquad_coefficients notch = {13435, 0, 13435, 0, 10486};

namespace {

/* A sum of products with as many fractional bits as the coefficients; what rounding leaves over is handed out. */
template <unsigned Bits> class Accumulator {
public:
    explicit Accumulator(uint16_t residue) : sum(residue) {}

    Accumulator &add(int16_t coefficient, int16_t sample)
    {
        /* Five products of 30 bits do not fit into 32 bits. */
        sum += static_cast<int64_t>(coefficient) * sample;
        return *this;
    }
    Accumulator &subtract(int16_t coefficient, int16_t sample)
    {
        sum -= static_cast<int64_t>(coefficient) * sample;
        return *this;
    }
    uint16_t residue() const { return static_cast<uint16_t>(sum & ((1 << Bits) - 1)); }
    int16_t rounded() const { return saturate16(static_cast<int32_t>(sum >> Bits)); }

private:
    int64_t sum;
};

/* A sorted array of fixed capacity over storage that a C struct has. */
template <size_t Capacity> class Sorted {
public:
    Sorted(int16_t (&values)[Capacity], size_t count) : values(values), count(count) {}

    void remove(int16_t value)
    {
        size_t i = 0;
        while (values[i] != value)
            i++;
        for (; i + 1 < count; i++)
            values[i] = values[i + 1];
        count--;
    }
    void insert(int16_t value)
    {
        size_t i = count++;
        for (; i > 0 && values[i - 1] > value; i--)
            values[i] = values[i - 1];
        values[i] = value;
    }
    size_t size() const { return count; }
    int16_t middle() const { return values[count / 2]; }

private:
    int16_t (&values)[Capacity];
    size_t count;
};

} // namespace

int16_t saturate16(int32_t value)
{
    if (value > INT16_MAX)
        return INT16_MAX;
    if (value < INT16_MIN)
        return INT16_MIN;
    return static_cast<int16_t>(value);
}

int16_t biquad_step(struct biquad *biquad, int16_t sample)
{
    const biquad_coefficients &c = *biquad->coefficients;
    Accumulator<COEFFICIENT_BITS> sum(biquad->residue);
    sum.add(c.b0, sample).add(c.b1, biquad->x1).add(c.b2, biquad->x2);
    sum.subtract(c.a1, biquad->y1).subtract(c.a2, biquad->y2);
    biquad->residue = sum.residue();
    biquad->x2 = biquad->x1;
    biquad->x1 = sample;
    biquad->y2 = biquad->y1;
    return biquad->y1 = sum.rounded();
}

int16_t median_step(struct median *median, int16_t sample)
{
    Sorted<MEDIAN_WINDOW> sorted(median->sorted, median->count);
    int16_t &oldest = median->recent[median->next];
    if (sorted.size() == MEDIAN_WINDOW)
        sorted.remove(oldest);
    sorted.insert(sample);
    oldest = sample;
    median->count = static_cast<uint8_t>(sorted.size());
    median->next = static_cast<uint8_t>((median->next + 1) % MEDIAN_WINDOW);
    return sorted.middle();
}

void filter_reset(struct filter *filter)
{
    *filter = {};
    filter->stages[0].coefficients = &notch;
    filter->stages[1].coefficients = &low_pass;
}

int16_t filter_step(struct filter *filter, int16_t sample)
{
    sample = median_step(&filter->median, sample);
    for (biquad &stage : filter->stages)
        sample = biquad_step(&stage, sample);
    return sample;
}
