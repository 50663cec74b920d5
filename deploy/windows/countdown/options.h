/* The command line. */

#ifndef COUNTDOWN_OPTIONS_H
#define COUNTDOWN_OPTIONS_H

#define MAX_CPU_LOAD 256

typedef struct {
    double seconds;
    double exit_code;
    double jitter_s;
    double cpu_load; /* processors kept busy: 0.5 is half of one */
    double memory_bytes;
    double io_bytes;
    int is_io_a_second; /* io_bytes each second, not once */
    int wants_help;
    const char *refused_value; /* of an option that stands apart from it, where it was not understood; NULL otherwise */
} options;

extern const char *const usage;
extern const char *const help;

/* NULL, or the argument that was not understood ("" for one that is missing). */
const char *parse(int count, char **arguments, options *parsed);

#endif
