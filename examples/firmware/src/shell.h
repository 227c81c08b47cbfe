/* A line-oriented shell on the serial line. */
#ifndef SHELL_H
#define SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHELL_LINE = 80, SHELL_ARGUMENTS = 16, SHELL_USAGE = -1, SHELL_UNKNOWN = -2 };

/* 0, or what went wrong; SHELL_USAGE makes the shell print how the command is used. */
typedef int shell_function(int argc, char **argv);

struct shell_command {
    const char *name;
    const char *arguments;
    const char *summary;
    shell_function *function;
};

/* The linker gathers the commands of all units into one table, so no unit need know of the others. */
#define SHELL_COMMAND(name, arguments, summary, function)                                                              \
    static const struct shell_command shell_command_##name                                                             \
        __attribute__((used, section("shell_commands"), aligned(sizeof(void *)))) = {#name, arguments, summary,        \
                                                                                     function}

extern const struct shell_command shell_commands_start[], shell_commands_end[];

struct shell {
    char line[SHELL_LINE];
    size_t length;
    bool overlong;
};

/* A task's function: takes what has been received; the context is a struct shell. */
void shell_run(void *context);
void shell_prompt(void);

const struct shell_command *shell_find(const char *name);

/* Splits a line in place at blanks; more arguments than there is room for are left out. */
int shell_split(char *line, char *argv[SHELL_ARGUMENTS]);
int shell_execute(char *line);

/* Decimal with a sign, or hexadecimal after 0x; false for anything else and what needs more than 32 bits. */
bool shell_number(const char *text, int32_t *number);

#endif
