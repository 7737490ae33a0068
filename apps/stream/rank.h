/* The largest few of many numbers, in order. */
#ifndef OCELOT_STREAM_RANK_H
#define OCELOT_STREAM_RANK_H

#include <stddef.h>

/* Moves the `top` indices with the largest |key| to the front of order[0..count), largest first; equal keys by index, so the result is unique.
 * The rest of `order` keeps the other indices in no particular order. */
void ocelot_rank(const double *key, size_t *order, size_t count, size_t top);

/* The same of all indices 0..count-1; `order` has room for them all. Fast where a few are wanted. */
void ocelot_rank_first(const double *key, size_t count, size_t top, size_t *order);

#endif
