#ifdef __APPLE__
#define _DARWIN_C_SOURCE
#else
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#endif
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "platform.h"

static void end_at_once(int signal_number) { _exit(128 + signal_number); }

void prepare_process(void) {
    /* A container's first process is not ended by a signal that it does not handle: TerminateJob would wait 30 s for SIGKILL. */
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = end_at_once;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

void exit_with(double exit_code) { exit((int)(uint32_t)exit_code); }

static double seconds_of(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double monotonic_s(void) { return seconds_of(CLOCK_MONOTONIC); }

int64_t utc_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_s(double seconds) {
    struct timespec wait;
    wait.tv_sec = (time_t)seconds;
    wait.tv_nsec = (long)((seconds - (double)wait.tv_sec) * 1e9);
    nanosleep(&wait, NULL);
}

double process_cpu_s(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double thread_cpu_s(void) { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }

long peak_memory_kib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
    return usage.ru_maxrss / 1024;
#else
    return usage.ru_maxrss;
#endif
}

uint64_t random_bits(void) {
    /* Where there is no /dev/urandom, the clocks: the process id is 1 in every container. */
    uint64_t bits = (uint64_t)utc_ms() * 0x9E3779B97F4A7C15u ^ (uint64_t)(monotonic_s() * 1e9);
    FILE *source = fopen("/dev/urandom", "rb");
    if (source == NULL) return bits;
    uint64_t read;
    if (fread(&read, sizeof read, 1, source) == 1) bits = read;
    fclose(source);
    return bits;
}

void *allocate(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

struct thread {
    pthread_t id;
    void (*work)(void *);
    void *argument;
};

static void *run(void *started) {
    ((thread *)started)->work(((thread *)started)->argument);
    return NULL;
}

thread *thread_start(void (*work)(void *), void *argument) {
    thread *started = malloc(sizeof *started);
    if (started == NULL) return NULL;
    started->work = work;
    started->argument = argument;
    if (pthread_create(&started->id, NULL, run, started) == 0) return started;
    free(started);
    return NULL;
}

void thread_join(thread *started) {
    pthread_join(started->id, NULL);
    free(started);
}

struct scratch {
    int descriptor;
};

scratch *scratch_open(void) {
    static scratch file;
    const char *folder = getenv("TMPDIR");
    char name[4096];
    if (folder == NULL || *folder == '\0') folder = "/tmp";
    if (snprintf(name, sizeof name, "%s/countdown-XXXXXX", folder) >= (int)sizeof name) return NULL;
    file.descriptor = mkstemp(name);
    if (file.descriptor < 0) return NULL;
    unlink(name);
    return &file;
}

int scratch_write(scratch *file, const void *bytes, size_t count) {
    const char *rest = bytes;
    while (count > 0) {
        ssize_t written = write(file->descriptor, rest, count);
        if (written <= 0) return 0;
        rest += written;
        count -= (size_t)written;
    }
    return 1;
}

int scratch_rewind(scratch *file) { return lseek(file->descriptor, 0, SEEK_SET) == 0; }

int scratch_flush(scratch *file) { return fsync(file->descriptor) == 0; }
