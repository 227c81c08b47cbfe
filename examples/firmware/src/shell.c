#include "shell.h"

#include "memory.h"
#include "print.h"
#include "serial.h"

const struct shell_command *shell_find(const char *name)
{
    for (const struct shell_command *each = shell_commands_start; each < shell_commands_end; each++) {
        if (strcmp(each->name, name) == 0)
            return each;
    }
    return NULL;
}

int shell_split(char *line, char *argv[SHELL_ARGUMENTS])
{
    int argc = 0;
    while (argc < SHELL_ARGUMENTS) {
        while (*line == ' ')
            line++;
        if (!*line)
            break;
        argv[argc++] = line;
        while (*line && *line != ' ')
            line++;
        if (*line)
            *line++ = '\0';
    }
    return argc;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

bool shell_number(const char *text, int32_t *number)
{
    bool minus = *text == '-';
    uint32_t base = 10, value = 0;
    uint32_t limit = minus ? 0x80000000u : 0x7fffffffu;
    text += minus;
    if (text[0] == '0' && text[1] == 'x') {
        base = 16;
        limit = minus ? limit : UINT32_MAX;
        text += 2;
    }
    if (!*text)
        return false;
    for (; *text; text++) {
        uint32_t digit = (uint32_t)digit_of(*text);
        if (digit >= base || value > (limit - digit) / base)
            return false;
        value = value * base + digit;
    }
    *number = (int32_t)(minus ? 0u - value : value);
    return true;
}

int shell_execute(char *line)
{
    char *argv[SHELL_ARGUMENTS];
    int argc = shell_split(line, argv);
    if (argc == 0)
        return 0;
    const struct shell_command *command = shell_find(argv[0]);
    if (!command) {
        print("%s: unknown, try help\n", argv[0]);
        return SHELL_UNKNOWN;
    }
    int result = command->function(argc, argv);
    if (result == SHELL_USAGE)
        print("usage: %s %s\n", command->name, command->arguments);
    return result;
}

void shell_prompt(void)
{
    print("> ");
}

static void finish_line(struct shell *shell)
{
    print("\n");
    shell->line[shell->length] = '\0';
    if (shell->overlong)
        print("the line is too long\n");
    else
        shell_execute(shell->line);
    shell->length = 0;
    shell->overlong = false;
    shell_prompt();
}

static void take(struct shell *shell, uint8_t byte)
{
    switch (byte) {
    case '\r':
        break;
    case '\n':
        finish_line(shell);
        break;
    case '\b':
    case 0x7f:
        if (shell->length) {
            shell->length--;
            print("\b \b");
        }
        break;
    default:
        if (byte < ' ')
            break;
        if (shell->length + 1 == SHELL_LINE) {
            shell->overlong = true;
            break;
        }
        shell->line[shell->length++] = (char)byte;
        print("%c", byte);
    }
}

void shell_run(void *context)
{
    uint8_t byte;
    while (serial_read(&byte))
        take(context, byte);
}
