/* Fixed-point signal path of a controller: saturating Q15 arithmetic, a second-order section, a moving average, a median of
 * five and a PID controller with anti-windup, against 64-bit and exact rational references; the loop must settle. */
#include "certify.h"

typedef int16_t q15;

static int32_t clamp(int32_t value, int32_t low, int32_t high) { return value < low ? low : value > high ? high : value; }

static q15 q_add(q15 a, q15 b) { return (q15)clamp(a + b, -32768, 32767); }
static q15 q_sub(q15 a, q15 b) { return (q15)clamp(a - b, -32768, 32767); }
static q15 q_mul(q15 a, q15 b) { return (q15)clamp((a * b + 0x4000) >> 15, -32768, 32767); }

/* Direct form one in 32 bits, the low part of the sum fed back so that no bit is lost. */
struct section {
    q15 b[3], a[2], x[2], y[2];
    int32_t low;
};

static q15 section_step(struct section *s, q15 in) {
    int32_t sum = s->low;
    sum += s->b[0] * in / 4;
    sum += s->b[1] * s->x[0] / 4;
    sum += s->b[2] * s->x[1] / 4;
    sum -= s->a[0] * s->y[0] / 4;
    sum -= s->a[1] * s->y[1] / 4;
    s->low = sum & 0xfff;
    q15 out = (q15)clamp(sum >> 12, -32768, 32767);
    s->x[1] = s->x[0], s->x[0] = in;
    s->y[1] = s->y[0], s->y[0] = out;
    return out;
}

struct average {
    q15 window[8];
    int32_t sum;
    unsigned at;
};

static q15 average_step(struct average *a, q15 in) {
    a->sum += in - a->window[a->at];
    a->window[a->at] = in;
    a->at = (a->at + 1) & 7;
    return (q15)(a->sum >> 3);
}

static q15 median5(const q15 *v) {
    q15 a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], t;
#define ORDER(x, y) (x > y ? (t = x, x = y, y = t, 0) : 0)
    ORDER(a, b);
    ORDER(d, e);
    ORDER(a, d);
    ORDER(b, e);
    ORDER(b, c);
    ORDER(c, d);
    ORDER(b, c);
    return c;
}

struct pid {
    int32_t kp, ki, kd, integral, last, low, high;
};

/* Gains in 1/256; the integral stops where it would push further into the limit. */
static int32_t pid_step(struct pid *p, int32_t target, int32_t measured) {
    int32_t error = target - measured, slope = measured - p->last;
    int32_t integral = p->integral + error * p->ki;
    int32_t out = (error * p->kp + integral - slope * p->kd) / 256;
    p->last = measured;
    if ((out > p->high && error > 0) || (out < p->low && error < 0))
        out = clamp((error * p->kp + p->integral - slope * p->kd) / 256, p->low, p->high);
    else
        p->integral = integral;
    return clamp(out, p->low, p->high);
}

/* The references: floor by division, products in 64 bits, histories kept whole. */
static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }
static int64_t limit(int64_t v) { return v > 32767 ? 32767 : v >= -32768 ? v : -32768; }

static int rank_is_two(const q15 *v, q15 m) {
    int below = 0, above = 0;
    for (int i = 0; i < 5; i++)
        below += v[i] < m, above += v[i] > m;
    return below <= 2 && above <= 2 && below + above < 5;
}

PROGRAM(app_control) {
    static const q15 corners[] = {-32768, -32767, -20000, -1, 0, 1, 2, 16384, 32766, 32767};
    for (unsigned i = 0; i < 100; i++) {
        q15 a = (q15)opaque_int(corners[i / 10]), b = (q15)opaque_int(corners[i % 10]);
        CHECK(q_add(a, b) == limit((int64_t)a + b) && q_sub(a, b) == limit((int64_t)a - b));
        CHECK(q_mul(a, b) == limit(floor_div((int64_t)a * b * 2 + 32768, 65536)));
    }
    static q15 history[200], outputs[200];
    struct section s = {{1200, 2400, 1200}, {-18000, 7000}, {0, 0}, {0, 0}, 0};
    struct average average = {{0}, 0, 0};
    uint32_t state = opaque_unsigned(17);
    int64_t low = 0;
    for (int i = 0; i < 200; i++) {
        state = state * 1103515245 + 12345;
        q15 in = (q15)(i < 80 ? (int)(state >> 17) - 16384 : i < 140 ? 32767 : i % 2 ? 32767 : -32768);
        history[i] = in;
        int64_t sum = low;
        for (int k = 0; k < 3; k++)
            sum += i >= k ? (int64_t)s.b[k] * history[i - k] / 4 : 0;
        for (int k = 1; k < 3; k++)
            sum -= i >= k ? (int64_t)s.a[k - 1] * outputs[i - k] / 4 : 0;
        low = sum - floor_div(sum, 4096) * 4096;
        outputs[i] = section_step(&s, in);
        CHECK(outputs[i] == limit(floor_div(sum, 4096)) && s.low == low);
        int32_t total = 0;
        for (int k = 0; k < 8 && k <= i; k++)
            total += history[i - k];
        CHECK(average_step(&average, in) == floor_div(total, 8));
        if (i >= 4)
            CHECK(rank_is_two(history + i - 4, median5(history + i - 4)));
    }
    for (unsigned i = 0; i < 243; i++) {
        q15 v[5] = {(q15)(i % 3), (q15)(i / 3 % 3), (q15)(i / 9 % 3), (q15)(i / 27 % 3), (q15)(i / 81)};
        CHECK(rank_is_two(v, median5(v)));
    }
    /* A tank with a leak: the controller must hold each level, and its output must stay inside the limits. */
    struct pid pid = {700, 40, 300, 0, 0, 0, 1000};
    int32_t level = 0, output = 0, saturated = 0;
    uint32_t sum = 0;
    for (int i = 0; i < 600; i++) {
        int32_t target = i < 200 ? 3000 : i < 400 ? 1200 : 4100;
        output = pid_step(&pid, opaque_int(target), level);
        CHECK(output >= 0 && output <= 1000);
        saturated += output == 0 || output == 1000;
        level += (output * 3 - level / 2) / 8;
        sum = sum * 33 + (uint32_t)(output * 5000 + level);
        CHECK(i % 200 < 150 || (level > target - 30 && level < target + 30));
    }
    CHECK(saturated > 20 && saturated < 200);
    CHECK(sum == 385319320);
}
