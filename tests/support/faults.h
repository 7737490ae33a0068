/* Allocations counted, and the k-th one made to fail. For programs linked with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc (ocelot_faulty_test in tests/CMakeLists.txt): only what our own objects call is seen,
 * not what the C library, LIBSVM and jansson do inside. */
#ifndef OCELOT_TESTS_FAULTS_H
#define OCELOT_TESTS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

/* Forgets the count; from now on the k-th allocation fails, counted over all threads, and only that one. 0 = none does. */
void faults_fail_at(size_t k);

/* Likewise, but every allocation from the k-th on fails. */
void faults_fail_from(size_t k);

/* Allocations since the last faults_fail_*. */
size_t faults_count(void);

/* Whether one was made to fail since then. */
bool faults_hit(void);

/* Under AddressSanitizer: true when memory leaked since the program's start (its report goes to stderr). Else false. */
bool faults_leaked(void);

#endif
