#include "support/textbook.h"

#include <math.h>

/* Where tap (v, u) of the window at output (y, x) lies, counted from the first real input: negative, or beyond, in the padding. */
struct place {
    long long row, column;
    bool real;   /* inside the input */
    bool padded; /* inside the input with its padding */
};

static struct place place(struct textbook_image in, const struct ocelot_window *w, size_t y, size_t x, size_t v, size_t u)
{
    long long height = (long long)in.height, width = (long long)in.width;
    struct place p = {.row = (long long)(y * w->stride[0] + v * w->dilation[0]) - (long long)w->pad_begin[0],
                      .column = (long long)(x * w->stride[1] + u * w->dilation[1]) - (long long)w->pad_begin[1]};
    p.real = p.row >= 0 && p.column >= 0 && p.row < height && p.column < width;
    p.padded = p.row < height + (long long)w->pad_end[0] && p.column < width + (long long)w->pad_end[1];
    return p;
}

static double value(struct textbook_image in, size_t c, struct place p)
{
    return in.values[(c * in.height + (size_t)p.row) * in.width + (size_t)p.column];
}

void textbook_conv(struct textbook_image in, const double *weights, const double *bias, size_t outputs, size_t groups,
                   const struct ocelot_window *window, size_t rows, size_t columns, double *out)
{
    size_t each = in.channels / groups;
    for (size_t o = 0; o < outputs; o++)
        for (size_t y = 0; y < rows; y++)
            for (size_t x = 0; x < columns; x++) {
                double sum = bias ? bias[o] : 0;
                size_t group = o / (outputs / groups);
                for (size_t i = 0; i < each; i++)
                    for (size_t v = 0; v < window->kernel[0]; v++)
                        for (size_t u = 0; u < window->kernel[1]; u++) {
                            struct place p = place(in, window, y, x, v, u);
                            double weight = weights[((o * each + i) * window->kernel[0] + v) * window->kernel[1] + u];
                            sum += p.real ? weight * value(in, group * each + i, p) : 0;
                        }
                out[(o * rows + y) * columns + x] = sum;
            }
}

/* One window of one channel, summed up. */
struct seen {
    double largest, sum, powers;
    size_t real, padded;
};

static struct seen look(struct textbook_image in, const struct ocelot_window *w, double power, size_t c, size_t y, size_t x)
{
    struct seen seen = {.largest = -INFINITY};
    for (size_t v = 0; v < w->kernel[0]; v++)
        for (size_t u = 0; u < w->kernel[1]; u++) {
            struct place p = place(in, w, y, x, v, u);
            seen.padded += p.padded;
            if (!p.real)
                continue;
            double a = value(in, c, p);
            seen.real++;
            seen.largest = a > seen.largest ? a : seen.largest;
            seen.sum += a;
            seen.powers += pow(fabs(a), power);
        }
    return seen;
}

void textbook_max_pool(struct textbook_image in, const struct ocelot_window *window, size_t rows, size_t columns, double *out)
{
    for (size_t c = 0; c < in.channels; c++)
        for (size_t y = 0; y < rows; y++)
            for (size_t x = 0; x < columns; x++)
                out[(c * rows + y) * columns + x] = look(in, window, 1, c, y, x).largest;
}

void textbook_average_pool(struct textbook_image in, const struct ocelot_window *window, bool count_padding, size_t rows, size_t columns, double *out)
{
    for (size_t c = 0; c < in.channels; c++)
        for (size_t y = 0; y < rows; y++)
            for (size_t x = 0; x < columns; x++) {
                struct seen seen = look(in, window, 1, c, y, x);
                out[(c * rows + y) * columns + x] = seen.sum / (double)(count_padding ? seen.padded : seen.real);
            }
}

void textbook_power_pool(struct textbook_image in, const struct ocelot_window *window, double power, size_t rows, size_t columns, double *out)
{
    for (size_t c = 0; c < in.channels; c++)
        for (size_t y = 0; y < rows; y++)
            for (size_t x = 0; x < columns; x++)
                out[(c * rows + y) * columns + x] = pow(look(in, window, power, c, y, x).powers, 1 / power);
}

void textbook_channel(struct textbook_image in, const double *weights, const double *bias, double *out)
{
    size_t plane = in.height * in.width;
    for (size_t n = 0; n < in.channels * plane; n++)
        out[n] = in.values[n] * weights[n / plane] + (bias ? bias[n / plane] : 0);
}

/* ONNX: from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2), both included */
void textbook_lrn(struct textbook_image in, size_t size, double alpha, double beta, double bias, double *out)
{
    long long below = (long long)floor((double)(size - 1) / 2), above = (long long)ceil((double)(size - 1) / 2);
    size_t plane = in.height * in.width;
    for (size_t n = 0; n < in.channels * plane; n++) {
        double sum = 0;
        long long c = (long long)(n / plane);
        for (long long i = c - below; i <= c + above; i++)
            if (i >= 0 && i < (long long)in.channels)
                sum += pow(in.values[(size_t)i * plane + n % plane], 2);
        out[n] = in.values[n] / pow(bias + alpha / (double)size * sum, beta);
    }
}

void textbook_arrange(const double *joined, const uint32_t *map, size_t count, double constant, double *out)
{
    for (size_t n = 0; n < count; n++)
        out[n] = !map ? joined[n] : map[n] == OCELOT_ARRANGE_CONSTANT ? constant : joined[map[n]];
}

void textbook_softmax(const double *in, size_t n, bool logarithm, double *out)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += exp(in[k]);
    for (size_t k = 0; k < n; k++)
        out[k] = logarithm ? log(exp(in[k]) / sum) : exp(in[k]) / sum;
}

void textbook_normalise(const double *in, size_t n, int norm, double *out)
{
    double size = 0;
    for (size_t k = 0; k < n; k++)
        size = norm == 0 ? fmax(size, fabs(in[k])) : size + pow(fabs(in[k]), norm);
    size = norm == 2 ? sqrt(size) : size;
    for (size_t k = 0; k < n; k++)
        out[k] = size > 0 ? in[k] / size : in[k];
}

double textbook_leaky_relu(double in, double slope)
{
    return fmax(in, 0) + slope * fmin(in, 0);
}

double textbook_clip(double in, double low, double high)
{
    return fmin(fmax(in, low), high);
}
