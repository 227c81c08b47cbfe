/* The runtime of a twin image: calls each function of a unit with generated arguments, each time in a
 * process of its own that can do nothing but compute, and prints what could be seen of it.
 *
 * A line per call: name, input, status, the hashes of returned values, memory, and outside calls, how many of
 * those there were, and what another function returned afterwards. All that
 * is generated depends on the case and input alone, so that images of one unit can be compared. */
#define _GNU_SOURCE
#include "runtime.h"

#include <errno.h>
#include <execinfo.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/seccomp.h>

enum {
    BLOCKS = 16,
    BLOCK_BYTES = 1024,
    HEAP_BYTES = 1 << 20,
    ARENA_BYTES = BLOCKS * BLOCK_BYTES + HEAP_BYTES,
    STYLES = 6,
    CALLS_PER_CASE = 2,
    MOST_OUTSIDE_CALLS = 10000,
};

/* At one address in all images: pointers into it compare. */
#define ARENA ((unsigned char *)0x2a0000000000)

/* Where Linux puts shared libraries and stacks. */
#define LIBRARIES 0x7e0000000000u
#define LIBRARIES_END 0x800000000000u

/* What a child leaves for its parent. */
struct outcome {
    uint64_t returned, memory, outside, afterwards, given, told;
    uint32_t outside_calls, told_calls, done;
};

static struct outcome *outcome;
static uint64_t state;
static unsigned style, next_block;
static size_t heap_used;
static int active;
static jmp_buf leave;
extern char __executable_start[], end[];
extern void (*__start_twin_constructors[])(void) __attribute__((weak));
extern void (*__stop_twin_constructors[])(void) __attribute__((weak));
static char *stack_low, *stack_high;

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash ^= value + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
    hash *= 0xff51afd7ed558ccdu;
    return hash ^ (hash >> 33);
}

static uint64_t draw(void) {
    state = mix(state, 0x51);
    return state;
}

uint64_t twin_integer(void) {
    static const int16_t corners[] = {0, 1, 2, 3, 4, 7, 8, 10, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, -1, -2, -128};
    uint64_t choice = draw();
    if (choice % 8 < 5)
        return (uint64_t)(int64_t)corners[draw() % (sizeof corners / sizeof *corners)];
    if (choice % 8 == 5)
        return draw() % 1000;
    return choice % 8 == 6 ? draw() & 0xffffffff : draw();
}

double twin_real(void) {
    static const double corners[] = {0.0, 1.0, -1.0, 0.5, 2.0, 3.25, -100.0, 1e10, 1e-10};
    uint64_t choice = draw();
    return choice % 3 ? corners[choice / 3 % 9] : (double)(int64_t)(draw() % 20001 - 10000) / 64;
}

static void fill(unsigned char *block) {
    static const char text[] = "alpha=12;beta=-3.5,[gamma] {\"k\": true} 0x1F a/b/c.d\n";
    uint32_t word;
    for (size_t at = 0; at < BLOCK_BYTES; at += 8) {
        uint64_t value = draw();
        switch (style) {
        case 1:
            for (size_t i = 0; i < 8; i++)
                block[at + i] = (unsigned char)text[(at + i + block[0]) % (sizeof text - 1)];
            continue;
        case 2:
            break;
        case 3:
            value = (uint64_t)(uintptr_t)(ARENA + value % BLOCKS * BLOCK_BYTES);
            break;
        case 4:
            word = (uint32_t)(value % 9);
            value = word | (uint64_t)(value >> 32) % 5 << 32;
            break;
        case 5:
            value = value % 3 ? value % 20 : (uint64_t)(uintptr_t)(ARENA + value % BLOCKS * BLOCK_BYTES);
            break;
        default:
            value = 0;
        }
        memcpy(block + at, &value, sizeof value);
    }
    if (style == 1)
        block[200 + draw() % 100] = 0;
}

void *twin_memory(void) {
    uint64_t choice = draw() % 16;
    if (choice == 0)
        return NULL;
    if (choice != 1)
        next_block++;
    return ARENA + next_block % BLOCKS * BLOCK_BYTES;
}

void *twin_object(void) { return ARENA + ++next_block % BLOCKS * BLOCK_BYTES; }

/* A pointer as something that both images agree on. */
static uint64_t normal_pointer(const void *value) {
    const unsigned char *p = value;
    if (p >= ARENA && p < ARENA + BLOCKS * BLOCK_BYTES)
        return 0x1000 + (uint64_t)(p - ARENA);
    /* An allocation that nobody needs may be left out, which moves the later ones. */
    return p == NULL ? 0 : p > ARENA && p < ARENA + ARENA_BYTES ? 2 : 1;
}

/* A word of memory: addresses of the image, of libraries and of the stack differ between images and runs, and
 * count as one. */
static uint64_t normal_word(uint64_t word) {
    const char *p = (const char *)(uintptr_t)word, *heap = (const char *)ARENA + BLOCKS * BLOCK_BYTES;
    if (p >= heap && p < heap + HEAP_BYTES)
        return 2;
    if (word >= LIBRARIES && word < LIBRARIES_END)
        return 1;
    return (p >= __executable_start && p < end) || (p >= stack_low && p < stack_high) ? 1 : word;
}

static uint64_t hash_memory(uint64_t hash, const unsigned char *from, size_t bytes) {
    uint64_t word = 0;
    for (; bytes >= 8; bytes -= 8, from += 8) {
        memcpy(&word, from, 8);
        hash = mix(hash, normal_word(word));
    }
    word = 0;
    memcpy(&word, from, bytes);
    return mix(hash, word);
}

void twin_begin(const char *name) {
    if (!active)
        return;
    for (; *name; name++)
        outcome->outside = mix(outcome->outside, (unsigned char)*name);
    if (++outcome->outside_calls > MOST_OUTSIDE_CALLS)
        twin_leave();
}

void twin_argument(uint64_t value) {
    if (active)
        outcome->outside = mix(outcome->outside, value);
}

void twin_argument_pointer(const void *value) { twin_argument(normal_pointer(value)); }

void twin_result(uint64_t value) {
    if (active)
        outcome->returned = mix(outcome->returned, value);
}

void twin_result_pointer(const void *value) { twin_result(normal_pointer(value)); }

/* What the outside answers depends on what it was told so far. */
static uint64_t answer(void) { return active ? mix(outcome->outside, outcome->outside_calls) : 0; }

uint64_t twin_end(int kind) {
    uint64_t value = answer();
    (void)kind;
    return value % 4 == 0 ? 0 : value % 4 == 1 ? 1 : value % 4 == 2 ? value >> 32 & 15 : value >> 16;
}

double twin_end_real(void) { return (double)(int64_t)(answer() % 2001 - 1000) / 8; }

void *twin_end_pointer(void) {
    uint64_t value = answer();
    return value % 4 == 0 ? NULL : ARENA + (value >> 8) % BLOCKS * BLOCK_BYTES;
}

void *twin_malloc(size_t size);

void *twin_end_object(void) { return twin_malloc(BLOCK_BYTES); }

void twin_leave(void) {
    if (active)
        longjmp(leave, 1);
    _exit(3);
}

/* The unit's heap: never given back, so that no address depends on what was. */
void *twin_malloc(size_t size) {
    size = (size + 15) & ~(size_t)15;
    if (!active || size > HEAP_BYTES - heap_used)
        return NULL;
    unsigned char *block = ARENA + BLOCKS * BLOCK_BYTES + heap_used;
    heap_used += size;
    return block;
}

void *twin_calloc(size_t count, size_t size) {
    return size && count > HEAP_BYTES / size ? NULL : twin_malloc(count * size);
}

void *twin_realloc(void *old, size_t size) {
    unsigned char *block = twin_malloc(size), *from = old;
    if (block && from)
        memmove(block, from, size < (size_t)(block - from) ? size : (size_t)(block - from));
    return block;
}

void twin_free(void *block) { (void)block; }

#ifdef __x86_64__
/* Calls with known values in the registers that a function must give back as it found them; whether it did. */
static int guarded_call(void (*call)(void)) {
    uint64_t spoilt, clobbered;
    __asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
                     "push %%rbx; push %%rbp; push %%r12; push %%r13; push %%r14; push %%r15\n\t"
                     "mov %%rsp, %%r15; and $-16, %%rsp; push %%r15; sub $8, %%rsp\n\t"
                     "mov $0x5101, %%ebx; mov $0x5103, %%r12d; mov $0x5104, %%r13d; mov $0x5105, %%r14d\n\t"
                     "mov %%rsp, %%rbp; mov %%rsp, %%r15\n\t"
                     "call *%%rcx\n\t"
                     "xor %%ecx, %%ecx; cmp %%rsp, %%rbp; setne %%cl; xor %%edx, %%edx\n\t"
                     "cmp %%rsp, %%r15; setne %%dl; or %%edx, %%ecx\n\t"
                     "cmp $0x5101, %%rbx; setne %%dl; or %%edx, %%ecx; cmp $0x5103, %%r12; setne %%dl; or %%edx, %%ecx\n\t"
                     "cmp $0x5104, %%r13; setne %%dl; or %%edx, %%ecx; cmp $0x5105, %%r14; setne %%dl; or %%edx, %%ecx\n\t"
                     "add $8, %%rsp; pop %%rsp; pop %%r15; pop %%r14; pop %%r13; pop %%r12; pop %%rbp; pop %%rbx\n\t"
                     "lea 128(%%rsp), %%rsp"
                     : "=c"(spoilt), "=a"(clobbered)
                     : "0"(call)
                     : "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3",
                       "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
                       "xmm15");
    (void)clobbered;
    return (int)spoilt;
}
#else
static int guarded_call(void (*call)(void)) {
    call();
    return 0;
}
#endif

static void child(const struct twin_case *which, unsigned input, int patience) {
    char here;
    stack_high = &here + 65536;
    stack_low = &here - (8 << 20);
    state = mix(0x7711, input);
    for (const char *name = which->name; *name; name++)
        state = mix(state, (unsigned char)*name);
    style = input % STYLES;
    for (unsigned i = 0; i < BLOCKS; i++)
        fill(ARENA + i * BLOCK_BYTES);
    struct itimerval limit = {{0, 0}, {0, patience * 40000}};
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_FSIZE, &none);
    setitimer(ITIMER_VIRTUAL, &limit, NULL);
    /* What is left to it, reading and writing, finds nothing open: not our pipe, not make's jobserver. */
    if (syscall(SYS_close_range, 0, ~0u, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
        _exit(4);
    active = 1;
    /* The unit's constructors, which llmcc.twin.gate has taken away from the C library. */
    for (void (**start)(void) = __start_twin_constructors; start && start < __stop_twin_constructors; start++)
        if (setjmp(leave) == 0)
            (*start)();
    /* Twice: what the first call leaves behind in static objects shows in the second. */
    for (volatile int round = 0; round < CALLS_PER_CASE; round++) {
        if (setjmp(leave) != 0)
            twin_result(0x1eaf);
        else if (guarded_call(which->call))
            twin_result(0xbad);
    }
    active = 0;
    outcome->memory = hash_memory(0, ARENA, BLOCKS * BLOCK_BYTES);
    for (uint64_t i = 0; i < twin_datum_count; i++)
        outcome->memory = hash_memory(outcome->memory, twin_data[i].address, twin_data[i].size);
    outcome->given = outcome->returned;
    outcome->told = outcome->outside;
    outcome->told_calls = outcome->outside_calls;
    outcome->done = 1;
    /* What was left in objects that only this unit sees shows in what its other functions do. */
    const struct twin_case *other = &twin_cases[(uint64_t)(which - twin_cases + 1 + input) % twin_case_count];
    active = 1;
    if (setjmp(leave) == 0)
        guarded_call(other->call);
    active = 0;
    outcome->afterwards = mix(outcome->returned, outcome->outside);
    outcome->done = 2;
    syscall(SYS_exit, 0);
}

int main(int argc, char **argv) {
    unsigned inputs = argc > 1 ? (unsigned)atoi(argv[1]) : 12;
    int patience = argc > 2 ? atoi(argv[2]) : 1;
    /* A character per call: '0' leaves it out. */
    FILE *wanted = argc > 3 ? fopen(argv[3], "r") : NULL;
    void *arena = mmap(ARENA, ARENA_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    outcome = mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (arena != ARENA || outcome == MAP_FAILED) {
        fprintf(stderr, "no memory: %s\n", strerror(errno));
        return 2;
    }
    /* What the libraries need of the heap (for an exception, say) and what their unwinder sets up once, is
     * there before nothing more can be asked for. */
    void *frames[8];
    free(malloc(100000));
    backtrace(frames, 8);
    for (uint64_t i = 0; i < twin_case_count; i++) {
        for (unsigned input = 0; input < inputs; input++) {
            int status;
            if (wanted && getc(wanted) == '0')
                continue;
            memset(outcome, 0, sizeof *outcome);
            fflush(stdout);
            pid_t pid = fork();
            if (pid == 0)
                child(&twin_cases[i], input, patience);
            if (pid < 0 || waitpid(pid, &status, 0) != pid)
                return 2;
            if (WIFEXITED(status) && WEXITSTATUS(status) == 4)
                return 4;
            const char *word = outcome->done                                         ? "ok"
                               : WIFSIGNALED(status) && WTERMSIG(status) == SIGVTALRM ? "slow"
                                                                                      : "crash";
            printf("%s %u %s %llx %llx %llx %u ", twin_cases[i].name, input, word,
                   (unsigned long long)outcome->given, (unsigned long long)outcome->memory,
                   (unsigned long long)outcome->told, outcome->told_calls);
            if (outcome->done == 2)
                printf("%llx\n", (unsigned long long)outcome->afterwards);
            else
                puts("-");
        }
    }
    puts("done");
    return 0;
}
