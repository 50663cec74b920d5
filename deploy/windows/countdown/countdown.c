/* countdown SECONDS [options]: the program that is measured (docs/reference/countdown.md; `countdown --help`).
 *
 * Once a second, each second counted from the program's own start (a late tick does not delay the next one), one line:
 *
 *   countdown seq=0 remaining_s=30 utc=2026-11-22T10:15:00.123Z monotonic_s=12345.678901
 *
 * and at the end what it measured of itself, the first of these lines only where a load was asked for:
 *
 *   countdown load cpu_wanted_s=15.000 cpu_used_s=14.982 cpu_rounds=7423110
 *   countdown done seconds=30 elapsed_s=30.000142 drift_ms=0.142 worst_tick_ms=0.310 cpu_s=0.001 peak_memory_kib=1120
 *
 * No runtime to install: it needs the C library and, on Windows, what every Windows has. src/batchgauge/localaws/countdown.py says the same
 * lines where no build is at hand.
 */

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "load.h"
#include "options.h"
#include "platform.h"

#define LOAD_FAILED_EXIT_CODE 1
#define USAGE_EXIT_CODE 2

static void sleep_until(double moment_s) {
    double left_s;
    while ((left_s = moment_s - monotonic_s()) > 0) sleep_s(left_s);
}

/* Days since the epoch to a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
static void print_utc(int64_t ms) {
    int64_t days = ms / 86400000, rest = ms % 86400000;
    int64_t shifted = days + 719468, era = shifted / 146097, of_era = shifted % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), moon = (5 * of_year + 2) / 153;
    int day = (int)(of_year - (153 * moon + 2) / 5 + 1), month = (int)(moon < 10 ? moon + 3 : moon - 9);
    printf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)(year + era * 400 + (month <= 2)), month, day,
           (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60), (int)(rest % 1000));
}

/* The latest that a tick was, in seconds. */
static double tick(double started_s, double seconds) {
    double worst_tick_s = 0;
    for (long sequence = 0; (double)sequence < seconds; sequence++) {
        sleep_until(started_s + (double)sequence);
        double now_s = monotonic_s();
        worst_tick_s = fmax(worst_tick_s, now_s - started_s - (double)sequence);
        printf("countdown seq=%ld remaining_s=%g utc=", sequence, seconds - (double)sequence);
        print_utc(utc_ms());
        printf(" monotonic_s=%.6f\n", now_s);
        fflush(stdout); /* whoever reads along stamps its arrival */
    }
    sleep_until(started_s + seconds);
    return worst_tick_s;
}

static void print_done(double seconds, double jitter_s, double elapsed_s, double worst_tick_s) {
    printf("countdown done seconds=%g elapsed_s=%.6f drift_ms=%.3f worst_tick_ms=%.3f cpu_s=%.3f", seconds, elapsed_s,
           (elapsed_s - seconds) * 1000, worst_tick_s * 1000, process_cpu_s());
    if (peak_memory_kib() >= 0) printf(" peak_memory_kib=%ld", peak_memory_kib());
    if (jitter_s > 0) printf(" jitter_s=%.3f", jitter_s);
    printf("\n");
}

/* NULL, or what went wrong. */
static const char *count_down(const options *asked) {
    const char *error = load_prepare(asked);
    if (error != NULL) return error;
    double drawn = (double)(random_bits() >> 11) / 9007199254740992.0; /* 2^53: from 0 to below 1 */
    double jitter_s = floor(asked->jitter_s * drawn * 1000) / 1000, seconds = asked->seconds + jitter_s;
    double started_s = monotonic_s();
    if (!load_start(started_s, started_s + seconds)) return "cannot start that many threads";
    double worst_tick_s = tick(started_s, seconds);
    error = load_join();
    double elapsed_s = monotonic_s() - started_s;
    load_print();
    print_done(seconds, jitter_s, elapsed_s, worst_tick_s);
    fflush(stdout);
    return error;
}

int main(int count, char **arguments) {
    options asked;
    prepare_process();
    const char *refused = parse(count, arguments, &asked);
    if (refused != NULL) {
        const char *value = asked.refused_value;
        if (*refused != '\0') fprintf(stderr, "countdown: not understood: %s%s%s\n", refused, value ? " " : "", value ? value : "");
        fputs(usage, stderr);
        exit_with(USAGE_EXIT_CODE);
    }
    if (asked.wants_help) {
        fputs(usage, stdout);
        fputs(help, stdout);
        return 0;
    }
    const char *error = count_down(&asked);
    if (error != NULL) fprintf(stderr, "countdown: %s\n", error);
    exit_with(error != NULL ? LOAD_FAILED_EXIT_CODE : asked.exit_code);
    return 0;
}
