/* Arithmetic on raw pointers, no graph. One table of functions per body: `reference` (plain loops, the definition, always compiled)
 * and the fast ones stamped from one template for different instruction sets. All agree to rounding; a test compares them.
 * All arrays are float64, row-major. `rows` is the batch tile (a few dozen). No function allocates or keeps state.
 * Fast bodies read support vectors from a packed copy (struct ocelot_packed), made once per plan. */
#ifndef OCELOT_KERNELS_KERNELS_H
#define OCELOT_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/team.h"
#include "kernels/convolution.h"
#include "kernels/profile.h"
#include "kernels/sparse.h"

/* Places of a strip of element-wise work, and the longest period of its biases. */
enum { OCELOT_SIGNAL_PERIOD = 16 };

/* Positions that a window sees, and the numbers from one to the next. */
struct ocelot_seen {
    size_t rows, columns, down, across;
};

#define OCELOT_BODY "kernels/signals_header.h"
#include "base/stamp.h"

/* Above the largest o that a model with a constant unit can have, -log of the smallest double. */
#define OCELOT_SOFTMIN_NORMALISE 1024.0

/* Squared distances that are a smaller part of |x|^2 + |u|^2 are direct differences; others need not be (tiles.h). */
#define OCELOT_CANCELS (1.0 / 256)
#define OCELOT_CANCELS_SINGLE (1.0F / 16)

/* Stands for the curvature 2 - 2 K between equal rows, where a step goes as far as the bounds let it. */
#define OCELOT_LEAST_CURVATURE 1e-12

/* A way to do convolutions forward or back, one row at a time, in activations of blocked channels at both ends:
 * [channels / block][height][width][block]. */
struct ocelot_blocked {
    const char *name;
    bool (*takes)(const struct ocelot_convolution *c, bool transpose);                     /* whether it is the faster way, too */
    size_t (*weights)(const struct ocelot_convolution *c, bool transpose);                 /* numbers that `prepare` writes */
    size_t (*scratch)(const struct ocelot_convolution *c, bool transpose, size_t threads); /* numbers of scratch */
    void (*prepare)(const struct ocelot_convolution *c, bool transpose, const float *weights, float *prepared); /* weights as in convolution.h */
    bool (*turns)(const struct ocelot_convolution *c); /* whether the way back takes what is prepared for the way forward; NULL = never */
    /* `turned`: back, by what is prepared for the way forward. Shared out in the team; no sum depends on how */
    void (*convolve)(const struct ocelot_convolution *c, bool transpose, bool turned, struct ocelot_team *team, const float *prepared,
                     const float *bias, const float *in, float *scratch, float *out);
};

/* Back through convolutions to a few plain channels, one row at a time, from signals in blocks of the vectors' width. */
struct ocelot_narrow {
    bool (*takes)(const struct ocelot_convolution *c);
    size_t (*bytes)(const struct ocelot_convolution *c, bool split); /* that `prepare` fills (64-byte aligned) */
    size_t (*scratch)(const struct ocelot_convolution *c);           /* numbers that each thread needs */
    /* weights as in convolution.h; `split`: those above and below zero apart */
    void (*prepare)(const struct ocelot_convolution *c, bool split, const float *weights, void *prepared);
    /* back = W^T s; or, where split, back = (W+)^T s and below = (W-)^T s; else `below` is NULL. Shared out in the team; no sum depends on how */
    void (*transpose)(const struct ocelot_convolution *c, struct ocelot_team *team, const void *prepared, const float *s, float *scratch, float *back,
                      float *below);
};

/* m points of d coordinates, in the layouts that the bodies want. */
struct ocelot_packed {
    const double *points; /* [count][size], the caller's, kept by reference */
    size_t count, size;   /* m, d; both at least 1 */
    const double *panels; /* body-specific copy, or NULL */

    /* Where most coordinates are 0: the points by their entries in place of panels, and ocelot_sparse_room doubles to write to. NULL else, and in
     * bodies that do not take them. Not for `product`. Where `sums` [rows] is given, weighted sums leave the sum of each row of results
     * there. Where `held` is given, of all rows of the call, kernels need not look for it. */
    const struct ocelot_sparse *sparse;
    const struct ocelot_held *held;
    double *room, *sums;
};

/* Sums over the units of a row that pooled_weights has passed. */
struct ocelot_pooled {
    double shares;   /* sum_j e_j: 1 but for the rounding of o */
    double passed;   /* sum_j e_j r_j */
    double residual; /* sum_j e_j (o - r_j) */
    double leaked;   /* of what was passed, that to units at D_j = 0 */
};

/* The points in float, in the layout that a body wants; their own array is not kept. */
struct ocelot_packed_single {
    size_t count, size;
    const float *panels;
};

/* Kernels in float, with squared distances D in place of phi; what each promises is said below of its namesake. Relative rounding errors are those of
 * float, of single terms, phi and their sums. */
struct ocelot_kernels_single {
    size_t (*packed_bytes)(size_t count, size_t size);
    float (*pack)(const float *points, size_t count, size_t size, float *panels);
    void (*squared_distance)(const struct ocelot_packed_single *u, const float *x, size_t rows, float *out);
    void (*weighted_square)(const struct ocelot_packed_single *u, const float *x, const float *w, size_t rows, float *out);
    void (*product)(const struct ocelot_packed_single *u, const float *x, size_t rows, float *out);

    /* As its namesake of doubles, from products [rows][n] to values [rows][n]. */
    void (*distances_of_products)(const float *products, const double *x_norms, size_t rows, const double *u_norms, size_t n, double *values);

    bool (*takes)(const struct ocelot_profile *profile); /* softmin and pooled_weights do */

    /* o; *least receives the least D of the units that have weight. No constant unit; all D, gamma and gamma D finite. */
    double (*softmin)(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const float *squared, const float *weights, size_t m,
                      double *least);

    struct ocelot_pooled (*pooled_weights)(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const float *squared,
                                           const float *weights, size_t m, double o, double low, float *w);
};

struct ocelot_kernels {
    const char *name; /* reference, baseline, avx2, avx512 */
    bool (*available)(void);
    bool sparse; /* takes ocelot_packed.sparse */

    /* Bytes of the packed copy of [count][size] points (0: needs none), and the packing itself into `panels` (64-byte aligned). Returns the largest
     * |u|^2, or 0 where squared_distance takes direct differences for all of them. */
    size_t (*packed_bytes)(size_t count, size_t size);
    double (*pack)(const double *points, size_t count, size_t size, double *panels);

    /* D_bj = sum_i (x_bi - u_ji)^2, right to (d + 1) epsilon of the lesser of |x|^2 + |u|^2 and D / OCELOT_CANCELS; never negative, and a function of
     * x_b and u alone. x [rows][d] -> out [rows][m] */
    void (*squared_distance)(const struct ocelot_packed *u, const double *x, size_t rows, double *out);

    /* The features that rows [rows][size] hold, into held->list [rows * size at most] and held->start. NULL where `sparse` is not. */
    void (*hold)(const double *x, size_t size, size_t rows, struct ocelot_held *held);

    /* phi in place: values [n] of D become phi(D). */
    void (*profile)(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, double *values, size_t n);

    /* R_bi = sum_j w_bj (x_bi - u_ji)^2 by direct differences, so w >= 0 gives R >= 0 exactly. x [rows][d], w [rows][m] -> out [rows][d] */
    void (*weighted_square)(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out);

    /* G_bi = sum_j w_bj (x_bi - u_ji). */
    void (*weighted_difference)(const struct ocelot_packed *u, const double *x, const double *w, size_t rows, double *out);

    /* N_bi = sum_j w_bj u_ji. w [rows][m] -> out [rows][d] */
    void (*weighted_sum)(const struct ocelot_packed *u, const double *w, size_t rows, double *out);

    /* z_bj = sum_i x_bi u_ji. x [rows][d] -> out [rows][m]; the matrix product of the dense layers, weights [m][d]. */
    void (*product)(const struct ocelot_packed *u, const double *x, size_t rows, double *out);

    /* Soft-min pooling with non-negative weights w [m] and a constant unit of weight `constant` at phi = 0, all summing to 1:
     *   o = -log(sum_j w_j exp(-phi_j) + constant) = v - log1p(sum_j w_j expm1(v - phi_j)),  v the least phi
     * which never cancels (reference.c derives it): relative error of o about 1e-15 for any finite phi >= 0. `log_weights` [m] = log w may
     * hold -infinity (not a member). phi [m] -> returns o; never NaN for finite phi, never negative, infinity where no unit has weight. */
    double (*softmin)(const double *phi, const double *weights, const double *log_weights, size_t m, double constant);

    /* p_j = w_j exp(o - phi_j) into p [m]; p may be phi itself. They sum to 1 less the constant unit's share constant * exp(o). Where
     * o > OCELOT_SOFTMIN_NORMALISE no constant unit can have a share, the last digits of o matter, and p is divided by its sum instead. */
    void (*softmin_weights)(const double *phi, const double *log_weights, size_t m, double o, double *p);

    /* Soft-min relevance of one output: back_j += unit p_j min(o, phi_j). Returns the residual sum_j p_j (o - phi_j)+. All arrays [m], distinct. */
    double (*softmin_relevance)(const double *phi, const double *p, size_t m, double o, double unit, double *back);

    /* What weighted_square needs to share relevance by squared differences: w_j = R_j / D_j with phi(D_j) = phi_j, and 0 where D_j = 0,
     * where a share has no direction. Returns the sum of the R_j that were left out so. All arrays [n]; w may be phi or R itself. */
    double (*distance_weights)(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const double *phi, const double *relevance,
                               size_t n, double *w);

    /* softmin_weights, softmin_relevance and distance_weights of one row in one sweep, where no constant unit is: with e_j = weights_j exp(o - phi_j)
     * and r_j = max(low, min(o, phi_j)), low = 0, or o where all is to be passed, w_j = e_j r_j / D_j, 0 where D_j = 0, so that R / (o sum_j e_j)
     * sum_j w_j (x_i - u_ji)^2 is the relevance of x_i. o > 0; phi, weights [m] -> w [m], none of them another. */
    struct ocelot_pooled (*pooled_weights)(const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const double *phi,
                                           const double *weights, size_t m, double o, double low, double *w);

    /* Sum of values [n] and of their magnitudes. */
    void (*sums)(const double *values, size_t n, double *sum, double *magnitude);

    /* to += from [n], distinct. Returns the sum of `from`. */
    double (*add)(const double *from, size_t n, double *to);

    /* values [n] *= factor. */
    void (*scale)(double *values, size_t n, double factor);

    /* expected_i for one row and the listed features (docs/mathematics.md): u~ weighted by p_j^(-i), proportional to
     * w_j exp(-phi(D_j - (x_i-u_ji)^2)). x [d], squared D [m] (already computed), features [count] (NULL = 0..count-1) -> out [count].
     * scratch [m]. Where feature i makes up nearly all of D_j the distance without it is summed anew (rows.h), so phi is right to 1e-12. */
    void (*expected)(const struct ocelot_packed *u, const double *x, const double *squared, const double *log_weights,
                     const struct ocelot_profile *profile, struct ocelot_profile_parameters p, const size_t *features, size_t count, double *scratch,
                     double *out);

    /* The same for phi = gamma D from the shares p [m] of the row, which may be scaled, and their sum `total`: one sum over p_j exp(gamma (x_i -
     * u_ji)^2). low, high [d] are the least and largest u_ji. out is NaN for features whose exponents may exceed OCELOT_EXPECTED_REACH (a share may
     * have lost its digits there) and right to 1e-12 of the feature's range for all others. gamma within OCELOT_EXPECTED_GAMMA_*, so that its powers
     * are normal numbers. */
    void (*expected_from_shares)(const struct ocelot_packed *u, const double *x, const double *p, double total, double gamma, const double *low,
                                 const double *high, const size_t *features, size_t count, double *out);

    /* The same of all features of several rows at once, which costs a fraction: x [rows][d], p [rows][m] of sum 1 -> out [rows][d], right to 1e-10 of
     * the feature's range; NaN where that would need too long a series, where a row has no shares, and for sparse points. room: of
     * expected_room bytes for at least as many rows, aligned to 64. */
    size_t (*expected_room)(size_t rows, size_t m);
    void (*expected_of_rows)(const struct ocelot_packed *u, const double *x, const double *p, size_t rows, double gamma, const double *low,
                             const double *high, void *room, double *out);

    /* In float; NULL in the reference, which computes in double whatever the precision. */
    const struct ocelot_kernels_single *single;

    /* Element-wise work of the walks. */
    const struct ocelot_signals_f64 *f64;
    const struct ocelot_signals_f32 *f32;

    /* Training. values [n] = exp(-values): kernel values from phi. */
    void (*decay)(double *values, size_t n);

    /* values [rows][n] of products x_b u_j become squared distances |x_b|^2 + |u_j|^2 - 2 x_b u_j, or 0 where that is less. x_norms [rows], u_norms
     * [n]. */
    void (*distances_of_products)(double *values, const double *x_norms, size_t rows, const double *u_norms, size_t n);

    /* to += sum_r factors_r rows_r in the order of r, for rows [count][n] and to [n], distinct. */
    void (*add_scaled)(const double *rows, const double *factors, size_t count, size_t n, double *to);

    /* Kernel values u and v are held in float. g += a u + b v, then the gradient's least value *least where alpha < 1 and its greatest *greatest
     * where alpha > 0 (infinity and -infinity where there is no such row). Returns the first index of the least, or n. All arrays [n], distinct but
     * for u and v. */
    size_t (*descend)(double *g, const double *alpha, const float *u, double a, const float *v, double b, size_t n, double *least, double *greatest);

    /* The row that promises most when it gives to one of gradient `least` and kernel values u [n]: the first k with alpha_k > 0, g_k > least
     * and the greatest (g_k - least)^2 / max(2 - 2 u_k, OCELOT_LEAST_CURVATURE); n if there is none. */
    size_t (*partner)(const double *g, const double *alpha, const float *u, double least, size_t n);

    /* Dense layers in float, weights [outputs][inputs]: out [rows][outputs] = W x + bias (NULL = none), back [rows][inputs] = W^T s, of which only
     * the first `count` columns are computed. A row's sums do not depend on the others. NULL in the reference. */
    void (*dense_product)(const float *weights, size_t outputs, size_t inputs, const float *x, size_t rows, const float *bias, float *out);
    void (*dense_transpose)(const float *weights, size_t outputs, size_t inputs, size_t count, const float *s, size_t rows, float *back);

    size_t block;                                /* channels of a block, that the ways below want: 0 = no such ways, vectors are too narrow */
    const struct ocelot_blocked *const *blocked; /* best first, NULL-terminated; NULL = none */
    const struct ocelot_narrow *narrow;          /* likewise */
};

/* exp(30) is 1e13: shares that matter after growing by that are normal numbers. */
#define OCELOT_EXPECTED_REACH 30.0
#define OCELOT_EXPECTED_GAMMA_LEAST 1e-20
#define OCELOT_EXPECTED_GAMMA_MOST 1e20

/* gamma (x - u)^2 for the u between low and high that is furthest from x. */
static inline double ocelot_expected_reach(double x, double gamma, double low, double high)
{
    double t = x - low > high - x ? x - low : high - x;
    return gamma * t * t;
}

/* All bodies compiled into this build, slowest first ("reference" is entry 0), NULL-terminated. */
extern const struct ocelot_kernels *const ocelot_kernel_bodies[];

/* The body of that name if this CPU can run it, the fastest available one for NULL, else NULL. */
const struct ocelot_kernels *ocelot_kernels_find(const char *name);

#endif
