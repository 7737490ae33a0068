/* Convolution of one row in one or two dimensions, in both precisions, by tiles that are laid out as matrices for BLAS (im2col); kernels of 1x1
 * need no laying out, and groups of few channels are summed tap by tap. */
#ifndef OCELOT_KERNELS_CONVOLUTION_H
#define OCELOT_KERNELS_CONVOLUTION_H

#include <stddef.h>

/* Index 0 is the height, 1 the width; one dimension has height 1. Zeros stand around the input: `pad` before it, and after it as many as the
 * outputs reach. Extents, (kernel - 1) * dilation + 1, and inputs * kernel[0] * kernel[1] must fit an int (the op's `infer` sees to it). */
struct ocelot_convolution {
    size_t groups, inputs, outputs; /* channels of one group */
    size_t kernel[2], stride[2], dilation[2], pad[2];
    size_t in[2], out[2];
    size_t in_block, out_block; /* how inputs and outputs stand, for convolver.h and engine.h: channels in a block, 0 or 1 = plain */
};

/* Numbers of scratch that the functions below need. */
size_t ocelot_convolution_scratch(const struct ocelot_convolution *c);

/* out[o][y][x] = bias[o] + sum_{i,v,u} W[o][i][v][u] in[i][y stride + v dilation - pad][...]
 * weights [groups outputs][inputs][kernel 0][kernel 1], bias [groups outputs] or NULL, in [groups inputs][in], out [groups outputs][out]. */
void ocelot_convolution_forward_f64(const struct ocelot_convolution *c, const double *weights, const double *bias, const double *in, double *scratch,
                                    double *out);
void ocelot_convolution_forward_f32(const struct ocelot_convolution *c, const float *weights, const float *bias, const float *in, float *scratch,
                                    float *out);

/* back = W^T s: s as `out`, back as `in` above. */
void ocelot_convolution_transpose_f64(const struct ocelot_convolution *c, const double *weights, const double *s, double *scratch, double *back);
void ocelot_convolution_transpose_f32(const struct ocelot_convolution *c, const float *weights, const float *s, float *scratch, float *back);

#endif
