/* Part of a fast body (body.h): the transforms of Winograd's minimal filtering, F(4x4, 3x3), which multiplies 36 times for 16 outputs where the
 * definition does 144 times, and F(2x2, 3x3), 16 times for 4 where the definition does 36 times; and, for a stride of 2, 25 times where the
 * definition does 36 times.
 *
 * A polynomial product of degree s + 1 is known from its values at s + 2 points, here 0, +-a, +-b and infinity for s = 4, and 0, +-1 and infinity for
 * s = 2 (Toom, Cook). Read backwards (the transposition principle) that gives s outputs y of a filter g of three taps on s + 2 inputs d,
 *     y = A^T [(G g) . (B^T d)],   M(x) = x (x^2 - a^2) (x^2 - b^2), or x (x^2 - 1)
 * row p of B^T: the coefficients of M(x) / (x - p), and of M(x) itself for infinity; row p of G: [1, p, p^2] / M'(p), and [0, 0, 1];
 * column p of A^T: [1, p, p^2, p^3], and [0, 0, 0, 1]. In two dimensions each is applied to rows and to columns.
 *
 * Rounding: the transforms add numbers of different size, so errors are those of the largest values in a tile: with s = 4 about five times those of
 * the definition, 5e-7 of the sum of magnitudes with a, b as below; with s = 2, whose points are all of one size, about twice.
 *
 * With a stride of 2 inputs of odd and of even places never meet the same tap. For two outputs the even ones are an F(2, 2), which multiplies three
 * times, the odd ones two products,
 *     y0 = g0 (x0 - x2) + (g0 + g2) x2 + g1 x1,   y1 = g2 (x4 - x2) + (g0 + g2) x2 + g1 x3
 * and so are, back, four pixels of three signals, where the padding is 1, by the filter turned:
 *     x0 = g1 s0,   x1 = g0 (s0 - s1) + (g0 + g2) s1,   x2 = g1 s1,   x3 = g2 (s2 - s1) + (g0 + g2) s1
 * Errors of 64 channels are, as root mean squares, 0.6 (forward) and 1.05 times (back) those of the definition.
 *
 * Activations are in blocks of WIDE channels, [channels / WIDE][height][width][WIDE]: all that follows works on vectors of channels. */
#ifndef OCELOT_KERNELS_TILINGS_H
#define OCELOT_KERNELS_TILINGS_H

#include "kernels/wide.h"

/* One direction of a 3x3 convolution: channels and extents of what it reads and what it writes, and how far before the first number that it reads the
 * first tile begins. */
struct ends {
    bool transpose;
    size_t stride, inputs, outputs, in[2], out[2], before[2];
};

/* A tile's place among all. */
struct place {
    size_t y, x;
};

/* One way of tiling. Filters of the way back are turned by half a turn, whatever the stride. */
struct tiling {
    size_t stride;
    bool forward, back;  /* the directions that it does */
    size_t step, points; /* outputs of a tile, either way; products that it takes */
    /* where the filter turned by half a turn has the value that a filter has at point k, or NULL where it has it nowhere: turned, g(x) is
     * x^2 g(1 / x), so points must be each other's inverses */
    size_t (*turned)(size_t k);
    /* G g G^T of nine taps: `points` values */
    void (*filter)(const double *g, double *out);
    /* one tile of one block of channels, transformed, to `v`, points `stride` apart; whether an input of it is below zero, where one asks */
    void (*enter)(const struct ends *c, const float *plane, struct place at, float *v, size_t stride, float *below);
    /* one tile of one block of outputs, from the products `m`, points `stride` apart; `positive`: no sum is below zero */
    void (*leave)(const struct ends *c, const float *m, size_t stride, const float *bias, bool positive, struct place at, float *plane);
};

enum { MOST_REACH = 6, MOST_POINTS = MOST_REACH * MOST_REACH };

#define POINT_A 0.70710678118654752440
#define POINT_B 1.41421356237309504880
#define SQUARE_A 0.5
#define SQUARE_B 2.0

/* G g: the values of three taps `stride` apart. */
INLINE void filter_line_of_4(const double *g, size_t stride, double *out, size_t out_stride)
{
    const double a = SQUARE_A, b = SQUARE_B, whole = g[0], odd = g[stride], even = g[2 * stride];
    const double na = 2 * a * (a - b), nb = 2 * b * (b - a);
    out[0] = whole / (a * b);
    out[out_stride] = (whole + POINT_A * odd + a * even) / na;
    out[2 * out_stride] = (whole - POINT_A * odd + a * even) / na;
    out[3 * out_stride] = (whole + POINT_B * odd + b * even) / nb;
    out[4 * out_stride] = (whole - POINT_B * odd + b * even) / nb;
    out[5 * out_stride] = even;
}

INLINE void filter_line_of_2(const double *g, size_t stride, double *out, size_t out_stride)
{
    const double whole = g[0], odd = g[stride], even = g[2 * stride];
    out[0] = whole;
    out[out_stride] = (whole + odd + even) / 2;
    out[2 * out_stride] = (whole - odd + even) / 2;
    out[3 * out_stride] = even;
}

/* B^T d, in place. */
INLINE void input_line_of_4(wide *d, size_t stride)
{
    const float a = (float)SQUARE_A, b = (float)SQUARE_B, root_a = (float)POINT_A, root_b = (float)POINT_B;
    wide d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride], d4 = d[4 * stride], d5 = d[5 * stride];
    wide even_a = d4 - b * d2, odd_a = root_a * (d3 - b * d1), even_b = d4 - a * d2, odd_b = root_b * (d3 - a * d1);
    d[0] = a * b * d0 - (a + b) * d2 + d4;
    d[stride] = even_a + odd_a;
    d[2 * stride] = even_a - odd_a;
    d[3 * stride] = even_b + odd_b;
    d[4 * stride] = even_b - odd_b;
    d[5 * stride] = a * b * d1 - (a + b) * d3 + d5;
}

INLINE void input_line_of_2(wide *d, size_t stride)
{
    wide d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride];
    d[0] = d0 - d2;
    d[stride] = d2 + d1;
    d[2 * stride] = d2 - d1;
    d[3 * stride] = d3 - d1;
}

/* A^T m: the outputs, into the first of them. */
INLINE void output_line_of_4(wide *m, size_t stride)
{
    const float a = (float)SQUARE_A, b = (float)SQUARE_B, root_a = (float)POINT_A, root_b = (float)POINT_B;
    wide sum_a = m[stride] + m[2 * stride], odd_a = root_a * (m[stride] - m[2 * stride]);
    wide sum_b = m[3 * stride] + m[4 * stride], odd_b = root_b * (m[3 * stride] - m[4 * stride]);
    m[0] = m[0] + sum_a + sum_b;
    m[stride] = odd_a + odd_b;
    m[2 * stride] = a * sum_a + b * sum_b;
    m[3 * stride] = a * odd_a + b * odd_b + m[5 * stride];
}

INLINE void output_line_of_2(wide *m, size_t stride)
{
    m[0] = m[0] + (m[stride] + m[2 * stride]);
    m[stride] = m[stride] - m[2 * stride] + m[3 * stride];
}

/* The same three for a stride of 2: a line of 5 products, forward from 5 inputs to 2 outputs, back from 3 to 4. */
INLINE void filter_line_apart(const double *g, size_t stride, double *out, size_t out_stride)
{
    out[0] = g[0];
    out[out_stride] = g[0] + g[2 * stride];
    out[2 * out_stride] = g[2 * stride];
    out[3 * out_stride] = out[4 * out_stride] = g[stride];
}

INLINE void input_line_apart(wide *d, size_t stride)
{
    wide d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride], d4 = d[4 * stride];
    d[0] = d0 - d2;
    d[stride] = d2;
    d[2 * stride] = d4 - d2;
    d[3 * stride] = d1;
    d[4 * stride] = d3;
}

INLINE void output_line_apart(wide *m, size_t stride)
{
    m[0] = (m[0] + m[stride]) + m[3 * stride];
    m[stride] = (m[stride] + m[2 * stride]) + m[4 * stride];
}

INLINE void input_line_between(wide *d, size_t stride)
{
    wide d0 = d[0], d1 = d[stride], d2 = d[2 * stride];
    d[0] = d0 - d1;
    d[stride] = d1;
    d[2 * stride] = d2 - d1;
    d[3 * stride] = d0;
    d[4 * stride] = d1;
}

INLINE void output_line_between(wide *m, size_t stride)
{
    wide first = m[3 * stride], second = m[0] + m[stride], fourth = m[stride] + m[2 * stride];
    m[0] = first;
    m[stride] = second;
    m[2 * stride] = m[4 * stride];
    m[3 * stride] = fourth;
}

/* Rows and columns, for constant numbers of `points` of a line, inputs that it `sees` and outputs that it `makes`. */
INLINE void filter(size_t points, void (*line)(const double *g, size_t stride, double *out, size_t out_stride), const double *g, double *out)
{
    double half[3 * MOST_REACH];
    for (size_t x = 0; x < 3; x++)
        line(g + x, 3, half + x, 3);
    for (size_t y = 0; y < points; y++)
        line(half + 3 * y, 1, out + points * y, 1);
}

/* Inputs outside are zero. From one tile to the next are `move` inputs. */
INLINE void enter(size_t sees, size_t points, size_t move, void (*line)(wide *d, size_t stride), const struct ends *c, const float *plane,
                  struct place at, float *v, size_t stride, float *below)
{
    wide d[MOST_POINTS];
    for (size_t y = 0; y < sees; y++)
        for (size_t x = 0; x < sees; x++) {
            size_t down = at.y * move + y - c->before[0], right = at.x * move + x - c->before[1]; /* before the input: wraps to more than there is */
            d[y * points + x] = down < c->in[0] && right < c->in[1] ? load_wide(plane + (down * c->in[1] + right) * WIDE) : (wide){0};
            if (x + move >= sees && down < c->in[0])
                fetch(plane + (down * c->in[1] + right + move) * WIDE, false); /* that the next tile is the first to see */
        }
    if (below)
        *below = any_below_zero(d, sees, sees, points);
    for (size_t x = 0; x < sees; x++)
        line(d + x, points);
    for (size_t y = 0; y < points; y++)
        line(d + y * points, 1);
    for (size_t k = 0; k < points * points; k++)
        store_wide(v + k * stride, d[k]);
}

/* Outputs outside are dropped. */
INLINE void leave(size_t points, size_t makes, void (*line)(wide *m, size_t stride), const struct ends *c, const float *m, size_t stride,
                  const float *bias, bool positive, struct place at, float *plane)
{
    wide y[MOST_POINTS], offset = bias ? load_wide(bias) : (wide){0};
    size_t top = at.y * makes, left = at.x * makes, rows = least_of(makes, c->out[0] - top), columns = least_of(makes, c->out[1] - left);
    for (size_t k = 0; k < points * points; k++)
        y[k] = load_wide(m + k * stride);
    for (size_t x = 0; x < points; x++)
        line(y + x, points);
    for (size_t n = 0; n < makes; n++)
        line(y + n * points, 1);
    for (size_t n = 0; n < rows; n++)
        for (size_t x = 0; x < columns; x++) {
            wide sum = y[n * points + x];
            store_wide(plane + ((top + n) * c->out[1] + left + x) * WIDE, (positive ? not_below_zero(sum) : sum) + offset);
        }
}

/* 0 and infinity change places, 1 and -1 stay. */
static size_t turned_line_of_2(size_t p)
{
    return p % 3 == 0 ? 3 - p : p;
}

static size_t turned_of_2(size_t k)
{
    return turned_line_of_2(k / 4) * 4 + turned_line_of_2(k % 4);
}

#define TILING(name, filter_line, input_line, output_line, points, sees, makes, move)                                                                \
    static void filter_##name(const double *g, double *out)                                                                                          \
    {                                                                                                                                                \
        filter(points, filter_line, g, out);                                                                                                         \
    }                                                                                                                                                \
    static void enter_##name(const struct ends *c, const float *plane, struct place at, float *v, size_t stride, float *below)                       \
    {                                                                                                                                                \
        enter(sees, points, move, input_line, c, plane, at, v, stride, below);                                                                       \
    }                                                                                                                                                \
    static void leave_##name(const struct ends *c, const float *m, size_t stride, const float *bias, bool positive, struct place at, float *plane)   \
    {                                                                                                                                                \
        leave(points, makes, output_line, c, m, stride, bias, positive, at, plane);                                                                  \
    }
TILING(of_4, filter_line_of_4, input_line_of_4, output_line_of_4, 6, 6, 4, 4)
TILING(of_2, filter_line_of_2, input_line_of_2, output_line_of_2, 4, 4, 2, 2)
TILING(apart, filter_line_apart, input_line_apart, output_line_apart, 5, 5, 2, 4)
TILING(between, filter_line_apart, input_line_between, output_line_between, 5, 3, 4, 2)

#define TRANSFORMS(name) .filter = filter_##name, .enter = enter_##name, .leave = leave_##name
static const struct tiling tilings[] = {
    {.stride = 1, .forward = true, .back = true, .step = 4, .points = 36, TRANSFORMS(of_4)},
    {.stride = 1, .forward = true, .back = true, .step = 2, .points = 16, .turned = turned_of_2, TRANSFORMS(of_2)},
    {.stride = 2, .forward = true, .step = 2, .points = 25, TRANSFORMS(apart)},
    {.stride = 2, .back = true, .step = 4, .points = 25, TRANSFORMS(between)},
};

#endif
