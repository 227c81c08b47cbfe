/* The way through for calls that are clang's at first sight, and for compiles that were met before (hit.c), without
 * starting Python: what cannot be told from a plan that Python has written is handed to Python unchanged.
 *
 *   helper PYTHON START CALLED_AS ARGUMENTS...
 *
 * A plan (llmcc/native/__init__.py writes it) names every file that it depends on with the inode, size and time that
 * it had, the clang to become, the answer to --llmcc-fingerprint, and the words by which a call is known. It is found
 * by a number made of the environment that matters, and repeats that environment. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "blake2b.h"
#include "hit.h"

extern char **environ;

enum { PLAN_MOST = 1 << 16, TEXT_MOST = 1 << 15, WORDS_MOST = 256 };

/* As llmcc.call.FOLD_AT_LAST. */
enum { STATISTICS_MOST = 16 << 20 };

/* The words of a plan by their letter: see `plan_text` in __init__.py. */
struct words {
    const char *word[WORDS_MOST];
    int count;
};
static struct words by_letter[128];

static struct timespec began;

static char plan[PLAN_MOST + 1];
static char identity[TEXT_MOST];

static int starts(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

static int ends(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static int is_any(char letter, const char *text)
{
    for (int i = 0; i < by_letter[(int)letter].count; i++)
        if (strcmp(text, by_letter[(int)letter].word[i]) == 0)
            return 1;
    return 0;
}

static int starts_any(char letter, const char *text)
{
    for (int i = 0; i < by_letter[(int)letter].count; i++)
        if (starts(text, by_letter[(int)letter].word[i]))
            return 1;
    return 0;
}

static int ends_any(char letter, const char *text)
{
    for (int i = 0; i < by_letter[(int)letter].count; i++)
        if (ends(text, by_letter[(int)letter].word[i]))
            return 1;
    return 0;
}

static int has_any(char letter, const char *text)
{
    for (int i = 0; i < by_letter[(int)letter].count; i++)
        if (strstr(text, by_letter[(int)letter].word[i]) != NULL)
            return 1;
    return 0;
}

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* The name we were called by, with the `launched` clang if a word names one, the script that Python would be started
   with, PATH and every LLMCC_ setting but LLMCC_REMOTE, which may hold a password and bears on nothing that is decided
   here; 0 when that is too long to bother. */
static int make_identity(const char *name, const char *launched, const char *start)
{
    const char *found[64];
    static char own[4096];
    size_t count = 0, at = 0;
    if (strpbrk(launched, "\t\n") != NULL || strpbrk(start, "\t\n") != NULL ||
        snprintf(own, sizeof own, "%s%s%s\t%s", name, *launched != 0 ? " " : "", launched, start) >= (int)sizeof own)
        return 0;
    for (char **entry = environ; *entry != NULL; entry++) {
        if ((starts(*entry, "LLMCC_") && !starts(*entry, "LLMCC_REMOTE=")) || starts(*entry, "PATH=")) {
            if (count == sizeof found / sizeof *found || strpbrk(*entry, "\t\n") != NULL)
                return 0;
            found[count++] = *entry;
        }
    }
    qsort(found, count, sizeof *found, by_text);
    for (size_t i = 0; i <= count; i++) {
        const char *text = i == 0 ? own : found[i - 1];
        size_t length = strlen(text);
        if (at + length + 2 > sizeof identity)
            return 0;
        memcpy(identity + at, text, length);
        at += length;
        identity[at++] = '\t';
    }
    identity[at] = 0;
    return 1;
}

/* FNV-1a, 64 bits. Two environments with one number only cost a plan: the identity is compared in full. */
static uint64_t number_of(const char *text)
{
    uint64_t number = 14695981039346656037u;
    for (; *text != 0; text++)
        number = (number ^ (unsigned char)*text) * 1099511628211u;
    return number;
}

int unchanged(const char *line, int changes)
{
    char now[120];
    struct stat s;
    const char *path = strchr(line, ' ');
    if (path == NULL)
        return 0;
    if (stat(path + 1, &s) != 0) {
        strcpy(now, "-");
    } else {
        int at = snprintf(now, sizeof now, "%llu.%lld.%lld", (unsigned long long)s.st_ino, (long long)s.st_size,
                          (long long)s.st_mtim.tv_sec * 1000000000LL + s.st_mtim.tv_nsec);
        if (changes)
            snprintf(now + at, sizeof now - at, ".%lld",
                     (long long)s.st_ctim.tv_sec * 1000000000LL + s.st_ctim.tv_nsec);
    }
    return strlen(now) == (size_t)(path - line) && strncmp(now, line, path - line) == 0;
}

/* Read and check the plan for this environment; 0 when there is none that holds. */
static int read_plan(const char *directory)
{
    char path[4096];
    struct stat s;
    int length = snprintf(path, sizeof path, "%s/native/3/%016llx", directory,
                          (unsigned long long)number_of(identity));
    if (length < 0 || (size_t)length >= sizeof path)
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, plan, PLAN_MOST);
    int ours = fstat(fd, &s) == 0 && s.st_uid == geteuid() && got == s.st_size;
    close(fd);
    /* "Z ", the digest of the rest and a newline come first. */
    enum { HEAD = 2 + DIGITS + 1 };
    char now[DIGITS + 1];
    struct digest digest;
    if (!ours || got <= HEAD || memchr(plan, 0, got) != NULL || plan[got - 1] != '\n')
        return 0;
    digest_begin(&digest);
    digest_add(&digest, plan + HEAD, got - HEAD);
    digest_end(&digest, now);
    if (memcmp(plan, "Z ", 2) != 0 || memcmp(plan + 2, now, DIGITS) != 0)
        return 0;
    plan[got] = 0;
    for (char *line = plan, *next; *line != 0; line = next) {
        next = strchr(line, '\n');
        *next++ = 0;
        unsigned char letter = line[0];
        if (letter >= 128 || letter == 0 || line[1] != ' ')
            return 0;
        struct words *words = &by_letter[letter];
        if (words->count == WORDS_MOST - 1)
            return 0;
        words->word[words->count++] = line + 2;
        if (letter == 'S' && !unchanged(line + 2, 0))
            return 0;
    }
    return by_letter['I'].count == 1 && strcmp(by_letter['I'].word[0], identity) == 0 && by_letter['C'].count >= 2;
}

/* Whether a settings file would be found from this folder upwards; yes when in doubt. */
static int has_settings_file(const char *folder)
{
    char path[4096];
    if (folder[0] == '/') {
        if (snprintf(path, sizeof path - 16, "%s", folder) >= (int)sizeof path - 16)
            return 1;
    } else {
        if (getcwd(path, sizeof path / 2) == NULL)
            return 1;
        size_t length = strlen(path);
        if (length + strlen(folder) + 32 > sizeof path || strstr(folder, "..") != NULL)
            return 1;
        snprintf(path + length, sizeof path - length, "/%s", folder);
    }
    for (;;) {
        size_t length = strlen(path);
        strcpy(path + length, "/llmcc.toml");
        if (access(path, F_OK) == 0)
            return 1;
        path[length] = 0;
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            return 0;
        *slash = 0;
    }
}

static int source_folder_has_settings(char **args)
{
    for (char **arg = args; *arg != NULL; arg++) {
        if (**arg != '-' && ends_any('X', *arg)) {
            char folder[2048];
            const char *slash = strrchr(*arg, '/');
            size_t length = slash == NULL ? 0 : (size_t)(slash - *arg);
            if (length >= sizeof folder)
                return 1;
            memcpy(folder, *arg, length);
            folder[length] = 0;
            if (has_settings_file(slash == *arg ? "/" : folder))
                return 1;
        }
    }
    return has_settings_file("");
}

/* As llmcc.invocation.quick_reason: the word of the reason, or NULL when clang must be asked. */
static const char *quick_reason(char **args)
{
    char cwd[4096];
    int compiles = 0, level = 0;
    for (char **arg = args; *arg != NULL; arg++)
        compiles |= starts(*arg, "@") || starts(*arg, "-x") || starts(*arg, "--language") || ends_any('X', *arg);
    if (!compiles)
        return "not-a-compile";
    for (char **arg = args; *arg != NULL; arg++) {
        if (is_any('O', *arg) || starts_any('Q', *arg))
            return "other-output";
        if (strcmp(*arg, "-") == 0)
            return "standard-input";
        if (has_any('M', *arg))
            return "probe";
        level |= is_any('L', *arg) || starts(*arg, "@") || starts(*arg, "--config") || starts(*arg, "--optimize");
    }
    if (!level && getenv("CCC_OVERRIDE_OPTIONS") == NULL)
        return "level";
    for (char **entry = environ; *entry != NULL; entry++)
        if (starts_any('E', *entry))
            return "other-output";
    if (getcwd(cwd, sizeof cwd) != NULL && has_any('D', cwd))
        return "probe";
    return NULL;
}

static int statistics_path(char path[4096], const char *directory)
{
    return snprintf(path, 4096, "%s/stats", directory) < 4096;
}

int statistics_are_large(const char *directory)
{
    char path[4096];
    struct stat s;
    return statistics_path(path, directory) && stat(path, &s) == 0 && s.st_size > STATISTICS_MOST;
}

void count(const char *directory, const char *what)
{
    char path[4096], line[512];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long spent = (now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / 1000000;
    int length = snprintf(line, sizeof line, "%s %ld\n", what, spent);
    int fd = statistics_path(path, directory) ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    /* A full disk loses a count, nothing else. */
    if (write(fd, line, length) < 0)
        line[0] = 0;
    close(fd);
}

void open_standard_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return;
}

static void add_word(struct digest *digest, const char *word) { digest_add(digest, word, strlen(word) + 1); }

/* The key of a call's record, as llmcc.native.calls.key_of makes it: what the plan says of clang and the settings, the
   folder, the arguments, and what clang's driver reads of the environment. 0 when that is too much. */
static int name_call(char **args, char key[DIGITS + 1])
{
    const char *found[64];
    char cwd[4096];
    size_t known = 0;
    struct digest digest;
    if (by_letter['G'].count != 1 || getcwd(cwd, sizeof cwd) == NULL)
        return 0;
    for (char **entry = environ; *entry != NULL; entry++) {
        if (starts_any('V', *entry)) {
            if (known == sizeof found / sizeof *found)
                return 0;
            found[known++] = *entry;
        }
    }
    qsort(found, known, sizeof *found, by_text);
    digest_begin(&digest);
    add_word(&digest, identity);
    for (int i = 0; i < by_letter['C'].count; i++)
        add_word(&digest, by_letter['C'].word[i]);
    add_word(&digest, "");
    add_word(&digest, by_letter['G'].word[0]);
    add_word(&digest, cwd);
    for (char **arg = args; *arg != NULL; arg++)
        add_word(&digest, *arg);
    add_word(&digest, "");
    for (size_t i = 0; i < known; i++)
        add_word(&digest, found[i]);
    digest_end(&digest, key);
    return 1;
}

/* The cache folder as llmcc.config has it; 0 when it has none. */
static int find_directory(char *directory, size_t size)
{
    const char *named = getenv("LLMCC_DIR"), *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length;
    if (named != NULL && *named != 0)
        length = snprintf(directory, size, "%s", named);
    else if (base != NULL && *base == '/')
        length = snprintf(directory, size, "%s/llmcc", base);
    else if ((base == NULL || *base == 0) && home != NULL && *home == '/')
        length = snprintf(directory, size, "%s/.cache/llmcc", home);
    else
        return 0;
    return length > 0 && (size_t)length < size;
}

/* As os.path.normpath does it, of a path that begins with a slash; 0 when it is too long. */
static int normalise(char path[4096], const char *from)
{
    size_t start = starts(from, "//") && from[2] != '/' ? 2 : 1, at = start;
    if (strlen(from) >= 4095)
        return 0;
    memset(path, '/', start);
    while (*from != 0) {
        size_t length = strcspn(from, "/");
        if (length == 2 && starts(from, "..")) {
            while (at > start && path[at - 1] != '/')
                at--;
            if (at > start)
                at--;
        } else if (length > 0 && !(length == 1 && *from == '.')) {
            if (at > start)
                path[at++] = '/';
            memcpy(path + at, from, length);
            at += length;
        }
        from += length + (from[length] == '/');
    }
    path[at] = 0;
    return 1;
}

/* The argument of `-o`, as llmcc.call.Invocation.named_output; NULL when there is none. */
static const char *named_output(char **args)
{
    for (char **arg = args; *arg != NULL; arg++)
        if (strcmp(*arg, "-o") == 0 && arg[1] != NULL)
            return arg[1];
    for (char **arg = args; *arg != NULL; arg++)
        if (starts(*arg, "-o") && (*arg)[2] != 0)
            return *arg + 2;
    return NULL;
}

/* The name of a file in the index (llmcc.call.index_name); 0 when its path is too long. */
static int index_name(const char *output, char name[DIGITS + 1])
{
    char cwd[4096], path[8192], whole[4096];
    struct digest digest;
    if (getcwd(cwd, sizeof cwd) == NULL)
        return 0;
    if (snprintf(path, sizeof path, "%s/%s", cwd, output) >= (int)sizeof path ||
        !normalise(whole, *output == '/' ? output : path))
        return 0;
    digest_begin(&digest);
    digest_add(&digest, whole, strlen(whole));
    digest_end(&digest, name);
    return 1;
}

/* As llmcc.driver._names_clang: whether a first argument is a compiler and not a source. */
static int names_clang(const char *word)
{
    const char *slash = strrchr(word, '/'), *base = slash == NULL ? word : slash + 1, *dash = strrchr(base, '-');
    size_t length = strlen(base);
    if (dash != NULL && strpbrk(dash, "0123456789") != NULL && strspn(dash + 1, ".0123456789") == strlen(dash + 1))
        length = dash - base;
    int is = (length >= 5 && strncmp(base + length - 5, "clang", 5) == 0) ||
             (length >= 7 && strncmp(base + length - 7, "clang++", 7) == 0);
    return is && *word != '-' && *word != '@';
}

/* Become clang, or answer, if a plan says all that it takes; returns when Python has to be asked. */
static void shortcut(const char *start, char **args)
{
    static char directory[2048];
    const char *slash = strrchr(args[-1], '/'), *name = slash == NULL ? args[-1] : slash + 1;
    if (strcmp(name, "llmcc") != 0 && strcmp(name, "llmcc++") != 0)
        return;
    const char *launched = "";
    if (args[0] == NULL)
        return;
    if (names_clang(args[0]))
        launched = *args++;
    if (!make_identity(name, launched, start) || !find_directory(directory, sizeof directory) || !read_plan(directory))
        return;
    if (source_folder_has_settings(args))
        return;
    int asked = 0, compiles = 0;
    for (char **arg = args; *arg != NULL; arg++) {
        asked |= strcmp(*arg, "--llmcc-fingerprint") == 0;
        compiles |= strcmp(*arg, "-c") == 0;
    }
    if (asked) {
        if (by_letter['G'].count == 1 && printf("%s\n", by_letter['G'].word[0]) > 0 && fflush(stdout) == 0)
            _exit(0);
        return;
    }
    if (by_letter['A'].count != 1)
        return;
    const char *reason = quick_reason(args);
    if (reason == NULL) {
        char key[DIGITS + 1];
        if (name_call(args, key))
            replay(directory, key);
        return;
    }
    char place[DIGITS + 1] = "";
    const char *output = compiles ? named_output(args) : NULL;
    if (output != NULL && *output != 0 && !index_name(output, place))
        return;
    int given = 0, own = by_letter['C'].count - 1;
    while (args[given] != NULL)
        given++;
    char **argv = calloc(own + given + 1, sizeof *argv);
    if (argv == NULL)
        return;
    for (int i = 0; i < own; i++)
        argv[i] = (char *)by_letter['C'].word[i + 1];
    memcpy(argv + own, args, given * sizeof *argv);
    if (statistics_are_large(directory))
        return;
    char counted[64];
    snprintf(counted, sizeof counted, "passthrough %s 0 0", reason);
    open_standard_streams();
    count(directory, counted);
    if (*place != 0) {
        /* As long as the longest reason. */
        char body[64];
        snprintf(body, sizeof body, "!%s", reason);
        note(directory, place, body);
    }
    execv(by_letter['C'].word[0], argv);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return argc == 2 && strcmp(argv[1], "--check") == 0 ? 42 : 1;
    clock_gettime(CLOCK_MONOTONIC, &began);
    shortcut(argv[2], argv + 4);
    /* -I -S: as the launcher starts it. */
    char **python = calloc(argc + 3, sizeof *python);
    if (python == NULL)
        return 126;
    python[0] = argv[1];
    python[1] = "-I";
    python[2] = "-S";
    memcpy(python + 3, argv + 2, (argc - 2) * sizeof *python);
    execv(argv[1], python);
    fprintf(stderr, "llmcc: %s cannot be run\n", argv[1]);
    return 126;
}
