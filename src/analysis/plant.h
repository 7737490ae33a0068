/* What the kinds of planted anomalies share. */
#ifndef OCELOT_ANALYSIS_PLANT_H
#define OCELOT_ANALYSIS_PLANT_H

#include <gsl/gsl_rng.h>

#include "ocelot/plant.h"

/* Blamed features of a correlated subspace: of a matrix that is decomposed. */
enum { OCELOT_PLANT_SUBSPACE = 16 };

struct ocelot_planter {
    const double *rows; /* [count][features] as they were */
    size_t count, features;
    double *mean, *deviation; /* [features] */
    size_t *candidates;       /* [candidate_count] features that are not constant */
    size_t candidate_count;
    double *correlation;  /* [features] with the feature asked for last */
    unsigned char *known; /* [features] 0: not asked, 1: no other feature is correlated with it, 2: one is */
    double *distance;     /* [count] squared distances from a row */
    gsl_rng *rng;
    double strength;
    size_t *chosen; /* [chosen_count] the features to change */
    double *sense;  /* parallel to chosen: +1 or -1, which way a feature moves in every row of an anomaly */
    size_t chosen_count;
    double direction[OCELOT_PLANT_SUBSPACE]; /* parallel to chosen: a subspace's direction of least variance, times its deviation */
};

/* One kind: chooses `count` features (and may end with fewer), then changes them in rows `row` of the table at `out` [features]. */
struct ocelot_plant_way {
    struct ocelot_plant_kind kind;
    enum ocelot_status (*choose)(struct ocelot_planter *planter, size_t count, struct ocelot_error *err);
    void (*change)(struct ocelot_planter *planter, size_t row, double *out);
};

/* Ends with a row whose name is NULL. */
extern const struct ocelot_plant_way ocelot_plant_ways[];

/* Uniform in 0..bound-1, bound > 0. */
size_t ocelot_plant_below(struct ocelot_planter *planter, size_t bound);

#endif
