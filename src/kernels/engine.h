/* Convolutions in float by oneDNN, where the library is built with it: prepared once for one set of weights, then run row by row by any number of
 * threads. Without it (ocelot_engine() says which), or for a convolution that it would be slow at, nothing is prepared and convolution.h does the
 * work. */
#ifndef OCELOT_KERNELS_ENGINE_H
#define OCELOT_KERNELS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/convolution.h"

/* Which directions to prepare. */
enum ocelot_engine_ways { OCELOT_ENGINE_FORWARD = 1, OCELOT_ENGINE_TRANSPOSE = 2 };

/* Whether the engine is there: activations in blocks (c->in_block, c->out_block) are for its sake. Rows that stand as it wants them are not
 * reordered. */
bool ocelot_engine_blocks(void);

/* Bytes that ocelot_engine_prepare fills (64-byte aligned); 0 = nothing to prepare. */
size_t ocelot_engine_bytes(const struct ocelot_convolution *c, unsigned ways);

/* Prepares for `weights` (laid out as in convolution.h, with `inputs` channels of inputs to each output: those of c are the first of them). Where
 * that fails the functions below say so; it is released all the same. */
void ocelot_engine_prepare(const struct ocelot_convolution *c, unsigned ways, const float *weights, size_t inputs, void *prepared);
void ocelot_engine_release(void *prepared);

/* Numbers of scratch that a run needs. */
size_t ocelot_engine_scratch(const struct ocelot_convolution *c, unsigned ways);

/* As the functions of convolution.h, with what was prepared for the weights. False: not done, nothing written. No state is shared between calls but
 * what is prepared, which they only read; each runs on the calling thread. */
bool ocelot_engine_forward(const struct ocelot_convolution *c, const void *prepared, const float *bias, const float *in, float *scratch, float *out);
bool ocelot_engine_transpose(const struct ocelot_convolution *c, const void *prepared, const float *s, float *scratch, float *back);

/* How oneDNN would do it, such as "brgconv:avx512_core"; "" where it is not asked to. For tests: "ref" would be a hundred times slower. */
const char *ocelot_engine_implementation(const struct ocelot_convolution *c, bool transpose);

#endif
