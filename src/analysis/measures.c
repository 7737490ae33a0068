/* Measures of explanations that need no model. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "ocelot/evaluate.h"

static const struct ocelot_measure table[OCELOT_MEASURE_COUNT] = {
    [OCELOT_MEASURE_CONSERVATION] = {"conservation", "conserv.", "|sum R - f| / |f|", -1},
    [OCELOT_MEASURE_COUNTED] = {"conservation_counted", "counted", "the same with what the ledger sets aside counted", -1},
    [OCELOT_MEASURE_POSITIVITY] = {"positivity", "negative", "negative share of the relevance, sum (-R)+ / sum |R|", -1},
    [OCELOT_MEASURE_CONTINUITY] = {"continuity", "contin.",
                                   "steepest change of relevance along a path, times the path's length, over the mean of sum |R|", -1},
    [OCELOT_MEASURE_JUMP] = {"jump", "jump", "steepest change over steps of one against steps of two: 1 = smooth, 2 = relevance jumps", -1},
    [OCELOT_MEASURE_STEEPNESS] = {"steepness", "steepness", "continuity over that of f handed out in proportion to |x_i - replacement_i|", -1},
    [OCELOT_MEASURE_SELECTIVITY] = {"selectivity", "select.", "area under the curve of f while features are replaced, most relevant first", -1},
    [OCELOT_MEASURE_REVERSED] = {"selectivity_reversed", "reversed", "the same, least relevant first (control)", +1},
    [OCELOT_MEASURE_RANDOM] = {"selectivity_random", "random", "the same in random orders (control)", 0},
    [OCELOT_MEASURE_NEEDED] = {"needed", "needed", "share of the features to replace until the decision changes", -1},
    [OCELOT_MEASURE_SENSITIVITY] = {"max_sensitivity", "max-sens.", "largest change of R in a small box around the row, over the size of R", -1},
    [OCELOT_MEASURE_SPARSENESS] = {"sparseness", "Gini", "Gini coefficient of |R|", 0},
    [OCELOT_MEASURE_ENTROPY] = {"entropy", "entropy", "entropy of the shares of |R|, over log features", 0},
    [OCELOT_MEASURE_RANDOMISATION] = {"randomisation", "destroyed",
                                      "rank correlation of R / sign(sum R) with that of a model whose weights are permuted", -1},
};

const struct ocelot_measure *ocelot_measure_at(size_t k)
{
    return k < OCELOT_MEASURE_COUNT ? &table[k] : NULL;
}

static double magnitude(const double *relevance, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += fabs(relevance[i]);
    return sum;
}

double ocelot_measure_positivity(const double *relevance, size_t n)
{
    double negative = 0, all = magnitude(relevance, n);
    for (size_t i = 0; i < n; i++)
        negative += fmax(0, -relevance[i]);
    return all > 0 && isfinite(all) ? negative / all : (double)NAN;
}

double ocelot_measure_sparseness(const double *relevance, size_t n, double *room)
{
    double weighted = 0, all = magnitude(relevance, n);
    if (!(all > 0) || !isfinite(all))
        return NAN;
    for (size_t i = 0; i < n; i++)
        room[i] = fabs(relevance[i]);
    gsl_sort(room, 1, n);
    for (size_t i = 0; i < n; i++)
        weighted += (double)(i + 1) * room[i];
    return 2 * weighted / ((double)n * all) - ((double)n + 1) / (double)n;
}

double ocelot_measure_entropy(const double *relevance, size_t n)
{
    double entropy = 0, all = magnitude(relevance, n);
    if (!(all > 0) || !isfinite(all) || n < 2)
        return NAN;
    for (size_t i = 0; i < n; i++) {
        double share = fabs(relevance[i]) / all;
        entropy -= share > 0 ? share * log(share) : 0;
    }
    return entropy / log((double)n);
}

double ocelot_measure_rank_correlation(const double *a, const double *b, size_t n, double *room)
{
    double spread_a = 0, spread_b = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(a[i]) || !isfinite(b[i]))
            return NAN;
        spread_a = fmax(spread_a, fabs(a[i] - a[0]));
        spread_b = fmax(spread_b, fabs(b[i] - b[0]));
    }
    return spread_a > 0 && spread_b > 0 ? gsl_stats_spearman(a, 1, b, 1, n, room) : (double)NAN;
}

static double distance(const double *a, const double *b, size_t n)
{
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(square);
}

/* max ||R_k+step - R_k||_1 / ||x_k+step - x_k||_2 */
static double steepest(const double *path, size_t n, const double *relevance, size_t m, size_t points, size_t step)
{
    double most = 0;
    for (size_t k = 0; k + step < points; k++) {
        double change = 0, length = distance(path + k * n, path + (k + step) * n, n);
        for (size_t i = 0; i < m; i++)
            change += fabs(relevance[(k + step) * m + i] - relevance[k * m + i]);
        if (!isfinite(change))
            return NAN;
        most = length > 0 ? fmax(most, change / length) : most;
    }
    return most;
}

double ocelot_measure_continuity(const double *path, size_t n, const double *relevance, size_t m, size_t points, double *jump)
{
    double length = 0, size = points ? magnitude(relevance, points * m) / (double)points : 0;
    *jump = NAN;
    if (points < 3 || !(size > 0) || !isfinite(size))
        return NAN;
    for (size_t k = 0; k + 1 < points; k++)
        length += distance(path + k * n, path + (k + 1) * n, n);
    double single = steepest(path, n, relevance, m, points, 1), twice = steepest(path, n, relevance, m, points, 2);
    *jump = single == 0 && twice == 0 ? 1 : twice > 0 ? single / twice : (double)NAN;
    return single * length / size;
}

double ocelot_measure_area(const double *curve, size_t points)
{
    if (points < 2 || !(curve[0] > curve[points - 1]) || !isfinite(curve[0] - curve[points - 1]))
        return NAN;
    double area = 0, end = curve[points - 1], height = curve[0] - end;
    for (size_t k = 0; k + 1 < points; k++)
        area += ((curve[k] - end) / height + (curve[k + 1] - end) / height) / 2;
    return area / (double)(points - 1);
}
