/* What Windows and the others do differently: clocks, threads, memory, one scratch file. Nothing else asks which system this is. */

#ifndef COUNTDOWN_PLATFORM_H
#define COUNTDOWN_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

void prepare_process(void); /* the same bytes on every system, and an end when one is asked for */
void exit_with(double exit_code);

double monotonic_s(void);
int64_t utc_ms(void); /* since the Unix epoch */
void sleep_s(double seconds); /* may return early */

double process_cpu_s(void);
double thread_cpu_s(void); /* of the calling thread; Windows counts it in steps of 15.6 ms */
long peak_memory_kib(void); /* -1: not known */

uint64_t random_bits(void);

#define PAGE_BYTES 4096
void *allocate(size_t bytes); /* NULL: refused. Its pages are the system's promise only, until they are written to. */

typedef struct thread thread;
thread *thread_start(void (*work)(void *), void *argument); /* NULL: refused */
void thread_join(thread *started);

/* A file in the folder for temporary files, gone when the program is, however it ends. 0: it did not work. */
typedef struct scratch scratch;
scratch *scratch_open(void);
int scratch_write(scratch *file, const void *bytes, size_t count);
int scratch_rewind(scratch *file);
int scratch_flush(scratch *file); /* until the disk has it */

#endif
