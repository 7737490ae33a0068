/* The pair of Distance and SoftMin: what its two precisions share. */
#ifndef OCELOT_OPS_POOLED_DISTANCE_H
#define OCELOT_OPS_POOLED_DISTANCE_H

#include "graph/pair.h"
#include "ops/distance.h"
#include "ops/ops.h"

/* In float a row's relevance may be off by so much of its sum, and its score relatively, before it is computed in double; and what is taken for that
 * error: so much for each unit of o, the second times sqrt(d) since sums of d terms are rounded d times, both for a score of at least 1 and times
 * phi / D (|x|^2 + |u|^2) / o, of the nearest support vector, where distances are expanded; and, for a score of at least 1, for each unit of o |x -
 * c| / (distance of the nearest support vector). */
#define OCELOT_SINGLE_ERROR 1e-5
#define OCELOT_SINGLE_OF_SCORE 4e-8
#define OCELOT_SINGLE_OF_SUMS 1.5e-8
#define OCELOT_SINGLE_OF_INPUT 3e-8

/* The least that a unit passes of a score o. */
double ocelot_pooled_distance_low(const struct ocelot_pair_call *call, double o);

/* Enters one output's sums over its units into the two nodes' ledgers. Returns by what the weighted squares are to be multiplied. */
double ocelot_pooled_distance_enter(double relevance, double o, const struct ocelot_pooled *sums, struct ocelot_ledger_entry *first,
                                    struct ocelot_ledger_entry *second);

/* The members of ocelot_pair_pooled_distance for float. */
bool ocelot_pooled_distance_narrows(const struct ocelot_node *second, const struct ocelot_footing *footing);
size_t ocelot_pooled_distance_narrow_bytes(const struct ocelot_node *second, const struct ocelot_kernels *kernels);
void ocelot_pooled_distance_prepare_narrow(const struct ocelot_node *second, const struct ocelot_kernels *kernels, const double *points,
                                           void *prepared);
size_t ocelot_pooled_distance_narrow_scratch(const struct ocelot_node *second, size_t rows);
void ocelot_pooled_distance_forward_narrow(const struct ocelot_pair_call *call, double *out);
void ocelot_pooled_distance_relevance_narrow(const struct ocelot_pair_call *call, const double *relevance, double *back,
                                             struct ocelot_ledger_entry *first, struct ocelot_ledger_entry *second);
void ocelot_pooled_distance_widen(const struct ocelot_pair_call *call, size_t row, double *phi);

#endif
