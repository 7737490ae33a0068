/* Means with their intervals, and the tutorial's table of ticks with its thresholds. */
#include <math.h>
#include <stdlib.h>

#include "base/size.h"
#include "ocelot/evaluation.h"

/* Where a tick ends. Conservation: what is lost is at most a twentieth. Positivity: one hundredth, one tenth. Continuity: steps of half the size are
 * as steep where R is smooth, twice as steep where it jumps; and R should not change much more than f does. Selectivity: of what the best of the
 * methods gains over random orders, half, a quarter. */
static const double lost = 0.05, hardly_negative = 0.01, little_negative = 0.1, smooth = 1.5, rough = 1.8, gentle = 2, steep = 4, half = 0.5,
                    quarter = 0.25;

static enum ocelot_tick grade(double value, double yes, double partly)
{
    return isnan(value) ? OCELOT_TICK_NONE : value <= yes ? OCELOT_TICK_YES : value <= partly ? OCELOT_TICK_PARTLY : OCELOT_TICK_NO;
}

static enum ocelot_tick tick_conservation(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender)
{
    double plain = contender->interval[OCELOT_MEASURE_CONSERVATION].mean, counted = contender->interval[OCELOT_MEASURE_COUNTED].mean;
    (void)evaluation;
    enum ocelot_tick tick = grade(plain, lost, lost);
    return tick == OCELOT_TICK_NO && counted <= lost ? OCELOT_TICK_PARTLY : tick;
}

static enum ocelot_tick tick_positivity(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender)
{
    (void)evaluation;
    return grade(contender->interval[OCELOT_MEASURE_POSITIVITY].mean, hardly_negative, little_negative);
}

static enum ocelot_tick tick_continuity(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender)
{
    (void)evaluation;
    enum ocelot_tick jump = grade(contender->interval[OCELOT_MEASURE_JUMP].mean, smooth, rough);
    enum ocelot_tick slope = grade(contender->interval[OCELOT_MEASURE_STEEPNESS].mean, gentle, steep);
    return jump < slope ? jump : slope;
}

static enum ocelot_tick tick_selectivity(const struct ocelot_evaluation *evaluation, const struct ocelot_contender *contender)
{
    double best = 0;
    for (size_t k = 0; k < evaluation->contender_count; k++) {
        best = fmax(best, evaluation->contenders[k].gain.mean);
    }
    const struct ocelot_interval *gain = &contender->gain;
    if (isnan(gain->mean)) {
        return OCELOT_TICK_NONE;
    }
    bool sure = best > 0 && (gain->low > 0 || gain->count < 2); /* of a single row there is no interval */
    return sure && gain->mean >= half * best ? OCELOT_TICK_YES : sure && gain->mean >= quarter * best ? OCELOT_TICK_PARTLY : OCELOT_TICK_NO;
}

const struct ocelot_axiom ocelot_axioms[OCELOT_EVALUATE_AXIOMS] = {
    {"conservation", "sum R differs from f by at most 5 % on average", "only when what the ledger sets aside is counted", tick_conservation},
    {"positivity", "at most 1 % of the relevance is negative", "at most 10 %", tick_positivity},
    {"continuity",
     "R changes at most twice as steeply as f handed out by what is unusual, and at most 1.5 times as steeply in steps of half the size",
     "at most 4 and 1.8 times", tick_continuity},
    {"selectivity", "at least half of what the best method gains over random orders, and a gain for sure", "at least a quarter", tick_selectivity},
};

const char *ocelot_tick_word(enum ocelot_tick tick)
{
    static const char *const words[] = {NULL, "no", "partly", "yes"};
    return words[tick];
}

static enum ocelot_status sum_one(const struct ocelot_evaluation *evaluation, struct ocelot_contender *contender, double *column,
                                  struct ocelot_error *err)
{
    size_t rows = evaluation->rows.count, draws = evaluation->settings->draws, seed = evaluation->settings->seed;
    enum ocelot_status status = OCELOT_OK;
    for (size_t m = 0; m < OCELOT_MEASURE_COUNT && !status; m++) {
        for (size_t r = 0; r < rows; r++) {
            column[r] = contender->value[r * OCELOT_MEASURE_COUNT + m];
        }
        status = ocelot_bootstrap(column, rows, draws, seed, &contender->interval[m], err);
    }
    for (size_t r = 0; r < rows; r++) {
        const double *value = contender->value + r * OCELOT_MEASURE_COUNT;
        column[r] = value[OCELOT_MEASURE_RANDOM] - value[OCELOT_MEASURE_SELECTIVITY];
    }
    return status ? status : ocelot_bootstrap(column, rows, draws, seed, &contender->gain, err);
}

enum ocelot_status ocelot_evaluate_sum(struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    double *column = ocelot_allocate(evaluation->rows.count, sizeof *column);
    enum ocelot_status status = OCELOT_OK;
    if (!column) {
        return ocelot_fail_memory(err, "the means");
    }
    for (size_t k = 0; k < evaluation->contender_count && !status; k++) {
        evaluation->contenders[k].gain.mean = NAN;
        if (!evaluation->contenders[k].refused) {
            status = sum_one(evaluation, &evaluation->contenders[k], column, err);
        }
    }
    for (size_t k = 0; k < evaluation->contender_count && !status; k++) {
        for (size_t a = 0; a < OCELOT_EVALUATE_AXIOMS && !evaluation->contenders[k].refused; a++) {
            evaluation->contenders[k].tick[a] = ocelot_axioms[a].tick(evaluation, &evaluation->contenders[k]);
        }
    }
    free(column);
    return status;
}
