/* countdown SECONDS [--exit-code N]: the program that is measured.
 *
 * Once a second, each second counted from the program's own start (a late tick does not delay the next one), one line:
 *
 *   countdown seq=0 remaining_s=30 utc=2026-11-22T10:15:00.123Z monotonic_s=12345.678901
 *
 * and at the end what it measured of itself:
 *
 *   countdown done seconds=30 elapsed_s=30.000142 drift_ms=0.142 worst_tick_ms=0.310 cpu_s=0.001 peak_memory_kib=1120
 *
 * SECONDS may have a fraction. A bad argument: the usage on standard error, exit code 2. No runtime to install: it needs the C library
 * and, on Windows, kernel32 alone. src/batchgauge/localaws/countdown.py says the same lines where no build is at hand.
 */

#ifndef _WIN32
#define _POSIX_C_SOURCE 200809L
#endif
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define USAGE "usage: countdown SECONDS [--exit-code N]\n"
#define USAGE_EXIT_CODE 2
#define MAX_SECONDS 1e9
#define MAX_EXIT_CODE 4294967295.0 /* Windows has 32 bits of it */

#ifdef _WIN32
#define PSAPI_VERSION 2 /* K32GetProcessMemoryInfo: kernel32 has it itself */
#include <windows.h>
#include <psapi.h>
#include <fcntl.h>
#include <io.h>

static double monotonic_s(void) {
    LARGE_INTEGER frequency, count;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

/* Milliseconds since the Unix epoch. */
static int64_t utc_ms(void) {
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    int64_t hundred_ns = ((int64_t)now.dwHighDateTime << 32) | now.dwLowDateTime;
    return hundred_ns / 10000 - 11644473600000LL;
}

static void sleep_s(double seconds) {
    /* A timer of high resolution (Windows 10 1803 and later) wakes within half a millisecond; Sleep within 15.6. */
    static HANDLE timer = NULL;
    if (timer == NULL) timer = CreateWaitableTimerExW(NULL, NULL, 0x00000002, TIMER_ALL_ACCESS);
    LARGE_INTEGER due;
    due.QuadPart = -(LONGLONG)(seconds * 1e7) - 1;
    if (timer != NULL && SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE)) {
        WaitForSingleObject(timer, INFINITE);
    } else {
        Sleep((DWORD)(fmin(seconds, 3600.0) * 1000) + 1);
    }
}

static double cpu_s(void) {
    FILETIME created, ended, kernel, user;
    if (!GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user)) return 0;
    uint64_t kernel_ticks = ((uint64_t)kernel.dwHighDateTime << 32) | kernel.dwLowDateTime;
    uint64_t user_ticks = ((uint64_t)user.dwHighDateTime << 32) | user.dwLowDateTime;
    return (double)(kernel_ticks + user_ticks) / 1e7;
}

static long peak_memory_kib(void) {
    PROCESS_MEMORY_COUNTERS counters;
    if (!GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters)) return -1;
    return (long)(counters.PeakWorkingSetSize / 1024);
}

#else
#include <sys/resource.h>
#include <sys/time.h>

static double monotonic_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int64_t utc_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sleep_s(double seconds) {
    struct timespec wait;
    wait.tv_sec = (time_t)seconds;
    wait.tv_nsec = (long)((seconds - (double)wait.tv_sec) * 1e9);
    nanosleep(&wait, NULL); /* a signal's early return is made good by the caller's loop */
}

static double cpu_s(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static long peak_memory_kib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
    return usage.ru_maxrss / 1024;
#else
    return usage.ru_maxrss;
#endif
}
#endif

static void sleep_until(double deadline_s) {
    double left_s;
    while ((left_s = deadline_s - monotonic_s()) > 0) sleep_s(left_s);
}

/* 0 unless all of the text is a number from 0 to most, without exponents' surprises such as "nan". */
static int parse_number(const char *text, double most, double *number) {
    char *end;
    *number = strtod(text, &end);
    return end != text && *end == '\0' && *number >= 0 && *number <= most;
}

static int parse(int count, char **arguments, double *seconds, double *exit_code) {
    int has_seconds = 0;
    *exit_code = 0;
    for (int index = 1; index < count; index++) {
        const char *text = arguments[index];
        if (strcmp(text, "--exit-code") == 0) {
            if (++index == count || !parse_number(arguments[index], MAX_EXIT_CODE, exit_code)) return 0;
        } else if (strncmp(text, "--exit-code=", 12) == 0) {
            if (!parse_number(text + 12, MAX_EXIT_CODE, exit_code)) return 0;
        } else {
            if (has_seconds || !parse_number(text, MAX_SECONDS, seconds)) return 0;
            has_seconds = 1;
        }
    }
    return has_seconds && *exit_code == floor(*exit_code);
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

static void count_down(double seconds) {
    double started_s = monotonic_s(), worst_tick_s = 0;
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
    double elapsed_s = monotonic_s() - started_s;
    printf("countdown done seconds=%g elapsed_s=%.6f drift_ms=%.3f worst_tick_ms=%.3f cpu_s=%.3f", seconds, elapsed_s,
           (elapsed_s - seconds) * 1000, worst_tick_s * 1000, cpu_s());
    if (peak_memory_kib() >= 0) printf(" peak_memory_kib=%ld", peak_memory_kib());
    printf("\n");
    fflush(stdout);
}

int main(int count, char **arguments) {
    double seconds = 0, exit_code = 0;
#ifdef _WIN32
    _setmode(_fileno(stdout), _O_BINARY); /* the same bytes on both systems */
#endif
    if (!parse(count, arguments, &seconds, &exit_code)) {
        fputs(USAGE, stderr);
        return USAGE_EXIT_CODE;
    }
    count_down(seconds);
#ifdef _WIN32
    ExitProcess((UINT)exit_code);
#endif
    return (int)(uint32_t)exit_code;
}
