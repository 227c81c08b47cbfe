/* As llmcc.compile does it for one unit: run the front end, name the unit by its IR, and put in place the object, the
 * dependency file and the diagnostics that belong to it. Whatever is not as it should be is Python's to see to, which
 * begins anew: nothing that is done here is wrong to do twice. */
#define _GNU_SOURCE
#include "hit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "blake2b.h"

extern char **environ;

enum { PATH_MOST = 4096, FIELDS_MOST = 4096, HOUR = 3600, DAY = 86400 };

static const char seal_start[] = "llmcc-record 1 ";
enum { SEAL = sizeof seal_start - 1 + DIGITS + 1 };

/* What is gone when this process ends, by itself or by a signal. */
static char folder[PATH_MOST], bitcode[PATH_MOST], dependencies[PATH_MOST], out[PATH_MOST], err[PATH_MOST];
static char temporary[PATH_MOST];
static volatile pid_t child;

static void clean(void)
{
    const char *const files[] = {bitcode, dependencies, out, err, temporary};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (*files[i] != 0)
            unlink(files[i]);
    if (*folder != 0)
        rmdir(folder);
    *temporary = *folder = 0;
}

/* Whoever ends us ends the front end; then we die of the same signal, as clang would. */
static void die(int signum)
{
    if (child > 0) {
        kill(child, signum);
        waitpid(child, NULL, 0);
    }
    clean();
    raise(signum);
}

static const int fatal[] = {SIGINT, SIGTERM, SIGHUP};
enum { FATAL = sizeof fatal / sizeof *fatal };

static void catch_signals(void)
{
    for (int i = 0; i < FATAL; i++) {
        struct sigaction now, ours = {.sa_handler = die, .sa_flags = SA_RESETHAND | SA_NODEFER};
        if (sigaction(fatal[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaction(fatal[i], &ours, NULL);
    }
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = write(fd, bytes, length);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return 0;
        bytes += done;
        length -= done;
    }
    return 1;
}

/* A file's content with a NUL behind it, never freed; NULL when it cannot be read. */
static char *read_all(int fd, size_t *length)
{
    struct stat s;
    if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode))
        return NULL;
    char *content = malloc(s.st_size + 1);
    *length = 0;
    while (content != NULL && *length < (size_t)s.st_size) {
        ssize_t got = read(fd, content + *length, s.st_size - *length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return NULL;
        *length += got;
    }
    if (content != NULL)
        content[*length] = 0;
    return content;
}

static char *read_file(const char *path, size_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *content = fd < 0 ? NULL : read_all(fd, length);
    if (fd >= 0)
        close(fd);
    return content;
}

static int entry_path(char *path, const char *directory, const char *kind, const char *key)
{
    return snprintf(path, PATH_MOST, "%s/%s/%.2s/%s", directory, kind, key, key + 2) < PATH_MOST;
}

/* As cache.store.Store reads an entry: not another user's, and its last use is noted when `noted` seconds off. */
static char *read_entry(const char *directory, const char *kind, const char *key, long noted, size_t *length)
{
    char path[PATH_MOST], *content = NULL;
    struct stat s;
    int fd = entry_path(path, directory, kind, key) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &s) == 0 && (s.st_uid == geteuid() || s.st_uid == 0)) {
        content = read_all(fd, length);
        if (labs((long)(time(NULL) - s.st_mtim.tv_sec)) > noted && futimens(fd, NULL) != 0)
            errno = 0; /* A cache that can only be read is as good for that. */
    }
    close(fd);
    return content;
}

/* The header of a record, as cache.store.seal makes it. */
static void seal(char text[SEAL + 1], const char *key, const char *body, size_t length)
{
    struct digest digest;
    digest_begin(&digest);
    digest_add(&digest, key, strlen(key));
    digest_add(&digest, "\n", 1);
    digest_add(&digest, body, length);
    strcpy(text, seal_start);
    digest_end(&digest, text + sizeof seal_start - 1);
    strcpy(text + SEAL - 1, "\n");
}

/* The body of a record and its length; NULL when it is not there or damaged. */
static char *read_record(const char *directory, const char *kind, const char *key, size_t *length)
{
    char header[SEAL + 1];
    char *content = read_entry(directory, kind, key, DAY, length);
    if (content == NULL || *length < SEAL)
        return NULL;
    *length -= SEAL;
    seal(header, key, content + SEAL, *length);
    return memcmp(header, content, SEAL) == 0 ? content + SEAL : NULL;
}

/* A field of a call's record: "LETTER LENGTH BYTES\n". */
struct field {
    char letter;
    char *bytes;
    size_t length;
};
static struct field fields[FIELDS_MOST];
static size_t field_count;

static int read_fields(char *body, size_t length)
{
    char *end = body + length;
    while (body < end) {
        char *after;
        if (field_count == FIELDS_MOST || end - body < 4 || body[1] != ' ')
            return 0;
        unsigned long size = strtoul(body + 2, &after, 10);
        if (*after != ' ' || size > (size_t)(end - after) || (size_t)(end - after) < size + 2)
            return 0;
        fields[field_count++] = (struct field){*body, after + 1, size};
        body = after + 1 + size;
        if (*body != '\n')
            return 0;
        *body++ = 0;
    }
    return 1;
}

/* The one field of a letter; NULL when there is none. */
static const struct field *field_of(char letter)
{
    for (size_t i = 0; i < field_count; i++)
        if (fields[i].letter == letter)
            return &fields[i];
    return NULL;
}

/* Whether clang would make a fresh regular file there: as llmcc.invocation._may_replace. */
static int may_replace(const char *path)
{
    struct stat s;
    if (strcmp(path, "-") == 0)
        return 0;
    if (lstat(path, &s) != 0)
        return errno == ENOENT || errno == ENOTDIR;
    return S_ISREG(s.st_mode) && access(path, W_OK) == 0;
}

static int make_folder(void)
{
    static const char *const names[] = {"TMPDIR", "TMP", "TEMP", "TEMPDIR"};
    const char *parent = NULL;
    unsigned char chance[8];
    for (size_t i = 0; i < sizeof names / sizeof *names && (parent == NULL || *parent == 0); i++)
        parent = getenv(names[i]);
    if (parent == NULL || *parent == 0)
        parent = "/tmp";
    /* Who sweeps up after processes that were killed outright is Python, when something is decided. */
    if (getrandom(chance, sizeof chance, 0) != sizeof chance)
        return 0;
    char path[PATH_MOST];
    int at = snprintf(path, sizeof path - 64, "%s/llmcc-", parent);
    if (at < 0 || at >= (int)sizeof path - 64)
        return 0;
    for (size_t i = 0; i < sizeof chance; i++)
        at += sprintf(path + at, "%02x", chance[i]);
    if (mkdir(path, 0700) != 0)
        return 0;
    strcpy(folder, path);
    stpcpy(stpcpy(bitcode, path), "/unit.bc");
    stpcpy(stpcpy(dependencies, path), "/d");
    stpcpy(stpcpy(out, path), "/out");
    stpcpy(stpcpy(err, path), "/err");
    return 1;
}

/* Run the front end, what it says going to files; whether it ended well. */
static int lower(void)
{
    char **argv = calloc(field_count + 1, sizeof *argv);
    int words = 0, status = -1;
    for (size_t i = 0; argv != NULL && i < field_count; i++) {
        if (fields[i].letter == 'F')
            argv[words++] = fields[i].bytes;
        if (fields[i].letter == 'B')
            argv[words++] = bitcode;
        if (fields[i].letter == 'N')
            argv[words++] = dependencies;
    }
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t ours, before;
    if (words == 0 || posix_spawn_file_actions_init(&files) != 0 || posix_spawnattr_init(&how) != 0)
        return 0;
    sigemptyset(&ours);
    for (int i = 0; i < FATAL; i++)
        sigaddset(&ours, fatal[i]);
    /* A signal that comes now waits until the child is known and can be told. */
    sigprocmask(SIG_BLOCK, &ours, &before);
    pid_t pid = -1;
    if (posix_spawn_file_actions_addopen(&files, 1, out, O_WRONLY | O_CREAT | O_EXCL, 0600) == 0 &&
        posix_spawn_file_actions_addopen(&files, 2, err, O_WRONLY | O_CREAT | O_EXCL, 0600) == 0 &&
        posix_spawnattr_setsigmask(&how, &before) == 0 && posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK) == 0 &&
        posix_spawn(&pid, argv[0], &files, &how, argv, environ) == 0)
        child = pid;
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (child <= 0)
        return 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            break;
    child = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int digest_file(const char *path, char text[DIGITS + 1])
{
    static char block[1 << 16];
    struct digest digest;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    digest_begin(&digest);
    while ((got = read(fd, block, sizeof block)) > 0)
        digest_add(&digest, block, got);
    close(fd);
    digest_end(&digest, text);
    return got == 0;
}

/* What a decision says, in its first line (llmcc.record): the object's digest, and what the statistics count of it. */
static int read_decision(char *line, const char **object, char counted[256])
{
    char *words[6], *rest = line;
    for (int i = 0; i < 6; i++) {
        words[i] = strsep(&rest, i == 5 ? "\n" : " ");
        if (words[i] == NULL || rest == NULL || *words[i] == 0)
            return 0;
    }
    if (strcmp(words[3], "replayable") != 0 || strlen(words[2]) != DIGITS ||
        strspn(words[2], "0123456789abcdef") != DIGITS || strspn(words[4], "0123456789") != strlen(words[4]) ||
        strspn(words[5], "0123456789") != strlen(words[5]))
        return 0;
    *object = words[2];
    return snprintf(counted, 256, "hit %s %s %s", words[1], words[4], words[5]) < 256;
}

/* The object of a digest: NULL when it is not in the cache or damaged. */
static char *read_object(const char *directory, const char *name, size_t *length)
{
    char now[DIGITS + 1];
    struct digest digest;
    char *content = read_entry(directory, "objects", name, HOUR, length);
    if (content == NULL)
        return NULL;
    digest_begin(&digest);
    digest_add(&digest, content, *length);
    digest_end(&digest, now);
    return strcmp(now, name) == 0 ? content : NULL;
}

/* Write what is to become `path` beside it, as clang does: a fresh inode with the umask's mode. */
static int write_beside(const char *path, const char *content, size_t length)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    char fresh[PATH_MOST];
    if (snprintf(fresh, sizeof fresh, "%.*s.%.200s.%ld.tmp", (int)(name - path), path, name, (long)getpid()) >=
        (int)sizeof fresh)
        return 0;
    unlink(fresh); /* Left by a killed process whose number we have now. */
    strcpy(temporary, fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return 0;
    int whole = write_all(fd, content, length);
    return close(fd) == 0 && whole;
}

/* Whether what clang says could be said; nobody may be listening any more, which ends clang, and not us. */
static int say(const struct field *said, const char *text, size_t length)
{
    struct sigaction before, ignored = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignored, &before);
    int done = write_all(2, said->bytes, said->length) && write_all(2, text, length);
    sigaction(SIGPIPE, &before, NULL);
    return done;
}

/* Clang writes a dependency file where it is: its mode and other names stay. */
static int copy_dependencies(const char *path)
{
    size_t length;
    char *content = read_file(dependencies, &length);
    int fd = content == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return 0;
    int whole = write_all(fd, content, length);
    return close(fd) == 0 && whole;
}

void note(const char *directory, const char *name, const char *body)
{
    char path[PATH_MOST], fresh[PATH_MOST + 32], header[SEAL + 1];
    size_t length, size = strlen(body);
    const char *known = read_record(directory, "index", name, &length);
    if ((known != NULL && length == size && memcmp(known, body, size) == 0) ||
        !entry_path(path, directory, "index", name))
        return;
    sprintf(fresh, "%s.%ld", path, (long)getpid());
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 && errno == ENOENT) {
        /* The folder of all, and that of the first two digits. */
        for (int up = 2; up >= 1; up--) {
            char *end = path + strlen(path);
            for (int i = 0; i < up; i++)
                end = memrchr(path, '/', end - path);
            *end = 0;
            if (mkdir(path, 0700) != 0 && errno != EEXIST)
                return;
            *end = '/';
        }
        fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    if (fd < 0)
        return;
    seal(header, name, body, size);
    int whole = write_all(fd, header, SEAL) && write_all(fd, body, size);
    if (close(fd) != 0 || !whole || rename(fresh, path) != 0)
        unlink(fresh);
}

/* Whether the call was replayed. */
static int try_replay(const char *directory, const char *call)
{
    char ir[DIGITS + 1], key[DIGITS + 1], path[PATH_MOST], counted[256];
    struct stat s;
    size_t length, said_length, object_length;
    char *body = read_record(directory, "calls", call, &length);
    if (body == NULL || !read_fields(body, length))
        return 0;
    const struct field *before = field_of('H'), *after = field_of('J'), *said = field_of('W');
    const struct field *source = field_of('R'), *output = field_of('O'), *wanted = field_of('D');
    if (before == NULL || after == NULL || said == NULL || source == NULL || output == NULL)
        return 0;
    for (size_t i = 0; i < field_count; i++)
        if (fields[i].letter == 'T' && !unchanged(fields[i].bytes, 1))
            return 0;
    if (stat(source->bytes, &s) != 0 || !S_ISREG(s.st_mode) || !may_replace(output->bytes) ||
        (wanted != NULL && !may_replace(wanted->bytes)) || statistics_are_large(directory))
        return 0;
    /* On a terminal clang colours what it says. */
    int coloured = isatty(2);
    open_standard_streams();
    catch_signals();
    if ((coloured && said->length > 0) || !make_folder() || !lower())
        return 0;
    char *err_text = read_file(err, &said_length);
    if (err_text == NULL || (coloured && said_length > 0) || stat(out, &s) != 0 || s.st_size > 0)
        return 0;
    if (!digest_file(bitcode, ir) || !entry_path(path, directory, "pins", ir) || access(path, F_OK) == 0)
        return 0;
    struct digest digest;
    digest_begin(&digest);
    digest_add(&digest, before->bytes, before->length);
    digest_add(&digest, ir, DIGITS);
    digest_add(&digest, after->bytes, after->length);
    digest_end(&digest, key);
    const char *object;
    char *decision = read_record(directory, "decisions", key, &length);
    if (decision == NULL || !read_decision(decision, &object, counted))
        return 0;
    char *content = read_object(directory, object, &object_length);
    if (content == NULL || (wanted != NULL && !copy_dependencies(wanted->bytes)) ||
        !write_beside(output->bytes, content, object_length) || !say(said, err_text, said_length) ||
        rename(temporary, output->bytes) != 0)
        return 0;
    *temporary = 0;
    count(directory, counted);
    for (size_t i = 0; i < field_count; i++)
        if (fields[i].letter == 'X' && fields[i].length == DIGITS)
            note(directory, fields[i].bytes, key);
    return 1;
}

void replay(const char *directory, const char *call)
{
    int done = try_replay(directory, call);
    clean();
    if (done)
        _exit(0);
}
