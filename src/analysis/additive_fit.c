/* Fitting an additive model: where its points lie, the normal equations, and what is made of their solution. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>

#include "analysis/additive.h"
#include "analysis/background.h"
#include "base/error.h"
#include "base/size.h"

enum { CHUNK = 256, ORDER = 4, POINTS_A_COEFFICIENT = 10, LEAST_POINTS = 5000 };

struct fit {
    const struct ocelot_plan *plan;
    const struct ocelot_additive_settings *settings;
    struct ocelot_additive *additive;
    gsl_bspline_workspace *basis;
    gsl_rng *rng;
    double *urn; /* of the background rows */
    struct ocelot_workspace *workspace;
    gsl_matrix *normal;     /* of the coefficients of all features, those without a term included */
    gsl_matrix *right;      /* [outputs][coefficients] */
    double *points, *value; /* [CHUNK][features], [CHUNK][outputs] */
    double *base;           /* [outputs]: what is taken off f, its value on the first background row */
    double *spline;         /* [features][CHUNK][ORDER], of the points at hand, and */
    size_t *first;          /* [features][CHUNK] which of the feature's coefficients the first belongs to */
    size_t used;            /* points whose outputs are finite */
};

static struct ocelot_additive *make(size_t features, size_t outputs, size_t terms)
{
    size_t curves, total;
    struct ocelot_additive *a = ocelot_allocate(1, sizeof *a);
    if (!a || !ocelot_size_multiply(features, outputs, &curves) || !ocelot_size_multiply(curves, terms, &total)) {
        free(a);
        return NULL;
    }
    a->features = features;
    a->outputs = outputs;
    a->terms = terms;
    a->low = ocelot_allocate(features, sizeof *a->low);
    a->width = ocelot_allocate(features, sizeof *a->width);
    a->coefficients = ocelot_allocate(total, sizeof *a->coefficients);
    a->center = ocelot_allocate(curves, sizeof *a->center);
    a->intercept = ocelot_allocate(outputs, sizeof *a->intercept);
    if (a->low && a->width && a->coefficients && a->center && a->intercept)
        return a;
    ocelot_additive_free(a);
    return NULL;
}

/* The value below which `share` of the weight lies. */
static double quantile(const struct ocelot_background *background, const size_t *order, size_t i, size_t d, double share)
{
    double sum = 0;
    for (size_t r = 0; r < background->count; r++) {
        sum += background->weights[order[r]];
        if (sum >= share)
            return background->rows[order[r] * d + i];
    }
    return background->rows[order[background->count - 1] * d + i];
}

/* Where the knots of every feature are. One that is constant gets three units of the model's own scaling at either side. */
static enum ocelot_status set_ranges(const struct fit *fit, size_t *order, struct ocelot_error *err)
{
    const double tail = 0.01, units = 3;
    struct ocelot_background background = ocelot_view_background(fit->plan);
    size_t d = fit->additive->features;
    for (size_t i = 0; i < d; i++) {
        gsl_sort_index(order, background.rows + i, d, background.count);
        double low = quantile(&background, order, i, d, tail), high = quantile(&background, order, i, d, 1 - tail);
        double margin = fit->settings->widen * (high - low);
        if (!(high > low)) {
            double factor = fabs(ocelot_model_feature(ocelot_view_model(fit->plan), i).factor);
            margin = factor > 0 ? units / factor : 0;
        }
        fit->additive->low[i] = low - margin;
        fit->additive->width[i] = high - low + 2 * margin;
        if (!isfinite(fit->additive->low[i]) || !isfinite(fit->additive->width[i]))
            return ocelot_fail(err, OCELOT_E_VALUE, "fitted-additive: background rows from %g to %g of feature %s are too far apart", low, high,
                               ocelot_model_feature(ocelot_view_model(fit->plan), i).name);
    }
    return OCELOT_OK;
}

static enum ocelot_status prepare(struct fit *fit, struct ocelot_error *err)
{
    struct ocelot_additive *a = fit->additive;
    size_t unknowns = a->features * a->terms;
    struct ocelot_background background = ocelot_view_background(fit->plan);
    size_t *order = ocelot_allocate(background.count, sizeof *order);
    fit->basis = ocelot_additive_basis(fit->settings->pieces);
    fit->rng = gsl_rng_alloc(gsl_rng_mt19937);
    fit->urn = ocelot_background_urn(fit->plan);
    fit->normal = gsl_matrix_calloc(unknowns, unknowns);
    fit->right = gsl_matrix_calloc(a->outputs, unknowns);
    fit->points = ocelot_allocate(a->features, CHUNK * sizeof *fit->points);
    fit->value = ocelot_allocate(a->outputs, CHUNK * sizeof *fit->value);
    fit->base = ocelot_allocate(a->outputs, sizeof *fit->base);
    fit->spline = ocelot_allocate(a->features, CHUNK * sizeof(double[ORDER]));
    fit->first = ocelot_allocate(a->features, CHUNK * sizeof *fit->first);
    bool complete = order && fit->basis && fit->rng && fit->urn && fit->normal && fit->right && fit->points && fit->value && fit->base &&
                    fit->spline && fit->first;
    enum ocelot_status status = complete ? set_ranges(fit, order, err) : ocelot_fail_memory(err, "the additive fit");
    free(order);
    if (status != OCELOT_OK)
        return status;
    gsl_rng_set(fit->rng, fit->settings->seed);
    return ocelot_workspace_create(fit->plan, &fit->workspace, err);
}

static void release(struct fit *fit)
{
    gsl_bspline_free(fit->basis);
    gsl_rng_free(fit->rng);
    free(fit->urn);
    ocelot_workspace_free(fit->workspace);
    gsl_matrix_free(fit->normal);
    gsl_matrix_free(fit->right);
    free(fit->points);
    free(fit->value);
    free(fit->base);
    free(fit->spline);
    free(fit->first);
}

/* A background row in which about two features are out of place. */
static void draw(const struct fit *fit, double *point)
{
    const struct ocelot_additive *a = fit->additive;
    double chance = fmin(0.5, 2 / (double)a->features);
    struct ocelot_background background = ocelot_view_background(fit->plan);
    size_t row = ocelot_background_draw(fit->urn, background.count, gsl_rng_uniform(fit->rng));
    memcpy(point, background.rows + row * a->features, a->features * sizeof *point);
    for (size_t i = 0; i < a->features; i++)
        if (gsl_rng_uniform(fit->rng) < chance)
            point[i] = a->low[i] + a->width[i] * gsl_rng_uniform(fit->rng);
}

/* The splines of every feature at one point, which becomes point n of the chunk; false where the model has no number there. */
static bool take(struct fit *fit, const double *point, const double *value, size_t n)
{
    const struct ocelot_additive *a = fit->additive;
    for (size_t k = 0; k < a->outputs; k++)
        if (!isfinite(value[k]))
            return false;
    for (size_t i = 0; i < a->features; i++) {
        double *spline = fit->spline + (i * CHUNK + n) * ORDER, t = a->width[i] > 0 ? (point[i] - a->low[i]) / a->width[i] : 0;
        size_t first = fit->first[i * CHUNK + n] = ocelot_additive_splines(fit->basis, t, spline);
        for (size_t k = 0; k < a->outputs; k++)
            for (size_t m = 0; m < ORDER; m++)
                *gsl_matrix_ptr(fit->right, k, i * a->terms + first + m) += spline[m] * (value[k] - fit->base[k]);
    }
    return true;
}

/* Adds the products of the splines of features i and j over the chunk: one block of the normal equations, which stays in the cache meanwhile. */
static void multiply(struct fit *fit, size_t i, size_t j, size_t count)
{
    size_t terms = fit->additive->terms;
    for (size_t n = 0; n < count; n++) {
        const double *left = fit->spline + (i * CHUNK + n) * ORDER, *right = fit->spline + (j * CHUNK + n) * ORDER;
        double *corner = gsl_matrix_ptr(fit->normal, i * terms + fit->first[i * CHUNK + n], j * terms + fit->first[j * CHUNK + n]);
        for (size_t k = 0; k < ORDER; k++)
            for (size_t m = 0; m < ORDER; m++)
                corner[k * fit->normal->tda + m] += left[k] * right[m];
    }
}

/* Adds `count` points to the normal equations; below the diagonal is enough. */
static void add(struct fit *fit, size_t count)
{
    const struct ocelot_additive *a = fit->additive;
    size_t good = 0;
    for (size_t n = 0; n < count; n++)
        good += take(fit, fit->points + n * a->features, fit->value + n * a->outputs, good);
    for (size_t i = 0; i < a->features; i++)
        for (size_t j = 0; j <= i; j++)
            multiply(fit, i, j, good);
    fit->used += good;
}

static enum ocelot_status gather(struct fit *fit, struct ocelot_error *err)
{
    const struct ocelot_additive *a = fit->additive;
    size_t wanted = fit->settings->samples, automatic = POINTS_A_COEFFICIENT * a->features * a->terms;
    wanted = wanted ? wanted : automatic > LEAST_POINTS ? automatic : LEAST_POINTS;
    enum ocelot_status status = ocelot_outputs(fit->plan, fit->workspace, ocelot_view_background(fit->plan).rows, 1, fit->base, err);
    for (size_t k = 0; k < a->outputs; k++)
        fit->base[k] = isfinite(fit->base[k]) ? fit->base[k] : 0;
    for (size_t start = 0, count; start < wanted && status == OCELOT_OK; start += count) {
        count = wanted - start < CHUNK ? wanted - start : CHUNK;
        for (size_t n = 0; n < count; n++)
            draw(fit, fit->points + n * a->features);
        status = ocelot_outputs(fit->plan, fit->workspace, fit->points, count, fit->value, err);
        if (status == OCELOT_OK)
            add(fit, count);
    }
    return status;
}

/* Adds the price of curvature, and a ridge that settles what the points do not: constants may wander between features. */
static void penalise(struct fit *fit)
{
    const double ridge = 1e-9;
    size_t terms = fit->additive->terms;
    double price = fit->settings->smoothing * (double)fit->used / (double)terms, piece = 1 / (double)fit->settings->pieces;
    for (size_t n = 0; n < fit->normal->size1; n++)
        *gsl_matrix_ptr(fit->normal, n, n) += ridge * (double)fit->used;
    for (size_t i = 0; i < fit->additive->features; i++)
        for (size_t n = 0; n + 2 < terms; n++) {
            size_t at = i * terms + n;
            double before = piece / (gsl_bspline_greville_abscissa(n + 1, fit->basis) - gsl_bspline_greville_abscissa(n, fit->basis));
            double after = piece / (gsl_bspline_greville_abscissa(n + 2, fit->basis) - gsl_bspline_greville_abscissa(n + 1, fit->basis));
            double row[] = {before, -before - after, after};
            for (size_t k = 0; k < 3; k++)
                for (size_t l = 0; l <= k; l++)
                    *gsl_matrix_ptr(fit->normal, at + k, at + l) += price * row[k] * row[l];
        }
}

/* Takes the mean over the background rows out of every term. */
static void center(struct fit *fit)
{
    struct ocelot_additive *a = fit->additive;
    struct ocelot_background background = ocelot_view_background(fit->plan);
    for (size_t k = 0; k < a->outputs; k++) {
        a->intercept[k] = fit->base[k];
        for (size_t i = 0; i < a->features; i++) {
            double mean = 0;
            for (size_t r = 0; r < background.count; r++)
                mean += background.weights[r] * ocelot_additive_term(a, fit->basis, k, i, background.rows[r * a->features + i]);
            a->center[k * a->features + i] = mean;
            a->intercept[k] += mean;
        }
    }
}

static enum ocelot_status solve(struct fit *fit, struct ocelot_error *err)
{
    struct ocelot_additive *a = fit->additive;
    penalise(fit);
    for (size_t n = 0; n < fit->normal->size1; n++) /* GSL reads the lower half of it, and keeps the upper */
        for (size_t m = 0; m < n; m++)
            gsl_matrix_set(fit->normal, m, n, gsl_matrix_get(fit->normal, n, m));
    if (fit->used == 0 || gsl_linalg_cholesky_decomp1(fit->normal))
        return ocelot_fail(err, OCELOT_E_VALUE, "fitted-additive: the model has too few finite outputs around the background rows");
    for (size_t k = 0; k < a->outputs; k++) {
        gsl_vector_view right = gsl_matrix_row(fit->right, k);
        gsl_linalg_cholesky_svx(fit->normal, &right.vector);
        memcpy(a->coefficients + k * a->features * a->terms, right.vector.data, a->features * a->terms * sizeof *a->coefficients);
    }
    center(fit);
    return OCELOT_OK;
}

enum ocelot_status ocelot_additive_fit(const struct ocelot_plan *plan, const struct ocelot_additive_settings *settings, struct ocelot_additive **out,
                                       struct ocelot_error *err)
{
    struct fit fit = {.plan = plan, .settings = settings};
    fit.additive = make(ocelot_background_features(plan), ocelot_background_targets(plan), settings->pieces + ORDER - 1);
    enum ocelot_status status = fit.additive ? prepare(&fit, err) : ocelot_fail_memory(err, "the additive fit");
    if (status == OCELOT_OK)
        status = gather(&fit, err);
    if (status == OCELOT_OK)
        status = solve(&fit, err);
    release(&fit);
    if (status != OCELOT_OK) {
        ocelot_additive_free(fit.additive);
        fit.additive = NULL;
    }
    *out = fit.additive;
    return status;
}
