/* The kinds of planted anomalies. */
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdbool.h>

#include "analysis/plant.h"
#include "base/error.h"

/* Correlations are learnt from so many rows: enough to tell .5 from 0, and little work for wide tables. */
enum { LEARNT_ROWS = 2000, NEIGHBOURS = 10 };

/* What makes two features correlated, and the least part of a subspace's direction that counts as a change. */
static const double correlated = 0.5, least_part = 0.1;

size_t ocelot_plant_below(struct ocelot_planter *planter, size_t bound)
{
    return (size_t)(gsl_rng_uniform(planter->rng) * (double)bound);
}

static double sign(struct ocelot_planter *planter, double value)
{
    return value > 0 ? 1 : value < 0 ? -1 : gsl_rng_uniform(planter->rng) < 0.5 ? -1 : 1;
}

static double value_at(const struct ocelot_planter *planter, size_t row, size_t feature)
{
    return planter->rows[row * planter->features + feature];
}

static double standardised(const struct ocelot_planter *planter, size_t row, size_t feature)
{
    return (value_at(planter, row, feature) - planter->mean[feature]) / planter->deviation[feature];
}

/* --- choosing features ----------------------------------------------------------------------------------------------------------- */

/* Moves a random candidate to place `place`, among those from there on. */
static size_t draw(struct ocelot_planter *planter, size_t place)
{
    size_t other = place + ocelot_plant_below(planter, planter->candidate_count - place), feature = planter->candidates[other];
    planter->candidates[other] = planter->candidates[place];
    planter->candidates[place] = feature;
    return feature;
}

static enum ocelot_status choose_any(struct ocelot_planter *planter, size_t count, struct ocelot_error *err)
{
    (void)err;
    for (size_t k = 0; k < count; k++) {
        planter->chosen[k] = draw(planter, k);
        planter->sense[k] = sign(planter, 0);
    }
    planter->chosen_count = count;
    return OCELOT_OK;
}

static double correlation(const struct ocelot_planter *planter, size_t i, size_t j)
{
    size_t step = planter->count / LEARNT_ROWS + 1, n = 0;
    double sum = 0, left = 0, right = 0;
    for (size_t r = 0; r < planter->count; r += step, n++) {
        double a = standardised(planter, r, i), b = standardised(planter, r, j);
        sum += a * b;
        left += a * a;
        right += b * b;
    }
    return left > 0 && right > 0 ? sum / sqrt(left * right) : 0;
}

/* Fills `correlation` and says whether any is large. */
static bool is_correlated(struct ocelot_planter *planter, size_t feature)
{
    bool any = false;
    for (size_t k = 0; k < planter->candidate_count; k++) {
        size_t other = planter->candidates[k];
        planter->correlation[other] = other == feature ? 0 : correlation(planter, feature, other);
        any = any || fabs(planter->correlation[other]) >= correlated;
    }
    planter->known[feature] = any ? 2 : 1;
    return any;
}

/* A correlation can be broken only where there is one: features that have none are taken when no others are left. */
static enum ocelot_status choose_correlated(struct ocelot_planter *planter, size_t count, struct ocelot_error *err)
{
    (void)err;
    for (size_t k = 0; k < count; k++) {
        for (size_t end = planter->candidate_count; end > k; end--) {
            size_t place = k + ocelot_plant_below(planter, end - k), feature = planter->candidates[place];
            planter->candidates[place] = planter->candidates[end - 1];
            planter->candidates[end - 1] = feature;
            if (planter->known[feature] ? planter->known[feature] == 2 : is_correlated(planter, feature)) {
                planter->candidates[end - 1] = planter->candidates[k];
                planter->candidates[k] = feature;
                break;
            }
        }
        planter->chosen[k] = planter->candidates[k];
    }
    planter->chosen_count = count;
    return OCELOT_OK;
}

/* Direction of least variance of the chosen features, standardised; *variance along it. */
static enum ocelot_status least_direction(struct ocelot_planter *planter, double *variance, struct ocelot_error *err)
{
    size_t n = planter->chosen_count;
    gsl_matrix *matrix = gsl_matrix_alloc(n, n), *vectors = gsl_matrix_alloc(n, n);
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_eigen_symmv_workspace *workspace = gsl_eigen_symmv_alloc(n);
    enum ocelot_status status = OCELOT_OK;
    if (!matrix || !vectors || !values || !workspace) {
        status = ocelot_fail_memory(err, "a correlated subspace");
        goto done;
    }
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            gsl_matrix_set(matrix, a, b, a == b ? 1 : correlation(planter, planter->chosen[a], planter->chosen[b]));
    if (gsl_eigen_symmv(matrix, values, vectors, workspace)) {
        status = ocelot_fail(err, OCELOT_E_VALUE, "the correlations of a subspace have no eigenvectors");
        goto done;
    }
    size_t least = gsl_vector_min_index(values);
    *variance = gsl_vector_get(values, least);
    for (size_t k = 0; k < n; k++)
        planter->direction[k] = gsl_matrix_get(vectors, k, least);
done:
    gsl_eigen_symmv_free(workspace);
    gsl_vector_free(values);
    gsl_matrix_free(vectors);
    gsl_matrix_free(matrix);
    return status;
}

/* A feature and those that are most correlated with it; then their direction, without the features that have hardly a part in it. */
static enum ocelot_status choose_subspace(struct ocelot_planter *planter, size_t count, struct ocelot_error *err)
{
    enum ocelot_status status = choose_correlated(planter, 1, err);
    double variance = 0, length = 0;
    size_t kept = 0;
    is_correlated(planter, planter->chosen[0]);
    for (size_t k = 1; k < count; k++) {
        size_t best = k;
        for (size_t c = k; c < planter->candidate_count; c++)
            if (fabs(planter->correlation[planter->candidates[c]]) > fabs(planter->correlation[planter->candidates[best]]))
                best = c;
        planter->chosen[k] = planter->candidates[best];
        planter->candidates[best] = planter->candidates[k];
        planter->candidates[k] = planter->chosen[k];
    }
    planter->chosen_count = count;
    status = status ? status : least_direction(planter, &variance, err);
    for (size_t k = 0; k < count && !status; k++)
        if (fabs(planter->direction[k]) >= least_part) {
            planter->chosen[kept] = planter->chosen[k];
            planter->direction[kept] = planter->direction[k];
            length += planter->direction[k] * planter->direction[k];
            kept++;
        }
    planter->chosen_count = kept;
    for (size_t k = 0; k < kept; k++) /* features that copy each other have no variance at all there */
        planter->direction[k] *= sqrt(fmax(variance, 1e-4) / length);
    return status;
}

/* --- changing rows --------------------------------------------------------------------------------------------------------------- */

static void shift(struct ocelot_planter *planter, size_t row, double *out)
{
    (void)row;
    double each = planter->strength / sqrt((double)planter->chosen_count);
    for (size_t k = 0; k < planter->chosen_count; k++) {
        size_t i = planter->chosen[k];
        out[i] += planter->sense[k] * each * planter->deviation[i];
    }
}

/* The next row after a random one that differs from `row` in features chosen[from..to). Feature by feature there always is one. */
static size_t find_donor(struct ocelot_planter *planter, size_t row, size_t from, size_t to)
{
    size_t start = ocelot_plant_below(planter, planter->count);
    for (size_t n = 0; n < planter->count; n++) {
        size_t donor = (start + n) % planter->count;
        bool differs = true;
        for (size_t k = from; k < to && differs; k++)
            differs = value_at(planter, donor, planter->chosen[k]) != value_at(planter, row, planter->chosen[k]);
        if (differs)
            return donor;
    }
    return row;
}

static void replace(struct ocelot_planter *planter, size_t row, double *out)
{
    size_t donor = find_donor(planter, row, 0, planter->chosen_count);
    for (size_t k = 0; k < planter->chosen_count; k++) {
        size_t other = donor != row ? donor : find_donor(planter, row, k, k + 1);
        out[planter->chosen[k]] = value_at(planter, other, planter->chosen[k]);
    }
}

/* Further to the side on which the row lies already. */
static void along_direction(struct ocelot_planter *planter, size_t row, double *out)
{
    double along = 0;
    for (size_t k = 0; k < planter->chosen_count; k++)
        along += planter->direction[k] * standardised(planter, row, planter->chosen[k]);
    double far = sign(planter, along) * planter->strength;
    for (size_t k = 0; k < planter->chosen_count; k++) {
        size_t i = planter->chosen[k];
        out[i] += far * planter->direction[k] * planter->deviation[i];
    }
}

static double squared_distance(const struct ocelot_planter *planter, size_t a, size_t b)
{
    double sum = 0;
    for (size_t k = 0; k < planter->candidate_count; k++) {
        double difference = standardised(planter, a, planter->candidates[k]) - standardised(planter, b, planter->candidates[k]);
        sum += difference * difference;
    }
    return sum;
}

/* The nearest of the others, which then counts as infinitely far. */
static size_t take_nearest(struct ocelot_planter *planter)
{
    size_t nearest = 0;
    for (size_t r = 1; r < planter->count; r++)
        if (planter->distance[r] < planter->distance[nearest])
            nearest = r;
    planter->distance[nearest] = (double)INFINITY;
    return nearest;
}

/* In units of the spread among the nearest rows, away from their mean. Where these do not differ, a hundredth of the table's spread. */
static void off_neighbours(struct ocelot_planter *planter, size_t row, double *out)
{
    size_t near[NEIGHBOURS], n = planter->count - 1 < NEIGHBOURS ? planter->count - 1 : NEIGHBOURS;
    for (size_t r = 0; r < planter->count; r++)
        planter->distance[r] = r == row ? (double)INFINITY : squared_distance(planter, row, r);
    for (size_t k = 0; k < n; k++)
        near[k] = take_nearest(planter);
    for (size_t k = 0; k < planter->chosen_count; k++) {
        size_t i = planter->chosen[k];
        double mean = 0, squares = 0;
        for (size_t m = 0; m < n; m++)
            mean += value_at(planter, near[m], i) / (double)n;
        for (size_t m = 0; m < n; m++)
            squares += (value_at(planter, near[m], i) - mean) * (value_at(planter, near[m], i) - mean);
        double spread = fmax(sqrt(squares / (double)n), planter->deviation[i] / 100);
        out[i] += sign(planter, value_at(planter, row, i) - mean) * planter->strength * spread;
    }
}

const struct ocelot_plant_way ocelot_plant_ways[] = {
    {{"shift", "one feature moves by `strength` standard deviations, up or down", 1, 1, "1", 5}, choose_any, shift},
    {{"several", "several features move, by `strength` standard deviations together", 2, (size_t)-1, "2..4", 5}, choose_any, shift},
    {{"correlation", "features get another row's values: correlations break, every column's range stays", 1, (size_t)-1, "1..2", 0},
     choose_correlated,
     replace},
    {{"subspace", "correlated features move where they vary least together, by `strength` standard deviations of that", 2, OCELOT_PLANT_SUBSPACE,
      "2..3", 6},
     choose_subspace,
     along_direction},
    {{"density", "features move off the row's nearest neighbours, by `strength` of their standard deviations", 1, (size_t)-1, "1..2", 6},
     choose_any,
     off_neighbours},
    {{.name = NULL}, NULL, NULL},
};
