#include "load.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "platform.h"

#define SLOT_S 0.1 /* what a share of a processor is a share of */
#define STEPS_A_ROUND 2000
#define PAGES_A_LOOK 4096 /* between two looks at the clock */
#define BLOCK_BYTES 1048576
#define LAP_BYTES (64.0 * BLOCK_BYTES) /* after which the file begins anew */

static const options *asked;
static double started_s, ended_s;

typedef struct {
    double share;
    double used_s;
    uint64_t rounds;
    uint64_t state; /* kept, so that no compiler leaves the work out */
} cpu_worker;
static cpu_worker cpu_workers[MAX_CPU_LOAD];
static int cpu_count;

static struct {
    volatile unsigned char *pages;
    double touched_bytes, first_pass_ms, worst_pass_ms;
    uint64_t passes;
} memory;

static struct {
    scratch *file;
    unsigned char block[BLOCK_BYTES];
    double written_bytes, busy_ms, worst_ms;
    const char *error;
} io;

static thread *threads[MAX_CPU_LOAD + 2];
static int thread_count;

static uint64_t next_state(uint64_t state) { /* xorshift64 */
    state ^= state << 13;
    state ^= state >> 7;
    return state ^ state << 17;
}

static void sleep_to(double moment_s) {
    double left_s;
    while ((left_s = fmin(moment_s, ended_s) - monotonic_s()) > 0) sleep_s(left_s);
}

static void work_until(cpu_worker *worker, double moment_s) {
    while (monotonic_s() < moment_s) {
        for (int step = 0; step < STEPS_A_ROUND; step++) worker->state = next_state(worker->state);
        worker->rounds++;
    }
}

static void keep_busy(void *argument) {
    cpu_worker *worker = argument;
    double before_s = thread_cpu_s();
    sleep_to(started_s);
    for (double slot = 0; monotonic_s() < ended_s; slot++) {
        double begin_s = started_s + slot * SLOT_S;
        work_until(worker, fmin(begin_s + worker->share * SLOT_S, ended_s));
        sleep_to(begin_s + SLOT_S);
    }
    worker->used_s = thread_cpu_s() - before_s;
}

/* One pass over all pages; 0 if time was up before its end. */
static int touch_pages(unsigned char mark, double *touched_bytes) {
    size_t bytes = (size_t)asked->memory_bytes;
    for (size_t at = 0; at < bytes; at += PAGE_BYTES) {
        if (at % (PAGES_A_LOOK * PAGE_BYTES) == 0) {
            *touched_bytes = (double)at;
            if (monotonic_s() >= ended_s) return 0;
        }
        memory.pages[at] = mark;
    }
    *touched_bytes = (double)bytes;
    return 1;
}

static void sleep_to_next_second(void) { sleep_to(started_s + floor(monotonic_s() - started_s) + 1); }

static void hold_memory(void *argument) {
    (void)argument;
    sleep_to(started_s);
    while (monotonic_s() < ended_s) {
        double touched_bytes = 0, begin_s = monotonic_s();
        int is_whole = touch_pages((unsigned char)(memory.passes + 1), &touched_bytes);
        double took_ms = (monotonic_s() - begin_s) * 1000;
        memory.touched_bytes = fmax(memory.touched_bytes, touched_bytes);
        if (!is_whole) return;
        if (memory.passes++ == 0) memory.first_pass_ms = took_ms;
        memory.worst_pass_ms = fmax(memory.worst_pass_ms, took_ms);
        sleep_to_next_second();
    }
}

static double io_wanted_bytes(double elapsed_s) {
    return asked->is_io_a_second ? asked->io_bytes * (floor(elapsed_s) + 1) : asked->io_bytes;
}

static void count_time_since(double begin_s) {
    double took_ms = (monotonic_s() - begin_s) * 1000;
    io.busy_ms += took_ms;
    io.worst_ms = fmax(io.worst_ms, took_ms);
}

/* One block, flushed where a second's share or a lap of the file is full. */
static int write_block(double wanted_bytes) {
    double in_lap = fmod(io.written_bytes, LAP_BYTES);
    double count = fmin(fmin(BLOCK_BYTES, wanted_bytes - io.written_bytes), LAP_BYTES - in_lap);
    if (in_lap == 0 && !scratch_rewind(io.file)) return 0;
    double begin_s = monotonic_s();
    if (!scratch_write(io.file, io.block, (size_t)count)) return 0;
    count_time_since(begin_s);
    io.written_bytes += count;
    if (io.written_bytes < wanted_bytes && fmod(io.written_bytes, LAP_BYTES) != 0) return 1;
    begin_s = monotonic_s();
    if (!scratch_flush(io.file)) return 0;
    count_time_since(begin_s);
    return 1;
}

static void write_file(void *argument) {
    (void)argument;
    sleep_to(started_s);
    double now_s;
    while ((now_s = monotonic_s()) < ended_s) {
        double wanted_bytes = io_wanted_bytes(now_s - started_s);
        if (io.written_bytes >= wanted_bytes) {
            if (!asked->is_io_a_second) return;
            sleep_to_next_second();
        } else if (!write_block(wanted_bytes)) {
            io.error = "cannot write to the temporary file";
            return;
        }
    }
}

const char *load_prepare(const options *given) {
    asked = given;
    for (double left = asked->cpu_load; left > 0; left--) {
        cpu_workers[cpu_count].share = fmin(left, 1);
        cpu_workers[cpu_count].state = 88172645463325252u + (uint64_t)cpu_count;
        cpu_count++;
    }
    if (asked->memory_bytes > 0 && (memory.pages = allocate((size_t)asked->memory_bytes)) == NULL)
        return "cannot have that much memory";
    if (asked->io_bytes > 0) {
        uint64_t state = 88172645463325252u; /* bytes that no disk can compress */
        for (size_t at = 0; at < BLOCK_BYTES; at += sizeof state) {
            state = next_state(state);
            memcpy(io.block + at, &state, sizeof state);
        }
        if ((io.file = scratch_open()) == NULL) return "cannot make a temporary file";
    }
    return NULL;
}

static int start(void (*work)(void *), void *argument) {
    thread *started = thread_start(work, argument);
    if (started != NULL) threads[thread_count++] = started;
    return started != NULL;
}

int load_start(double from_s, double to_s) {
    started_s = from_s;
    ended_s = to_s;
    for (int index = 0; index < cpu_count; index++)
        if (!start(keep_busy, &cpu_workers[index])) return 0;
    if (memory.pages != NULL && !start(hold_memory, NULL)) return 0;
    return io.file == NULL || start(write_file, NULL);
}

const char *load_join(void) {
    for (int index = 0; index < thread_count; index++) thread_join(threads[index]);
    return io.error;
}

void load_print(void) {
    double seconds = ended_s - started_s, used_s = 0;
    uint64_t rounds = 0;
    for (int index = 0; index < cpu_count; index++) {
        used_s += cpu_workers[index].used_s;
        rounds += cpu_workers[index].rounds;
    }
    if (cpu_count == 0 && memory.pages == NULL && io.file == NULL) return;
    printf("countdown load");
    if (cpu_count > 0)
        printf(" cpu_wanted_s=%.3f cpu_used_s=%.3f cpu_rounds=%.0f", asked->cpu_load * seconds, used_s, (double)rounds);
    if (memory.pages != NULL)
        printf(" memory_wanted_bytes=%.0f memory_touched_bytes=%.0f memory_passes=%.0f memory_first_pass_ms=%.3f"
               " memory_worst_pass_ms=%.3f",
               asked->memory_bytes, memory.touched_bytes, (double)memory.passes, memory.first_pass_ms, memory.worst_pass_ms);
    if (io.file != NULL)
        printf(" io_wanted_bytes=%.0f io_written_bytes=%.0f io_busy_ms=%.3f io_worst_ms=%.3f",
               asked->is_io_a_second ? asked->io_bytes * ceil(seconds) : asked->io_bytes, io.written_bytes, io.busy_ms,
               io.worst_ms);
    printf("\n");
}
