/* Comparing numbers in tests: every comparator fails on NaN unless both sides are NaN, and on differing infinities. */
#ifndef OCELOT_TESTS_CLOSE_H
#define OCELOT_TESTS_CLOSE_H

#include <stdbool.h>
#include <stddef.h>

/* |a - b| <= bound; both NaN, or the same infinity, are equal. A negative or NaN bound never holds. */
bool close_absolute(double a, double b, double bound);

/* |a - b| <= bound * max(|a|, |b|), likewise. */
bool close_relative(double a, double b, double bound);

/* Fails the running cmocka test with index, both values and the bound unless |a_i - b_i| <= bound * scale for all i;
 * `scale` 0 means max_i |b_i|. */
void assert_close_all(const double *a, const double *b, size_t n, double bound, double scale, const char *what);

/* One pair, absolute bound. */
void assert_close(double a, double b, double bound, const char *what);

#endif
