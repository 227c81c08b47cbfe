#include "selftest.h"

#include "board.h"
#include "memory.h"
#include "message.h"
#include "print.h"
#include "ring.h"
#include "sampling.h"
#include "scheduler.h"
#include "settings.h"
#include "shell.h"

static unsigned passed, failed;

static void check(bool holds, unsigned line)
{
    if (holds) {
        passed++;
        return;
    }
    failed++;
    print("  selftest.c:%u does not hold\n", line);
}

#define CHECK(condition) check((condition), __LINE__)

static void check_memory(void)
{
    char bytes[16] = "0123456789abcde";
    memmove(bytes + 2, bytes, 8);
    CHECK(memcmp(bytes, "0101234567abcde", 16) == 0);
    memmove(bytes, bytes + 2, 8);
    CHECK(memcmp(bytes, "0123456767abcde", 16) == 0);
    memset(bytes + 3, -2, 4);
    CHECK(memcmp(bytes, "012\xfe\xfe\xfe\xfe" "767abcde", 16) == 0);
    memcpy(bytes + 1, "xyz", 3);
    CHECK(bytes[0] == '0' && bytes[3] == 'z' && (uint8_t)bytes[4] == 0xfe);
    CHECK(memcmp("a\x80", "a\x7f", 2) > 0);
    CHECK(strlen("") == 0 && strlen(bytes) == 15);
    CHECK(strcmp("set", "settings") < 0 && strcmp("b", "a") > 0 && strcmp("get", "get") == 0);
}

static bool prints(const char *expected, const char *text, size_t length)
{
    return length == strlen(expected) && strcmp(expected, text) == 0;
}

static void check_print(void)
{
    char text[32];
    size_t length = print_into(text, sizeof text, "%d|%5d|%-5d|%05d", -7, -7, -7, -7);
    CHECK(prints("-7|   -7|-7   |-0007", text, length));
    length = print_into(text, sizeof text, "%d %d", INT32_MIN, INT32_MAX);
    CHECK(prints("-2147483648 2147483647", text, length));
    length = print_into(text, sizeof text, "%u %x %08x", 4294967295u, 0xbeefu, 0xbeefu);
    CHECK(prints("4294967295 beef 0000beef", text, length));
    length = print_into(text, sizeof text, "%s|%4s|%-4s|%c%%", "", "ab", "ab", 'c');
    CHECK(prints("|  ab|ab  |c%", text, length));
    length = print_into(text, sizeof text, "%*d", 6, 42);
    CHECK(prints("    42", text, length));
    length = print_into(text, 5, "%s", "cut off");
    CHECK(length == 7 && strcmp(text, "cut ") == 0);
}

static void check_ring(void)
{
    struct ring ring = {0};
    uint8_t byte = 0;
    bool good = true;
    CHECK(!ring_get(&ring, &byte) && ring_count(&ring) == 0);
    /* Across the wrap of the indices as well as that of the buffer. */
    ring.written = ring.read = UINT32_MAX - 10;
    for (unsigned i = 0; i < RING_SIZE; i++)
        good &= ring_put(&ring, (uint8_t)(i * 7));
    CHECK(good && ring_count(&ring) == RING_SIZE);
    CHECK(!ring_put(&ring, 1));
    for (unsigned i = 0; i < RING_SIZE; i++)
        good &= ring_get(&ring, &byte) && byte == (uint8_t)(i * 7);
    CHECK(good && ring_count(&ring) == 0);
}

static void check_fletcher(void)
{
    CHECK(fletcher16("", 0) == 0);
    CHECK(fletcher16("abcde", 5) == 0xc8f0);
    CHECK(fletcher16("abcdef", 6) == 0x2057);
    CHECK(fletcher16("abcdefgh", 8) == 0x0627);
    /* 255 is 0 to both sums. */
    CHECK(fletcher16("\xff\xff\x01", 3) == 0x0101);
}

static enum frame_event feed(struct frame_parser *parser, const uint8_t *bytes, size_t count)
{
    enum frame_event event = FRAME_NONE;
    while (count--)
        event = frame_feed(parser, *bytes++);
    return event;
}

static void check_frame(void)
{
    static const struct frame sent = {0x7e, 0x7d, 4, {0x7e, 0x7d, 0x00, 0x5e}};
    static const uint8_t noise[] = {0x55, 0x7d, 0x00};
    struct frame_parser parser = {0};
    uint8_t wire[FRAME_ENCODED];
    size_t count = frame_encode(&sent, wire);
    CHECK(count == 15 && wire[0] == FRAME_FLAG && wire[1] == FRAME_ESCAPE && wire[2] == 0x5e);
    CHECK(feed(&parser, noise, sizeof noise) == FRAME_NONE);
    CHECK(feed(&parser, wire, count - 1) == FRAME_NONE);
    CHECK(frame_feed(&parser, wire[count - 1]) == FRAME_COMPLETE);
    CHECK(parser.frame.type == 0x7e && parser.frame.sequence == 0x7d && parser.frame.length == 4);
    CHECK(memcmp(parser.frame.payload, sent.payload, 4) == 0);
    /* The flag that ended the frame begins the next one. */
    CHECK(feed(&parser, wire + 1, count - 1) == FRAME_COMPLETE && parser.complete == 2);
    CHECK(feed(&parser, wire, 6) == FRAME_NONE && frame_feed(&parser, FRAME_FLAG) == FRAME_CUT_SHORT);
    wire[10] ^= 1;
    /* Byte 10 is in the payload; the checksum's second byte is the last before the flag. */
    CHECK(feed(&parser, wire, count - 1) == FRAME_BAD_CHECKSUM && parser.rejected == 2);
    wire[10] ^= 1;
    CHECK(feed(&parser, wire, count) == FRAME_COMPLETE && parser.rejected == 2);
    static const uint8_t longer[] = {FRAME_FLAG, 1, 2, FRAME_PAYLOAD + 1};
    CHECK(feed(&parser, longer, sizeof longer) == FRAME_BAD_LENGTH && parser.state == FRAME_HUNT);
}

static struct flash test_flash;

static void blank(void)
{
    memset(&test_flash, 0, sizeof test_flash);
    memset(test_flash.memory, 0xff, sizeof test_flash.memory);
    test_flash.energy = FLASH_ALWAYS_ON;
}

static void check_message(void)
{
    struct store store;
    struct filter filter;
    struct frame_parser parser = {.complete = 0x1234, .rejected = 5};
    const struct device device = {&store, &filter, &parser};
    struct frame request = {MESSAGE_PING, 9, 3, "abc"};
    struct frame reply;
    blank();
    store_mount(&store, &test_flash);
    filter_reset(&filter);
    message_answer(&device, &request, &reply);
    CHECK(reply.type == (MESSAGE_PING | MESSAGE_REPLY) && reply.sequence == 9);
    CHECK(reply.length == 3 && memcmp(reply.payload, "abc", 3) == 0);
    request = (struct frame){MESSAGE_WRITE, 10, 7, "key\0val"};
    message_answer(&device, &request, &reply);
    CHECK(reply.type == (MESSAGE_WRITE | MESSAGE_REPLY) && reply.length == 0);
    request = (struct frame){MESSAGE_READ, 11, 3, "key"};
    message_answer(&device, &request, &reply);
    CHECK(reply.length == 3 && memcmp(reply.payload, "val", 3) == 0);
    request.length = 2;
    message_answer(&device, &request, &reply);
    CHECK(reply.type == MESSAGE_ERROR && reply.payload[0] == MESSAGE_NO_KEY);
    request = (struct frame){MESSAGE_WRITE, 12, 3, "key"};
    message_answer(&device, &request, &reply);
    CHECK(reply.type == MESSAGE_ERROR && reply.payload[0] == MESSAGE_MALFORMED);
    request = (struct frame){MESSAGE_STATUS, 13, 0, {0}};
    message_answer(&device, &request, &reply);
    CHECK(reply.length == 6 && memcmp(reply.payload, "\x34\x12\x05\x00\x01\x00", 6) == 0);
    request = (struct frame){MESSAGE_FILTER, 14, 4, {0x00, 0x10, 0x00, 0x10}};
    message_answer(&device, &request, &reply);
    CHECK(reply.type == (MESSAGE_FILTER | MESSAGE_REPLY) && reply.length == 4);
    request.type = 0x7f;
    message_answer(&device, &request, &reply);
    CHECK(reply.type == MESSAGE_ERROR && reply.payload[0] == MESSAGE_UNKNOWN && reply.length == 1);
}

static void check_biquad(void)
{
    static const int16_t impulse[] = {1348, 4239, 5638, 4694, 3038, 1535, 500, -62};
    struct biquad biquad = {.coefficients = &low_pass};
    bool good = true;
    int16_t last = 0;
    CHECK(saturate16(40000) == 32767 && saturate16(-40000) == -32768 && saturate16(-5) == -5);
    for (size_t i = 0; i < sizeof impulse / sizeof *impulse; i++)
        good &= biquad_step(&biquad, i ? 0 : 20000) == impulse[i];
    CHECK(good);
    biquad = (struct biquad){.coefficients = &low_pass};
    for (int i = 0; i < 200; i++)
        last = biquad_step(&biquad, -12345);
    CHECK(last == -12345);
    /* A square wave of full scale overshoots, and must not wrap. */
    int16_t highest = 0;
    for (int i = 0; i < 100; i++) {
        last = biquad_step(&biquad, i / 10 % 2 ? INT16_MAX : INT16_MIN);
        highest = last > highest ? last : highest;
    }
    CHECK(highest == INT16_MAX);
    biquad = (struct biquad){.coefficients = &notch};
    int32_t loudest = 0;
    for (int i = 0; i < 100; i++) {
        static const int16_t quarter[] = {0, 20000, 0, -20000};
        last = biquad_step(&biquad, quarter[i % 4]);
        if (i >= 80 && (last > loudest || -last > loudest))
            loudest = last < 0 ? -last : last;
    }
    CHECK(loudest <= 1);
}

static void check_median(void)
{
    static const int16_t samples[] = {5, 1, 9, 9, -3, 7, 7, 7, -32768, 32767, 0, 2};
    static const int16_t medians[] = {5, 5, 5, 9, 5, 7, 7, 7, 7, 7, 7, 2};
    struct median median = {.count = 0};
    bool good = true;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        good &= median_step(&median, samples[i]) == medians[i];
    CHECK(good);
    CHECK(median.count == MEDIAN_WINDOW && median.sorted[0] == INT16_MIN && median.sorted[4] == INT16_MAX);
    struct sampling sampling;
    sampling_start(&sampling);
    for (int i = 0; i < 256; i++)
        sampling_run(&sampling);
    /* The spikes are gone, and the triangle's corners are rounded off. */
    CHECK(sampling.lowest < -18000 && sampling.lowest > -24583);
    CHECK(sampling.highest > 18000 && sampling.highest < 24583);
}

static bool holds(const struct store *store, const char *key, const char *expected)
{
    char value[STORE_VALUE];
    size_t length = sizeof value;
    return store_get(store, key, value, &length) == STORE_OK && length == strlen(expected) &&
           memcmp(value, expected, length) == 0;
}

static enum store_status put(struct store *store, const char *key, const char *value)
{
    return store_set(store, key, value, strlen(value));
}

static void check_store(void)
{
    struct store store;
    char value[8];
    size_t length = 2;
    blank();
    CHECK(store_mount(&store, &test_flash) == STORE_OK && store_count(&store) == 0);
    CHECK(put(&store, "a", "first") == STORE_OK && put(&store, "b", "") == STORE_OK);
    CHECK(holds(&store, "a", "first") && holds(&store, "b", ""));
    CHECK(store_get(&store, "a", value, &length) == STORE_INVALID && length == 0);
    size_t end = store.end;
    CHECK(put(&store, "a", "first") == STORE_OK && store.end == end);
    CHECK(put(&store, "a", "second") == STORE_OK && store.end > end && holds(&store, "a", "second"));
    CHECK(store_delete(&store, "b") == STORE_OK && store_delete(&store, "b") == STORE_MISSING);
    CHECK(store_count(&store) == 1);
    CHECK(put(&store, "", "x") == STORE_INVALID && put(&store, "sixteen-letters!", "x") == STORE_INVALID);
    CHECK(store_mount(&store, &test_flash) == STORE_OK && holds(&store, "a", "second"));
    test_flash.memory[0][4 + 5] ^= 4;
    CHECK(!holds(&store, "a", "first"));
}

static void check_wear(void)
{
    struct store store;
    char value[12];
    bool good = true;
    unsigned fewest = UINT16_MAX, most = 0;
    blank();
    store_mount(&store, &test_flash);
    put(&store, "fixed", "stays");
    for (unsigned i = 0; i < 500; i++) {
        print_into(value, sizeof value, "%u", i);
        good &= put(&store, i % 3 ? "often" : "seldom", value) == STORE_OK;
    }
    CHECK(good);
    CHECK(holds(&store, "often", "499") && holds(&store, "seldom", "498") && holds(&store, "fixed", "stays"));
    for (size_t i = 0; i < FLASH_SECTORS; i++) {
        fewest = test_flash.erases[i] < fewest ? test_flash.erases[i] : fewest;
        most = test_flash.erases[i] > most ? test_flash.erases[i] : most;
    }
    CHECK(fewest >= 15 && most - fewest <= 1);
    /* Full is full, and nothing that was there suffers. */
    enum store_status status = STORE_OK;
    unsigned stored = 0;
    for (; status == STORE_OK && stored < 40; stored++) {
        print_into(value, sizeof value, "key%u", stored);
        status = store_set(&store, value, value, strlen(value));
    }
    CHECK(status == STORE_FULL && stored > 12 && holds(&store, "key7", "key7") && holds(&store, "fixed", "stays"));
}

/* Fail at each byte in turn: afterwards the value is the old or the new one, and nothing else is lost. */
static void check_power(void)
{
    struct store store;
    bool good = true, seen_old = false, seen_new = false;
    char old[8], new[8];
    for (int32_t energy = 0; energy < 120; energy++) {
        blank();
        store_mount(&store, &test_flash);
        put(&store, "fixed", "stays");
        for (unsigned i = 0; i < 26; i++) {
            print_into(old, sizeof old, "%u", i);
            put(&store, "value", old);
        }
        test_flash.energy = energy;
        enum store_status status = STORE_OK;
        for (unsigned i = 26; status == STORE_OK && i < 30; i++) {
            memcpy(old, i > 26 ? new : old, sizeof old);
            print_into(new, sizeof new, "%u", i);
            status = put(&store, "value", new);
        }
        test_flash.energy = FLASH_ALWAYS_ON;
        good &= store_mount(&store, &test_flash) == STORE_OK && holds(&store, "fixed", "stays");
        bool is_old = holds(&store, "value", old), is_new = holds(&store, "value", new);
        good &= is_old || is_new;
        seen_old |= is_old;
        seen_new |= is_new;
        good &= put(&store, "value", "after") == STORE_OK && holds(&store, "value", "after");
    }
    CHECK(good);
    CHECK(seen_old && seen_new);
}

static char trace[16];

static void leave_trace(void *context)
{
    size_t length = strlen(trace);
    if (length + 1 < sizeof trace)
        trace[length] = *(const char *)context;
}

static void check_scheduler(void)
{
    struct scheduler own;
    struct task tasks[] = {
        {.name = "low", .run = leave_trace, .context = "l", .period = 2, .priority = 1},
        {.name = "high", .run = leave_trace, .context = "h", .period = 3, .priority = 9},
        {.name = "same", .run = leave_trace, .context = "s", .period = 2, .priority = 1},
    };
    memset(trace, 0, sizeof trace);
    /* The counter wraps on the way. */
    scheduler_start(&own, tasks, 3, UINT32_MAX - 2);
    CHECK(!scheduler_dispatch(&own));
    for (int tick = 0; tick < 6; tick++) {
        scheduler_tick(&own);
        while (scheduler_dispatch(&own))
            continue;
    }
    CHECK(strcmp(trace, "lshlshls") == 0);
    CHECK(own.now == 3 && tasks[0].runs == 3 && tasks[1].runs == 2 && tasks[1].missed == 0);
    for (int tick = 0; tick < 7; tick++)
        scheduler_tick(&own);
    memset(trace, 0, sizeof trace);
    while (scheduler_dispatch(&own))
        continue;
    CHECK(strcmp(trace, "hls") == 0 || strcmp(trace, "hsl") == 0);
    CHECK(tasks[0].missed == 2 && tasks[1].missed == 1);
}

static void check_shell(void)
{
    char line[] = "  frame 7e  01 ", *argv[SHELL_ARGUMENTS];
    int32_t number = 0;
    CHECK(shell_split(line, argv) == 3 && strcmp(argv[0], "frame") == 0 && strcmp(argv[2], "01") == 0);
    CHECK(shell_find("set") && !shell_find("se") && !shell_find(""));
    CHECK(shell_number("-2147483648", &number) && number == INT32_MIN);
    CHECK(!shell_number("2147483648", &number) && !shell_number("12x", &number) && !shell_number("-", &number));
    CHECK(shell_number("0xFFFFffff", &number) && number == -1 && !shell_number("0x", &number));
    CHECK(!shell_number("", &number) && !shell_number("0x100000000", &number));
}

extern const uint8_t firmware_info_start[], firmware_info_end[];
extern uint8_t bss_start[], bss_end[];

/* Volatile, or they would be constants. */
static volatile uint32_t initialised = 0x600dda7a;
static volatile uint32_t zeroed[4];

static void check_image(void)
{
    CHECK(initialised == 0x600dda7a);
    CHECK((volatile uint8_t *)zeroed >= bss_start && (volatile uint8_t *)(zeroed + 4) <= bss_end);
    CHECK(zeroed[0] == 0 && zeroed[3] == 0);
    CHECK(shell_commands_end - shell_commands_start == 9);
    CHECK(firmware_info_end - firmware_info_start == 16 && memcmp(firmware_info_start, "FWI1", 4) == 0);
    /* Only the constructor writes it. */
    CHECK(holds(&settings, "unit", "mm"));
    initialised = 1;
    CHECK(initialised == 1);
}

static void check_interrupt(void)
{
    uint32_t before = scheduler.now;
    while (scheduler.now - before < 5)
        board_wait();
    CHECK(scheduler.now - before >= 5);
    uintptr_t outer = irq_disable();
    uintptr_t inner = irq_disable();
    before = scheduler.now;
    irq_restore(inner);
    board_wait();
    /* The tick is pending: it woke the core, and must not be taken yet. */
    CHECK(scheduler.now == before);
    irq_restore(outer);
    compiler_barrier();
    CHECK(scheduler.now != before);
}

static const struct {
    const char *name;
    void (*run)(void);
} groups[] = {
    {"memory", check_memory},
    {"print", check_print},
    {"ring", check_ring},
    {"fletcher", check_fletcher},
    {"frame", check_frame},
    {"message", check_message},
    {"biquad", check_biquad},
    {"median", check_median},
    {"store", check_store},
    {"wear", check_wear},
    {"power", check_power},
    {"scheduler", check_scheduler},
    {"shell", check_shell},
    {"image", check_image},
    {"interrupt", check_interrupt},
};

unsigned selftest(void)
{
    unsigned failures = 0;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        passed = failed = 0;
        groups[i].run();
        print("%-12s%2u of %2u\n", groups[i].name, passed, passed + failed);
        failures += failed;
    }
    if (failures)
        print("FAIL %u\n", failures);
    else
        print("PASS\n");
    return failures;
}
