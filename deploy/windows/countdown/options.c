#include "options.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SECONDS 1e9
#define MAX_EXIT_CODE 4294967295.0 /* Windows has 32 bits of it */
#define MAX_BYTES 1099511627776.0  /* 1 TiB */

const char *const usage =
    "usage: countdown SECONDS [--exit-code N] [--jitter SECONDS] [--cpu LOAD] [--memory SIZE] [--io SIZE[/s]] [--help]\n";

const char *const help =
    "\n"
    "Counts SECONDS down (a fraction is allowed), a line each second with a number, a UTC time and a monotonic time;\n"
    "then says what it measured of itself. Numbers of bytes are plain or end in K, M or G (1024 times each).\n"
    "\n"
    "  --exit-code N      end with exit code N, from 0 to 4294967295 (0)\n"
    "  --jitter SECONDS   count longer, by a random time from 0 to SECONDS that each process draws for itself (0)\n"
    "  --cpu LOAD         keep processors busy: 2 is two of them, 50% half of one, 150% one and a half; 256 at most.\n"
    "                     Each is a thread of its own; a part of one works for that part of every tenth of a second\n"
    "  --memory SIZE      hold SIZE bytes, and write to each of their pages at the start and once a second\n"
    "  --io SIZE          write SIZE bytes to a temporary file, as fast as the disk takes them\n"
    "  --io SIZE/s        write SIZE bytes each second. What is written is flushed to the disk; the file begins anew\n"
    "                     after 64 MiB, and is gone when the program is. Where: TMPDIR or /tmp; on Windows TMP, TEMP\n"
    "  --help             show this\n"
    "\n"
    "Exit codes: 0 or N; 1 where a load could not be made; 2 for a bad argument.\n";

/* 0 unless text begins with a number from 0 to most, and none of strtod's surprises such as "nan" or "0x1f"; *end is what follows. */
static int leading_number(const char *text, double most, double *number, char **end) {
    if ((!isdigit((unsigned char)*text) && *text != '.') || (*text == '0' && tolower((unsigned char)text[1]) == 'x')) return 0;
    *number = strtod(text, end);
    return *end != text && *number >= 0 && *number <= most;
}

static int parse_number(const char *text, double most, double *number) {
    char *end;
    return leading_number(text, most, number, &end) && *end == '\0';
}

static int parse_exit_code(const char *text, double *exit_code) {
    return parse_number(text, MAX_EXIT_CODE, exit_code) && *exit_code == floor(*exit_code);
}

static int parse_cpu(const char *text, double *load) {
    char *end;
    if (!leading_number(text, MAX_CPU_LOAD * 100.0, load, &end)) return 0;
    if (strcmp(end, "%") == 0) {
        *load /= 100;
        return 1;
    }
    return *end == '\0' && *load <= MAX_CPU_LOAD;
}

/* Bytes, with what follows the size. */
static int leading_size(const char *text, double *bytes, char **end) {
    if (!leading_number(text, MAX_BYTES, bytes, end)) return 0;
    const char *units = "KMG", *unit = **end ? strchr(units, toupper((unsigned char)**end)) : NULL;
    if (unit != NULL) {
        *bytes *= pow(1024, (double)(unit - units) + 1);
        (*end)++;
    }
    *bytes = floor(*bytes);
    return *bytes <= MAX_BYTES;
}

static int parse_size(const char *text, double *bytes) {
    char *end;
    return leading_size(text, bytes, &end) && *end == '\0';
}

static int parse_io(const char *text, options *parsed) {
    char *end;
    if (!leading_size(text, &parsed->io_bytes, &end)) return 0;
    parsed->is_io_a_second = strcmp(end, "/s") == 0;
    return parsed->is_io_a_second || *end == '\0';
}

static int is_option(const char *name, size_t length, const char *option) {
    return length == strlen(option) && strncmp(name, option, length) == 0;
}

static int parse_option(const char *name, size_t length, const char *value, options *parsed) {
    if (is_option(name, length, "--exit-code")) return parse_exit_code(value, &parsed->exit_code);
    if (is_option(name, length, "--jitter")) return parse_number(value, MAX_SECONDS, &parsed->jitter_s);
    if (is_option(name, length, "--cpu")) return parse_cpu(value, &parsed->cpu_load);
    if (is_option(name, length, "--memory")) return parse_size(value, &parsed->memory_bytes);
    if (is_option(name, length, "--io")) return parse_io(value, parsed);
    return 0;
}

const char *parse(int count, char **arguments, options *parsed) {
    int has_seconds = 0;
    memset(parsed, 0, sizeof *parsed);
    for (int index = 1; index < count; index++) {
        const char *text = arguments[index], *equals = strchr(text, '=');
        if (strcmp(text, "--help") == 0) {
            parsed->wants_help = 1;
            return NULL;
        }
        if (strncmp(text, "--", 2) != 0) {
            if (has_seconds || !parse_number(text, MAX_SECONDS, &parsed->seconds)) return text;
            has_seconds = 1;
        } else if (equals != NULL) {
            if (!parse_option(text, (size_t)(equals - text), equals + 1, parsed)) return text;
        } else if (++index == count || !parse_option(text, strlen(text), arguments[index], parsed)) {
            if (index < count) parsed->refused_value = arguments[index];
            return text;
        }
    }
    return has_seconds ? NULL : "";
}
