/* Which rows have the least values. */
#ifndef OCELOT_SVM_SELECT_H
#define OCELOT_SVM_SELECT_H

#include <stddef.h>

struct ocelot_ranked {
    double value; /* never NaN */
    size_t index; /* decides between equal values; all distinct */
};

/* Brings the `count` <= n least to the front, the greatest of them last, in no other order. Linear time on the average. */
void ocelot_select_least(struct ocelot_ranked *items, size_t n, size_t count);

#endif
