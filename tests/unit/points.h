/* Random support vectors, rows and weights for the tests of src/kernels, and their packed copy for one body. */
#ifndef OCELOT_TESTS_POINTS_H
#define OCELOT_TESTS_POINTS_H

#include "kernels/kernels.h"

struct points {
    size_t m, d, rows;
    double *u;           /* [m][d] */
    double *x;           /* [rows][d] */
    double *weights;     /* [m], sum 1; every seventh is 0 when m > 7 */
    double *log_weights; /* [m] */
    double *row_weights; /* [rows][m], non-negative */
    double *distance;    /* [rows][m], room for results */
    double *panels;      /* the packed copy of the last points_pack */
    double *relevance;   /* [rows][d], room for results */
};

/* Coordinates are standard normal plus `offset`. Equal seeds give equal points. */
struct points points_make(size_t m, size_t d, size_t rows, double offset, unsigned seed);
void points_free(struct points *points);

/* The packed copy for `body`, kept in `points` until the next call. */
struct ocelot_packed points_pack(struct points *points, const struct ocelot_kernels *body);

#endif
