/* The shell's commands that belong to no other module. */
#include "board.h"
#include "memory.h"
#include "message.h"
#include "print.h"
#include "sampling.h"
#include "scheduler.h"
#include "selftest.h"
#include "settings.h"
#include "shell.h"

/* The next name in the alphabet: the table's order is the linker's. */
static const struct shell_command *after(const struct shell_command *last)
{
    const struct shell_command *best = NULL;
    for (const struct shell_command *each = shell_commands_start; each < shell_commands_end; each++) {
        if (last && strcmp(each->name, last->name) <= 0)
            continue;
        if (!best || strcmp(each->name, best->name) < 0)
            best = each;
    }
    return best;
}

static int command_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (const struct shell_command *each = after(NULL); each; each = after(each))
        print("%-9s%-16s%s\n", each->name, each->arguments, each->summary);
    return 0;
}

static int command_tasks(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    print("%-12s%8s%10s\n", "task", "period", "priority");
    for (size_t i = 0; i < scheduler.count; i++) {
        const struct task *task = &scheduler.tasks[i];
        print("%-12s%8u%10u\n", task->name, (unsigned)task->period, task->priority);
    }
    return 0;
}

static struct frame_parser parser;
static const struct device device = {&settings, &bench_filter, &parser};

static void print_bytes(const char *what, const uint8_t *bytes, size_t count)
{
    print("%s", what);
    for (size_t i = 0; i < count; i++)
        print(" %02x", bytes[i]);
    print("\n");
}

static void answer(const struct frame *request)
{
    struct frame reply;
    uint8_t encoded[FRAME_ENCODED];
    const char *name = message_name(request->type);
    message_answer(&device, request, &reply);
    print("%s %u: ", name ? name : "unknown", request->sequence);
    print_bytes(reply.type == MESSAGE_ERROR ? "error" : "ok", reply.payload, reply.length);
    print_bytes("send", encoded, frame_encode(&reply, encoded));
}

/* The bytes go through the parser one by one, as if they came over a line of their own. */
static int command_frame(int argc, char **argv)
{
    static const char *const events[] = {"", "", "bad length", "bad checksum", "cut short"};
    int32_t byte;
    if (argc < 2)
        return SHELL_USAGE;
    for (int i = 1; i < argc; i++) {
        for (const char *digits = argv[i]; *digits; digits += 2) {
            char text[] = {'0', 'x', digits[0], digits[1], '\0'};
            if (!digits[1] || !shell_number(text, &byte))
                return SHELL_USAGE;
            enum frame_event event = frame_feed(&parser, (uint8_t)byte);
            if (event == FRAME_COMPLETE)
                answer(&parser.frame);
            else if (event != FRAME_NONE)
                print("%s\n", events[event]);
        }
    }
    return 0;
}

static int command_selftest(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    board_exit(selftest() ? 1 : 0);
}

SHELL_COMMAND(help, "", "print this list", command_help);
SHELL_COMMAND(tasks, "", "print the tasks", command_tasks);
SHELL_COMMAND(frame, "HEX...", "feed bytes to the protocol", command_frame);
SHELL_COMMAND(selftest, "", "check everything and stop", command_selftest);
