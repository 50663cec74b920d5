#define _CRT_RAND_S
#define PSAPI_VERSION 2 /* K32GetProcessMemoryInfo: kernel32 has it itself */
#include <windows.h>
#include <psapi.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform.h"

void prepare_process(void) { _setmode(_fileno(stdout), _O_BINARY); }

void exit_with(double exit_code) { ExitProcess((UINT)exit_code); }

double monotonic_s(void) {
    LARGE_INTEGER frequency, count;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

int64_t utc_ms(void) {
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    int64_t hundred_ns = ((int64_t)now.dwHighDateTime << 32) | now.dwLowDateTime;
    return hundred_ns / 10000 - 11644473600000LL;
}

void sleep_s(double seconds) {
    /* A timer of high resolution (Windows 10 1803 and later) wakes within half a millisecond; Sleep within 15.6. */
    static _Thread_local HANDLE timer = NULL;
    if (timer == NULL) timer = CreateWaitableTimerExW(NULL, NULL, 0x00000002, TIMER_ALL_ACCESS);
    LARGE_INTEGER due;
    due.QuadPart = -(LONGLONG)(seconds * 1e7) - 1;
    if (timer != NULL && SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE)) {
        WaitForSingleObject(timer, INFINITE);
    } else {
        Sleep((DWORD)((seconds < 3600.0 ? seconds : 3600.0) * 1000) + 1);
    }
}

static double seconds_of(FILETIME kernel, FILETIME user) {
    uint64_t kernel_ticks = ((uint64_t)kernel.dwHighDateTime << 32) | kernel.dwLowDateTime;
    uint64_t user_ticks = ((uint64_t)user.dwHighDateTime << 32) | user.dwLowDateTime;
    return (double)(kernel_ticks + user_ticks) / 1e7;
}

double process_cpu_s(void) {
    FILETIME created, ended, kernel, user;
    return GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user) ? seconds_of(kernel, user) : 0;
}

double thread_cpu_s(void) {
    FILETIME created, ended, kernel, user;
    return GetThreadTimes(GetCurrentThread(), &created, &ended, &kernel, &user) ? seconds_of(kernel, user) : 0;
}

long peak_memory_kib(void) {
    PROCESS_MEMORY_COUNTERS counters;
    if (!GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters)) return -1;
    return (long)(counters.PeakWorkingSetSize / 1024);
}

uint64_t random_bits(void) {
    unsigned int high = 0, low = 0;
    rand_s(&high);
    rand_s(&low);
    return ((uint64_t)high << 32) | low;
}

void *allocate(size_t bytes) { return VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE); }

struct thread {
    HANDLE handle;
    void (*work)(void *);
    void *argument;
};

static DWORD WINAPI run(void *started) {
    ((thread *)started)->work(((thread *)started)->argument);
    return 0;
}

thread *thread_start(void (*work)(void *), void *argument) {
    thread *started = malloc(sizeof *started);
    if (started == NULL) return NULL;
    started->work = work;
    started->argument = argument;
    started->handle = CreateThread(NULL, 0, run, started, 0, NULL);
    if (started->handle != NULL) return started;
    free(started);
    return NULL;
}

void thread_join(thread *started) {
    WaitForSingleObject(started->handle, INFINITE);
    CloseHandle(started->handle);
    free(started);
}

struct scratch {
    HANDLE handle;
};

scratch *scratch_open(void) {
    static scratch file;
    WCHAR folder[MAX_PATH + 1], name[MAX_PATH + 1];
    DWORD length = GetTempPathW(MAX_PATH + 1, folder);
    if (length == 0 || length > MAX_PATH || GetTempFileNameW(folder, L"cd", 0, name) == 0) return NULL;
    file.handle = CreateFileW(name, GENERIC_WRITE, FILE_SHARE_DELETE, NULL, CREATE_ALWAYS,
                              FILE_ATTRIBUTE_NORMAL | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    return file.handle == INVALID_HANDLE_VALUE ? NULL : &file;
}

int scratch_write(scratch *file, const void *bytes, size_t count) {
    DWORD written = 0;
    return WriteFile(file->handle, bytes, (DWORD)count, &written, NULL) && written == count;
}

int scratch_rewind(scratch *file) {
    LARGE_INTEGER start = {0};
    return SetFilePointerEx(file->handle, start, NULL, FILE_BEGIN);
}

int scratch_flush(scratch *file) { return FlushFileBuffers(file->handle); }
