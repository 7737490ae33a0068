/* Convolutions in float, one row at a time, in whichever layout the rows stand: each direction by a way of the kernels' own that takes it
 * (winograd.h, gathered.h, narrow.h), else by the engine, else by matrices, with rows reordered only where an end is not as that wants it.
 *
 * A team shares out chunks of our own ways, whose sums have one order whatever the chunk, and of the engine, whose order is not ours to say,
 * slices of output channels, which are the same whatever the team. */
#ifndef OCELOT_KERNELS_CONVOLVER_H
#define OCELOT_KERNELS_CONVOLVER_H

#include "kernels/kernels.h"

struct ocelot_convolver {
    struct ocelot_convolution c;
    const struct ocelot_kernels *kernels;
    bool forward, transpose; /* which directions to prepare */
    bool split;              /* the way back, of weights above and below zero apart, where ocelot_convolver_splits */
    size_t threads;          /* that will share a run out; the scratch depends on it, 0 = 1 */
};

/* Bytes that ocelot_convolver_prepare fills (64-byte aligned), never 0, and numbers of scratch. */
size_t ocelot_convolver_bytes(const struct ocelot_convolver *v);
size_t ocelot_convolver_scratch(const struct ocelot_convolver *v);

void ocelot_convolver_prepare(const struct ocelot_convolver *v, const float *weights, void *prepared);
void ocelot_convolver_release(void *prepared);

/* Who does a direction that is prepared: "winograd", "gathered", "narrow", the engine's name for it, such as "brgconv:avx512_core", or "matrices".
 * For tests and benches: a slow way must not be taken unnoticed. */
const char *ocelot_convolver_implementation(const struct ocelot_convolver *v, bool transpose);

/* Whether the way back can be split: (W+)^T s and (W-)^T s, of weights above and below zero, together in about the time of W^T s. */
bool ocelot_convolver_splits(const struct ocelot_convolver *v);

/* As in convolution.h, with rows standing as v->c says. A direction that was not prepared is done by matrices, by the caller.
 * Where v->split, and prepared so, back = (W+)^T s and below = (W-)^T s; else `below` is NULL. */
void ocelot_convolver_forward(const struct ocelot_convolver *v, struct ocelot_team *team, const void *prepared, const float *weights,
                              const float *bias, const float *in, float *scratch, float *out);
void ocelot_convolver_transpose(const struct ocelot_convolver *v, struct ocelot_team *team, const void *prepared, const float *weights,
                                const float *s, float *scratch, float *back, float *below);

#endif
