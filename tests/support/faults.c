#include "support/faults.h"

#include <stdatomic.h>
#include <stdlib.h>

static atomic_size_t count, first, last;
static atomic_bool hit;

void faults_fail_at(size_t k)
{
    first = last = k;
    count = 0;
    hit = false;
}

void faults_fail_from(size_t k)
{
    faults_fail_at(k);
    last = (size_t)-1;
}

size_t faults_count(void)
{
    return count;
}

bool faults_hit(void)
{
    return hit;
}

static bool fails(void)
{
    size_t number = ++count;
    bool failing = first && number >= first && number <= last;
    if (failing)
        hit = true;
    return failing;
}

/* The linker's names: __wrap_f is called where f stands, __real_f is f. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t members, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t members, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t members, size_t size)
{
    return fails() ? NULL : __real_calloc(members, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return fails() ? NULL : __real_realloc(block, size);
}

#if defined(__SANITIZE_ADDRESS__)
#define WITH_LEAK_CHECK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_LEAK_CHECK 1
#endif
#endif

#ifdef WITH_LEAK_CHECK
int __lsan_do_recoverable_leak_check(void);

bool faults_leaked(void)
{
    return __lsan_do_recoverable_leak_check() != 0;
}
#else
bool faults_leaked(void)
{
    return false;
}
#endif
