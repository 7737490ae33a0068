/* Part of a fast body (body.h): dense layers in float. With few rows they are bound by reading the weights, once; every sum has one order, whatever
 * rows stand beside it.
 *   product    a tile of rows x outputs, one register each: place l of it sums the inputs l, l + WIDE, ...
 *   transpose  four outputs at a time are added to whole rows of `back`, those without a signal are left out: x + 0 = x */
#ifndef OCELOT_KERNELS_DENSE_H
#define OCELOT_KERNELS_DENSE_H

#include "kernels/winograd.h"

enum { DENSE_ROWS = 4, DENSE_OUTPUTS = 4 };

static float wide_sum(wide value)
{
    float places[WIDE], sum = 0;
    store_wide(places, value);
    for (size_t l = 0; l < WIDE; l++)
        sum += places[l];
    return sum;
}

/* out [rows][stride] at `outputs` neighbours; rows and outputs are constants after inlining. */
INLINE void dense_tile(size_t rows, size_t outputs, const float *weights, size_t inputs, const float *x, const float *bias, float *out, size_t stride)
{
    wide sum[DENSE_ROWS][DENSE_OUTPUTS];
    size_t whole = inputs - inputs % WIDE;
    for (size_t b = 0; b < rows; b++)
        for (size_t j = 0; j < outputs; j++)
            sum[b][j] = (wide){0};
    for (size_t i = 0; i < whole; i += WIDE) {
        wide w[DENSE_OUTPUTS];
        for (size_t j = 0; j < outputs; j++)
            w[j] = load_wide(weights + j * inputs + i);
        for (size_t b = 0; b < rows; b++) {
            wide value = load_wide(x + b * inputs + i);
            for (size_t j = 0; j < outputs; j++)
                sum[b][j] += value * w[j];
        }
    }
    for (size_t b = 0; b < rows; b++)
        for (size_t j = 0; j < outputs; j++) {
            float total = wide_sum(sum[b][j]);
            for (size_t i = whole; i < inputs; i++)
                total += x[b * inputs + i] * weights[j * inputs + i];
            out[b * stride + j] = total + (bias ? bias[j] : 0);
        }
}

static void dense_product(const float *weights, size_t outputs, size_t inputs, const float *x, size_t rows, const float *bias, float *out)
{
    for (size_t b = 0; b < rows;) {
        size_t count = rows - b >= DENSE_ROWS ? DENSE_ROWS : 1, j = 0;
        for (; j < outputs;) {
            size_t width = outputs - j >= DENSE_OUTPUTS ? DENSE_OUTPUTS : 1;
            const float *w = weights + j * inputs, *offset = bias ? bias + j : NULL;
            float *to = out + b * outputs + j;
            if (count == DENSE_ROWS && width == DENSE_OUTPUTS)
                dense_tile(DENSE_ROWS, DENSE_OUTPUTS, w, inputs, x + b * inputs, offset, to, outputs);
            else if (count == DENSE_ROWS)
                dense_tile(DENSE_ROWS, 1, w, inputs, x + b * inputs, offset, to, outputs);
            else if (width == DENSE_OUTPUTS)
                dense_tile(1, DENSE_OUTPUTS, w, inputs, x + b * inputs, offset, to, outputs);
            else
                dense_tile(1, 1, w, inputs, x + b * inputs, offset, to, outputs);
            j += width;
        }
        b += count;
    }
}

/* back [inputs] += sum of `count` outputs' signals times their weights. */
static void dense_spread(const float *const *weights, const float *signals, size_t count, size_t inputs, float *back)
{
    static const float none = 0;
    const float *w[DENSE_OUTPUTS];
    float s[DENSE_OUTPUTS] = {0};
    size_t whole = inputs - inputs % WIDE;
    for (size_t j = 0; j < DENSE_OUTPUTS; j++) {
        w[j] = j < count ? weights[j] : weights[0];
        s[j] = j < count ? signals[j] : none;
    }
    for (size_t i = 0; i < whole; i += WIDE) {
        wide sum = load_wide(back + i);
        for (size_t j = 0; j < DENSE_OUTPUTS; j++)
            sum += s[j] * load_wide(w[j] + i);
        store_wide(back + i, sum);
    }
    for (size_t i = whole; i < inputs; i++)
        for (size_t j = 0; j < DENSE_OUTPUTS; j++)
            back[i] += s[j] * w[j][i];
}

static bool dense_any(const float *s, size_t rows, size_t outputs)
{
    for (size_t b = 0; b < rows; b++)
        if (s[b * outputs] != 0)
            return true;
    return false;
}

static void dense_transpose(const float *weights, size_t outputs, size_t inputs, size_t columns, const float *s, size_t rows, float *back)
{
    for (size_t b = 0; b < rows; b++)
        memset(back + b * inputs, 0, columns * sizeof *back);
    for (size_t j = 0; j < outputs;) {
        size_t taken[DENSE_OUTPUTS], count = 0;
        for (; j < outputs && count < DENSE_OUTPUTS; j++)
            if (dense_any(s + j, rows, outputs))
                taken[count++] = j;
        for (size_t b = 0; count > 0 && b < rows; b++) {
            const float *w[DENSE_OUTPUTS];
            float signals[DENSE_OUTPUTS];
            for (size_t n = 0; n < count; n++) {
                w[n] = weights + taken[n] * inputs;
                signals[n] = s[b * outputs + taken[n]];
            }
            dense_spread(w, signals, count, columns, back + b * inputs);
        }
    }
}

#endif
