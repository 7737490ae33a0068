/* Selectivity: what becomes of f while blocks of features are replaced, in the order of their relevance, in reverse, and at random. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "analysis/evaluator.h"

static int most_relevant(const void *a, const void *b)
{
    const struct ocelot_ranked_block *x = a, *y = b;
    if (x->relevance != y->relevance)
        return x->relevance > y->relevance ? -1 : 1;
    return (x->lot > y->lot) - (x->lot < y->lot);
}

static void shuffle(struct ocelot_evaluator *e, size_t blocks)
{
    for (size_t k = 0; k < blocks; k++)
        e->order[k] = k;
    gsl_ran_shuffle(e->rng, e->order, blocks, sizeof *e->order);
}

/* Blocks into `order`, by the sum of their relevance. */
static void rank_blocks(struct ocelot_evaluator *e, const struct ocelot_subject *subject)
{
    gsl_rng_set(e->rng, (unsigned long)e->options.seed);
    shuffle(e, subject->blocks);
    for (size_t k = 0; k < subject->blocks; k++)
        e->ranked[k] = (struct ocelot_ranked_block){.relevance = 0, .lot = e->order[k], .block = k};
    for (size_t i = 0; i < e->features; i++)
        e->ranked[subject->block[i]].relevance += e->relevance[i];
    qsort(e->ranked, subject->blocks, sizeof *e->ranked, most_relevant);
    for (size_t k = 0; k < subject->blocks; k++)
        e->order[k] = e->ranked[k].block;
}

/* f while blocks are replaced in `order` into curve [points]; *needed receives the share of blocks after which the decision is another. */
static enum ocelot_status replace(struct ocelot_evaluator *e, const struct ocelot_subject *subject, size_t points, double *curve, double *needed,
                                  struct ocelot_error *err)
{
    size_t d = e->features, done = 0;
    struct ocelot_decision first = {.status = OCELOT_OK};
    *needed = NAN;
    for (size_t k = 0; k < subject->blocks; k++)
        e->place[e->order[k]] = k;
    while (done < points) {
        size_t count = points - done < e->room ? points - done : e->room;
        for (size_t k = 0; k < count; k++) {
            size_t gone = (done + k) * subject->blocks / (points - 1);
            for (size_t i = 0; i < d; i++)
                e->points[k * d + i] = e->place[subject->block[i]] < gone ? subject->replacement[i] : subject->row[i];
        }
        enum ocelot_status status = ocelot_score(e->plan, e->workspace, e->points, count, e->decision, err);
        if (status)
            return status;
        first = done == 0 ? e->decision[0] : first;
        bool outlier = !isnan(first.outlier_score), asks = e->decides && (!outlier || first.is_outlier);
        for (size_t k = 0; k < count; k++) {
            const struct ocelot_decision *now = &e->decision[k];
            size_t gone = (done + k) * subject->blocks / (points - 1);
            curve[done + k] = now->output;
            if (asks && isnan(*needed) && now->status == OCELOT_OK && (outlier ? !now->is_outlier : now->predicted != first.predicted))
                *needed = (double)gone / (double)subject->blocks;
        }
        done += count;
    }
    return OCELOT_OK;
}

void ocelot_evaluator_keep(double *to, const double *from, size_t n)
{
    if (to)
        memcpy(to, from, n * sizeof *to);
}

enum ocelot_status ocelot_evaluator_replace(struct ocelot_evaluator *e, const struct ocelot_subject *subject, struct ocelot_measured *out,
                                            struct ocelot_error *err)
{
    size_t points = ocelot_evaluator_points(&e->options, subject->blocks), blocks = subject->blocks;
    double unused = 0;
    rank_blocks(e, subject);
    enum ocelot_status status = replace(e, subject, points, e->curve, &out->value[OCELOT_MEASURE_NEEDED], err);
    if (status)
        return status;
    out->value[OCELOT_MEASURE_SELECTIVITY] = ocelot_measure_area(e->curve, points);
    ocelot_evaluator_keep(out->curve, e->curve, points);
    for (size_t k = 0; k < blocks / 2; k++) {
        size_t swapped = e->order[k];
        e->order[k] = e->order[blocks - 1 - k];
        e->order[blocks - 1 - k] = swapped;
    }
    status = replace(e, subject, points, e->curve, &unused, err);
    if (status)
        return status;
    out->value[OCELOT_MEASURE_REVERSED] = ocelot_measure_area(e->curve, points);
    ocelot_evaluator_keep(out->reversed, e->curve, points);
    memset(e->random, 0, points * sizeof *e->random);
    gsl_rng_set(e->rng, (unsigned long)e->options.seed + 1);
    for (size_t n = 0; n < e->options.orders && !status; n++) {
        shuffle(e, blocks);
        status = replace(e, subject, points, e->curve, &unused, err);
        for (size_t k = 0; k < points; k++)
            e->random[k] += e->curve[k] / (double)e->options.orders;
    }
    out->value[OCELOT_MEASURE_RANDOM] = e->options.orders ? ocelot_measure_area(e->random, points) : (double)NAN;
    ocelot_evaluator_keep(out->random, e->random, points);
    return status;
}
