#include "analysis/mask.h"

#include <math.h>
#include <string.h>

/* Where pixel `at` of `pixels` falls between the nodes of a grid of `nodes`: the node before it, and the weight of the one after. */
static size_t between(size_t at, size_t pixels, size_t nodes, double *after)
{
    if (nodes < 2 || pixels < 2) {
        *after = 0;
        return 0;
    }
    double place = (double)at * (double)(nodes - 1) / (double)(pixels - 1);
    size_t node = (size_t)place < nodes - 2 ? (size_t)place : nodes - 2;
    *after = place - (double)node;
    return node;
}

/* The four nodes around a pixel, and their weights; a grid of one node in a direction has it twice, the second time with weight 0. */
static void corners(const struct ocelot_mask *mask, size_t row, size_t column, size_t node[4], double weight[4])
{
    double down, right;
    size_t top = between(row, mask->height, mask->rows, &down), left = between(column, mask->width, mask->columns, &right);
    size_t below = top + 1 < mask->rows ? top + 1 : top, beside = left + 1 < mask->columns ? left + 1 : left;
    node[0] = top * mask->columns + left;
    node[1] = top * mask->columns + beside;
    node[2] = below * mask->columns + left;
    node[3] = below * mask->columns + beside;
    weight[0] = (1 - down) * (1 - right);
    weight[1] = (1 - down) * right;
    weight[2] = down * (1 - right);
    weight[3] = down * right;
}

void ocelot_mask_spread(const struct ocelot_mask *mask, const double *cells, double *out)
{
    size_t area = mask->height * mask->width, node[4];
    double weight[4];
    for (size_t i = 0; mask->of && i < mask->features; i++)
        out[i] = cells[mask->of[i]];
    for (size_t p = 0; !mask->of && p < area; p++) {
        corners(mask, p / mask->width, p % mask->width, node, weight);
        double value = 0;
        for (size_t k = 0; k < 4; k++)
            value += weight[k] * cells[node[k]];
        value = fmin(1, fmax(0, value)); /* the weights sum to 1 but for rounding */
        for (size_t c = 0; c < mask->channels; c++)
            out[c * area + p] = value;
    }
}

void ocelot_mask_gather(const struct ocelot_mask *mask, const double *features, double *out)
{
    size_t area = mask->height * mask->width, node[4];
    double weight[4];
    memset(out, 0, mask->cells * sizeof *out);
    for (size_t i = 0; mask->of && i < mask->features; i++)
        out[mask->of[i]] += features[i];
    for (size_t p = 0; !mask->of && p < area; p++) {
        double sum = 0;
        for (size_t c = 0; c < mask->channels; c++)
            sum += features[c * area + p];
        corners(mask, p / mask->width, p % mask->width, node, weight);
        for (size_t k = 0; k < 4; k++)
            out[node[k]] += weight[k] * sum;
    }
}

/* One pair of neighbours. */
static double vary(const double *cells, size_t a, size_t b, double weight, double *gradient)
{
    double difference = cells[a] - cells[b], slope = 3 * weight * difference * fabs(difference);
    gradient[a] += slope;
    gradient[b] -= slope;
    return fabs(difference * difference * difference);
}

double ocelot_mask_variation(const struct ocelot_mask *mask, const double *cells, double weight, double *gradient)
{
    double sum = 0, count = (double)mask->cells;
    if (mask->of)
        return 0;
    for (size_t n = 0; n < mask->cells; n++) {
        if (n % mask->columns + 1 < mask->columns)
            sum += vary(cells, n, n + 1, weight / count, gradient);
        if (n + mask->columns < mask->cells)
            sum += vary(cells, n, n + mask->columns, weight / count, gradient);
    }
    return sum / count;
}

/* Along one direction of one channel: `lines` lines of `length` pixels that are `step` apart. */
static void blur_lines(const double *in, size_t lines, size_t line_step, size_t length, size_t step, double sigma, double *out)
{
    size_t reach = (size_t)ceil(3 * sigma);
    for (size_t n = 0; n < lines; n++)
        for (size_t at = 0; at < length; at++) {
            size_t first = at > reach ? at - reach : 0, last = at + reach < length ? at + reach : length - 1;
            double sum = 0, total = 0;
            for (size_t k = first; k <= last; k++) {
                double distance = ((double)k - (double)at) / sigma, weight = exp(-0.5 * distance * distance);
                sum += weight * in[n * line_step + k * step];
                total += weight;
            }
            out[n * line_step + at * step] = sum / total;
        }
}

void ocelot_mask_blur(const struct ocelot_mask *mask, const double *image, double sigma, double *column, double *out)
{
    size_t area = mask->height * mask->width;
    for (size_t c = 0; c < mask->channels; c++) {
        blur_lines(image + c * area, mask->width, 1, mask->height, mask->width, sigma, column);
        blur_lines(column, mask->height, mask->width, mask->width, 1, sigma, out + c * area);
    }
}
