/* In three parts:
 *
 * A first guess. At the optimum the rows of least g = K alpha are those with alpha = 1, and a machine trained on an eighth of the rows (in the same
 * way, so that a few hundred rows are solved from nothing) says which these are, up to a few near the border, by kernel values with its support
 * vectors alone.
 *
 * The gradient, g = K alpha, once, as sums over blocks of kernel values that are never stored. The guess has the gradient of its own support vectors,
 * most of which keep their alpha.
 *
 * Rounds. Only rows near the border have a chance to change: those that violate the stopping rule most are solved among themselves (smo.h), and the
 * gradient of all rows follows those that did change. A round that does not halve the gap is followed by one of twice as many rows, so that in the
 * end it is the whole problem, whatever the data are like. */
#include "svm/solver.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/size.h"
#include "svm/smo.h"
#include "svm/violators.h"

enum {
    SMALL = 2048, /* rows that are solved at once, and of the first round */
    LEAST = 512,  /* rows that are not worth a guess */
    SHARE = 8,    /* 1 / share of the rows that are guessed from */
    CHECKED = 32, /* rows on each side whose gradient is checked */
    REPAIRS = 4   /* times that the gradient is computed anew */
};

/* What the parts share. */
struct work {
    struct ocelot_solver *s;
    struct ocelot_kernel_rows rows; /* all points */
    struct ocelot_ranked *ranked;   /* [n] */
    size_t *index;                  /* [n] */
    double *weights;                /* [n] */
    bool *taken;                    /* [n] */
    size_t most;                    /* iterations allowed */
    size_t first;                   /* rows of the first round */
    struct ocelot_rng rng;          /* of the rows of a round */
    struct ocelot_error *err;
};

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static struct ocelot_kernel_rows rows_of(const struct ocelot_solver *s, const double *points, size_t n)
{
    return (struct ocelot_kernel_rows){s->kernels, s->profile, s->parameters, points, n, s->d, .queries = s->points, .pace = s->pace};
}

static enum ocelot_status work_start(struct work *w, struct ocelot_solver *s, struct ocelot_error *err)
{
    *w = (struct work){.s = s, .first = SMALL, .err = err};
    w->rows = rows_of(s, s->points, s->n);
    ocelot_rng_seed(&w->rng, s->seed);
    w->most = s->n > 100000 ? 100 * s->n : 10000000; /* as LIBSVM */
    w->ranked = ocelot_allocate(s->n, sizeof *w->ranked);
    w->index = ocelot_allocate(s->n, sizeof *w->index);
    w->weights = ocelot_allocate(s->n, sizeof *w->weights);
    w->taken = ocelot_allocate(s->n, sizeof *w->taken);
    if (!w->ranked || !w->index || !w->weights || !w->taken)
        return ocelot_fail_memory(err, "the solver");
    return ocelot_kernel_rows_start(&w->rows, false, err);
}

static void work_release(struct work *w)
{
    ocelot_kernel_rows_release(&w->rows);
    free(w->ranked);
    free(w->index);
    free(w->weights);
    free(w->taken);
}

/* From now on, products of rows in float or in double. */
static enum ocelot_status restart(struct work *w, bool single)
{
    ocelot_kernel_rows_release(&w->rows);
    w->rows = rows_of(w->s, w->s->points, w->s->n);
    w->rows.single = single;
    return ocelot_kernel_rows_start(&w->rows, false, w->err);
}

static enum ocelot_status stopped(const struct work *w)
{
    return ocelot_fail(w->err, OCELOT_E_STOPPED, "training was stopped before its end");
}

/* A problem of some of the rows, in memory of its own. */
struct part {
    struct ocelot_solver s;
    double *points;
};

/* To be released also on failure. */
static enum ocelot_status part_start(const struct work *w, const size_t *index, size_t n, struct part *part)
{
    size_t total, d = w->s->d;
    part->points = ocelot_size_multiply(n, d, &total) ? ocelot_allocate(total, sizeof *part->points) : NULL;
    part->s = *w->s;
    part->s.iterations = 0;
    part->s.points = part->points;
    part->s.n = n;
    part->s.alpha = ocelot_allocate(n, sizeof *part->s.alpha);
    part->s.gradient = ocelot_allocate(n, sizeof *part->s.gradient);
    if (!part->points || !part->s.alpha || !part->s.gradient)
        return ocelot_fail_memory(w->err, "the solver");
    for (size_t k = 0; k < n; k++)
        memcpy(part->points + k * d, w->s->points + index[k] * d, d * sizeof *part->points);
    return OCELOT_OK;
}

static void part_release(struct part *part)
{
    free(part->points);
    free(part->s.alpha);
    free(part->s.gradient);
}

/* alpha = 1 for the first rows of `order`, the rest of the sum for the next one: LIBSVM's start where the order is that of the rows. */
static void fill(struct ocelot_solver *s, const struct ocelot_ranked *order)
{
    size_t whole = (size_t)s->total;
    memset(s->alpha, 0, s->n * sizeof *s->alpha);
    for (size_t k = 0; k < whole && k < s->n; k++)
        s->alpha[order[k].index] = 1;
    if (whole < s->n)
        s->alpha[order[whole].index] = s->total - (double)whole;
}

/* The support vectors of a machine of a random share of the rows, into w->index, w->weights and *count. */
static enum ocelot_status train_share(struct work *w, size_t *count)
{
    struct ocelot_solver *s = w->s;
    struct part part = {0};
    struct ocelot_rng rng;
    size_t n = s->n / SHARE, free_rows = 0;
    for (size_t k = 0; k < s->n; k++)
        w->index[k] = k;
    ocelot_rng_seed(&rng, s->seed);
    ocelot_rng_shuffle(&rng, w->index, s->n);
    enum ocelot_status status = part_start(w, w->index, n, &part);
    if (status == OCELOT_OK) {
        part.s.total = s->total * (double)n / (double)s->n;
        part.s.tolerance = fmax(s->tolerance, 1e-3 * part.s.total);
        status = ocelot_solver_run(&part.s, w->err);
    }
    *count = 0;
    for (size_t k = 0; status == OCELOT_OK && k < n; k++)
        if (part.s.alpha[k] > 0) {
            free_rows += part.s.alpha[k] < 1;
            w->index[*count] = w->index[k];
            w->weights[(*count)++] = part.s.alpha[k];
        }
    /* where many rows share the border, a part of them would be solved in vain */
    if (free_rows * SHARE * 2 >= s->n / 2)
        w->first = s->n;
    /* products in float, where that moves g of rows near the border little: it sums alpha K, none of which is greater than 1, with errors of their
     * own */
    if (status == OCELOT_OK && ocelot_kernel_rows_single_error(&w->rows) * sqrt(fmax(SHARE * part.s.rho, 1)) < s->tolerance / 8)
        status = restart(w, true);
    part_release(&part);
    return status;
}

/* alpha and g of all rows as that machine has them. */
static enum ocelot_status guess(struct work *w)
{
    size_t count;
    struct ocelot_stretch whole = ocelot_pace_enter(w->s->pace, 0, 0.2);
    enum ocelot_status status = train_share(w, &count);
    ocelot_pace_leave(w->s->pace, whole);
    if (status != OCELOT_OK)
        return status;
    for (size_t k = 0; k < count; k++)
        w->s->alpha[w->index[k]] = w->weights[k];
    whole = ocelot_pace_enter(w->s->pace, 0.2, 1);
    bool done = ocelot_kernel_rows_add(&w->rows, w->index, w->weights, count, w->s->gradient);
    ocelot_pace_leave(w->s->pace, whole);
    return done ? OCELOT_OK : stopped(w);
}

/* g += K change for rows of `index`, which may be w->index, and w->weights [count]; changes of 0 are left out. */
static enum ocelot_status follow(struct work *w, const size_t *index, size_t count)
{
    size_t kept = 0;
    for (size_t k = 0; k < count; k++)
        if (w->weights[k] != 0) {
            w->index[kept] = index[k];
            w->weights[kept++] = w->weights[k];
        }
    return ocelot_kernel_rows_add(&w->rows, w->index, w->weights, kept, w->s->gradient) ? OCELOT_OK : stopped(w);
}

/* The first alpha; w->weights is the guess, which g belongs to. */
static enum ocelot_status begin(struct work *w)
{
    struct ocelot_solver *s = w->s;
    size_t whole = (size_t)s->total;
    memset(s->alpha, 0, s->n * sizeof *s->alpha);
    memset(s->gradient, 0, s->n * sizeof *s->gradient);
    enum ocelot_status status = s->n >= LEAST ? guess(w) : OCELOT_OK;
    if (status != OCELOT_OK)
        return status;
    for (size_t k = 0; k < s->n; k++) {
        w->ranked[k] = (struct ocelot_ranked){s->gradient[k], k};
        w->weights[k] = s->alpha[k];
    }
    if (s->n >= LEAST)
        ocelot_select_least(w->ranked, s->n, least_of(whole + 1, s->n));
    fill(s, w->ranked);
    return OCELOT_OK;
}

/* g, which is that of w->weights, becomes that of alpha: of the first one after that of the guess, what most of its support vectors add is known. */
static enum ocelot_status follow_all(struct work *w)
{
    for (size_t k = 0; k < w->s->n; k++) {
        w->index[k] = k;
        w->weights[k] = w->s->alpha[k] - w->weights[k];
    }
    return follow(w, w->index, w->s->n);
}

static enum ocelot_status afresh(struct work *w)
{
    enum ocelot_status status = restart(w, false);
    if (status != OCELOT_OK)
        return status;
    memset(w->s->gradient, 0, w->s->n * sizeof *w->s->gradient);
    memset(w->weights, 0, w->s->n * sizeof *w->weights);
    return follow_all(w);
}

static size_t choose(struct work *w, size_t most, size_t drawn)
{
    const struct ocelot_violators violators = {w->s->alpha, w->s->gradient, w->s->n, w->index, w->ranked, w->taken, &w->rng};
    return ocelot_violators_choose(&violators, most, drawn);
}

/* Smallest gap that the rounding of kernel values (kernel_rows.h) and of their sums leaves visible. */
static double tolerance_of(const struct ocelot_solver *s)
{
    double greatest = 0;
    for (size_t k = 0; k < s->n; k++)
        greatest = fmax(greatest, s->gradient[k]);
    return fmax(s->tolerance, 4096 * DBL_EPSILON * greatest);
}

static enum ocelot_status solve_all(struct work *w, double tolerance)
{
    struct ocelot_solver *s = w->s;
    struct ocelot_kernel_rows rows = rows_of(s, s->points, s->n);
    rows.single = w->rows.single;
    struct ocelot_smo smo = {.rows = &rows,
                             .alpha = s->alpha,
                             .gradient = s->gradient,
                             .tolerance = tolerance,
                             .cache_bytes = s->cache_bytes,
                             .most = w->most - s->iterations};
    enum ocelot_status status = ocelot_kernel_rows_start(&rows, true, w->err);
    if (status == OCELOT_OK)
        status = ocelot_smo_solve(&smo, w->err);
    ocelot_kernel_rows_release(&rows);
    s->iterations += smo.iterations;
    return status;
}

/* One round with the first `count` rows of w->index. */
static enum ocelot_status solve_some(struct work *w, size_t count, double tolerance)
{
    struct ocelot_solver *s = w->s;
    struct part part = {0};
    enum ocelot_status status = part_start(w, w->index, count, &part);
    if (status == OCELOT_OK) {
        struct work among = {.s = &part.s, .rows = {.single = w->rows.single}, .most = w->most, .err = w->err};
        for (size_t k = 0; k < count; k++) {
            part.s.alpha[k] = s->alpha[w->index[k]];
            part.s.gradient[k] = s->gradient[w->index[k]];
        }
        part.s.iterations = s->iterations;
        struct ocelot_stretch whole = ocelot_pace_enter(s->pace, 0, 0.5);
        status = solve_all(&among, tolerance);
        ocelot_pace_leave(s->pace, whole);
        s->iterations = part.s.iterations;
    }
    for (size_t k = 0; status == OCELOT_OK && k < count; k++) {
        w->weights[k] = part.s.alpha[k] - s->alpha[w->index[k]];
        s->alpha[w->index[k]] = part.s.alpha[k];
    }
    struct ocelot_stretch whole = ocelot_pace_enter(s->pace, 0.5, 1);
    if (status == OCELOT_OK)
        status = follow(w, w->index, count);
    ocelot_pace_leave(s->pace, whole);
    part_release(&part);
    return status;
}

/* g of the rows of `part`, the first `count` of w->index, by direct differences. */
static enum ocelot_status sum_anew(struct work *w, struct part *part, size_t count)
{
    const struct ocelot_solver *s = w->s;
    size_t support = 0;
    struct ocelot_kernel_rows rows = rows_of(s, part->points, count);
    for (size_t k = 0; k < count; k++)
        part->s.alpha[k] = s->alpha[w->index[k]];
    for (size_t k = 0; k < s->n; k++)
        if (s->alpha[k] > 0) {
            w->index[support] = k;
            w->weights[support++] = s->alpha[k];
        }
    rows.direct = true;
    enum ocelot_status status = ocelot_kernel_rows_start(&rows, false, w->err);
    if (status == OCELOT_OK && !ocelot_kernel_rows_add(&rows, w->index, w->weights, support, part->s.gradient))
        status = stopped(w);
    ocelot_kernel_rows_release(&rows);
    return status;
}

/* The gap with the gradient of the rows that decide it, and of those next to them, computed anew. */
static enum ocelot_status check(struct work *w)
{
    struct part part = {0};
    size_t count = choose(w, (size_t)2 * CHECKED, 0);
    enum ocelot_status status = part_start(w, w->index, count, &part);
    if (status == OCELOT_OK)
        status = sum_anew(w, &part, count);
    if (status == OCELOT_OK)
        w->s->gap = ocelot_gap(part.s.alpha, part.s.gradient, count);
    part_release(&part);
    return status;
}

/* Rows until the gap is closed. Nobody knows how many rounds it takes: each counts as half of what is left, the whole problem as all of it. */
static enum ocelot_status close_gap(struct work *w, size_t *most, double tolerance)
{
    struct ocelot_solver *s = w->s;
    enum ocelot_status status = OCELOT_OK;
    double done = 0, gap = ocelot_gap(s->alpha, s->gradient, s->n);
    while (status == OCELOT_OK && gap >= tolerance && s->iterations < w->most) {
        bool all = *most >= s->n;
        double next = all ? 1 : (done + 1) / 2;
        struct ocelot_stretch whole = ocelot_pace_enter(s->pace, done, next);
        status = all ? solve_all(w, 0.9 * tolerance) : solve_some(w, choose(w, *most, *most / 4), 0.9 * tolerance);
        ocelot_pace_leave(s->pace, whole);
        double before = gap;
        gap = ocelot_gap(s->alpha, s->gradient, s->n);
        *most = all || gap < before / 2 ? *most : 2 * *most;
        done = next;
    }
    return status;
}

static enum ocelot_status rounds(struct work *w)
{
    struct ocelot_solver *s = w->s;
    size_t most = w->first;
    double tolerance = tolerance_of(s);
    for (size_t repair = 0; repair <= REPAIRS; repair++) {
        enum ocelot_status status = close_gap(w, &most, tolerance);
        if (status == OCELOT_OK)
            status = check(w);
        if (status != OCELOT_OK || s->gap < tolerance || s->iterations >= w->most)
            return status;
        status = afresh(w);
        if (status != OCELOT_OK)
            return status;
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_solver_run(struct ocelot_solver *s, struct ocelot_error *err)
{
    struct work w;
    enum ocelot_status status = work_start(&w, s, err);
    s->iterations = 0;
    const struct {
        enum ocelot_status (*run)(struct work *w);
        double until; /* about, of the time that 20,000 rows take */
    } parts[] = {{begin, 0.15}, {follow_all, 0.6}, {rounds, 1}};
    double from = 0;
    for (size_t k = 0; status == OCELOT_OK && k < sizeof parts / sizeof *parts; k++) {
        struct ocelot_stretch whole = ocelot_pace_enter(s->pace, from, parts[k].until);
        status = parts[k].run(&w);
        ocelot_pace_leave(s->pace, whole);
        from = parts[k].until;
    }
    work_release(&w);
    if (status == OCELOT_OK)
        s->rho = ocelot_border(s->alpha, s->gradient, s->n);
    return status;
}
