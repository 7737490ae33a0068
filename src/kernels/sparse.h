/* Points of which most coordinates are 0, by their other ones only: by columns (the points that a feature occurs in) and by rows. Made once per plan
 * in place of the packed copy; every body but the reference reads it (sparse_body.h) where struct ocelot_packed has one. */
#ifndef OCELOT_KERNELS_SPARSE_H
#define OCELOT_KERNELS_SPARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rows that go through the columns together, features whose columns are visited in order of their length, and lengths that have code of their own. */
enum { OCELOT_SPARSE_ROWS = 8, OCELOT_SPARSE_BLOCK = 64, OCELOT_SPARSE_SHORT = 4 };

struct ocelot_sparse {
    size_t entries;          /* coordinates that are not 0 */
    const uint32_t *column;  /* [d + 1] where feature i begins in unit and value */
    const uint8_t *order;    /* [d] the features of each block, counted from its first, by the length of their columns */
    const uint8_t *shorter;  /* [blocks][SHORT] how many columns of each block have at most 0, 1, ... entries */
    const uint32_t *unit;    /* [entries] ascending within a feature */
    const double *value;     /* [entries] */
    const uint32_t *row;     /* [m + 1] where point j begins in feature and coordinate */
    const uint32_t *feature; /* [entries] ascending within a point */
    const double *coordinate;
    const double *square; /* [m] |u_j|^2 */
};

/* Which features rows hold, those that are not 0: of row b, ascending, list[start[b]..start[b + 1]). */
struct ocelot_held {
    uint32_t *list;
    size_t *start; /* [rows + 1] */
};

/* Points by their entries, each ascending: what stands between a file and the arrays above. Owned. */
struct ocelot_entries {
    size_t *start;     /* [m + 1] where point j begins in feature and value */
    uint32_t *feature; /* [start[m]] */
    double *value;
};

/* Goes through points [count][size] once. False, with nothing to free, when out of memory. */
bool ocelot_entries_list(const double *points, size_t count, size_t size, struct ocelot_entries *out);
void ocelot_entries_free(struct ocelot_entries *entries);

/* Whether points with so many entries are kept so: a third at most, where scoring takes about as long either way and explaining less, and few enough
 * of both for their numbers here. */
bool ocelot_sparse_pays(size_t entries, size_t count, size_t size);

/* Whether they can be. */
bool ocelot_sparse_fits(size_t entries, size_t count, size_t size);

/* Bytes of the copy, and the copy itself into `to` (64-byte aligned) of points with so many entries: a struct ocelot_sparse with what it points to
 * behind it. `listed`: these entries, or NULL = the points are gone through for them. */
size_t ocelot_sparse_bytes(size_t entries, size_t count, size_t size);
void ocelot_sparse_make(const double *points, const struct ocelot_entries *listed, size_t entries, size_t count, size_t size, void *to);

/* Doubles of ocelot_packed.room. */
size_t ocelot_sparse_room(size_t count, size_t size);

#endif
