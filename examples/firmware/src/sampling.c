#include "sampling.h"

#include "print.h"
#include "shell.h"

struct filter bench_filter;

/* A triangle of 64 samples, three quarters of full scale, with a spike in every eleventh sample. */
static int16_t take_sample(uint16_t phase)
{
    int32_t position = phase % 64;
    int32_t value = (position < 32 ? position : 63 - position) * 1586 - 24583;
    return phase % 11 == 5 ? INT16_MAX : (int16_t)value;
}

void sampling_start(struct sampling *sampling)
{
    filter_reset(&sampling->filter);
    sampling->phase = 0;
    sampling->lowest = INT16_MAX;
    sampling->highest = INT16_MIN;
}

void sampling_run(void *context)
{
    struct sampling *sampling = context;
    int16_t sample = filter_step(&sampling->filter, take_sample(sampling->phase++));
    if (sample < sampling->lowest)
        sampling->lowest = sample;
    if (sample > sampling->highest)
        sampling->highest = sample;
}

static int command_filter(int argc, char **argv)
{
    int32_t sample;
    if (argc < 2)
        return SHELL_USAGE;
    for (int i = 1; i < argc; i++) {
        if (!shell_number(argv[i], &sample))
            return SHELL_USAGE;
    }
    filter_reset(&bench_filter);
    for (int i = 1; i < argc; i++) {
        shell_number(argv[i], &sample);
        print("%s%d", i > 1 ? " " : "", filter_step(&bench_filter, saturate16(sample)));
    }
    print("\n");
    return 0;
}

SHELL_COMMAND(filter, "SAMPLE...", "print the filter's answer", command_filter);
