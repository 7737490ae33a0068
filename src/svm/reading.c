/* From a network's outputs to what LIBSVM would have said. */
#include <math.h>
#include <stdint.h>

#include "svm/lower.h"

static struct ocelot_decision one_class(const struct ocelot_model *model, double output, double decision_value)
{
    bool outlier = !(decision_value > 0);
    return (struct ocelot_decision){.status = OCELOT_OK,
                                    .is_outlier = outlier,
                                    .outlier_score = output,
                                    .threshold = model->info.threshold,
                                    .decision_value = decision_value,
                                    .p_value = NAN,
                                    .output = output,
                                    .predicted = outlier ? -1 : 1};
}

/* f - rho = A exp(-o) - rho, which is rho expm1(o* - o): the second form keeps the digits of small differences. Without o* (rho <= 0) f > 0 >= rho,
 * so no row is an outlier, also where f underflows to 0. */
static void decide_distance_one_class(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out)
{
    (void)target;
    const struct ocelot_model_info *info = &model->info;
    double o = outputs[0], lead = info->threshold - o;
    double value = fabs(lead) < 1 ? info->rho * expm1(lead) : info->coefficient_sum * exp(-o) - info->rho;
    *out = one_class(model, o, value);
    if (!(info->rho > 0)) {
        out->is_outlier = false;
        out->predicted = 1;
    }
}

static void decide_sum(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out)
{
    (void)target;
    *out = one_class(model, outputs[0], NAN);
    out->is_outlier = outputs[0] > model->info.threshold;
    out->predicted = out->is_outlier ? -1 : 1;
}

static void decide_dot_one_class(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out)
{
    (void)target;
    *out = one_class(model, outputs[0], -outputs[0]);
}

/* LIBSVM's number of the pair (i, j), i < j. */
static size_t pair_of(size_t classes, size_t i, size_t j)
{
    return i * (2 * classes - i - 1) / 2 + (j - i - 1);
}

/* Votes for a class: each pair votes for its first class when its output is positive, else for the second. */
static size_t votes_for(size_t classes, const double *outputs, size_t c)
{
    size_t votes = 0;
    for (size_t other = 0; other < classes; other++)
        if (other != c)
            votes += c < other ? outputs[pair_of(classes, c, other)] > 0 : !(outputs[pair_of(classes, other, c)] > 0);
    return votes;
}

/* The first class with the most votes, `except` left out. */
static size_t winner(size_t classes, const double *outputs, size_t except)
{
    size_t best = SIZE_MAX, most = 0;
    for (size_t c = 0; c < classes; c++) {
        size_t votes = c == except ? 0 : votes_for(classes, outputs, c);
        if (c != except && (best == SIZE_MAX || votes > most)) {
            best = c;
            most = votes;
        }
    }
    return best;
}

/* The decision of a classifier; without a target, the predicted class against the runner-up is explained. decision_value is left to the caller. */
static void classify(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out)
{
    size_t classes = model->info.classes, best = winner(classes, outputs, SIZE_MAX);
    if (target == SIZE_MAX) {
        size_t second = winner(classes, outputs, best);
        target = best < second ? pair_of(classes, best, second) : pair_of(classes, second, best);
    }
    *out = (struct ocelot_decision){.status = OCELOT_OK,
                                    .outlier_score = NAN,
                                    .threshold = NAN,
                                    .p_value = NAN,
                                    .output = outputs[target],
                                    .target = target,
                                    .predicted = model->classes[best]};
}

/* f = A+ exp(-o+) - A- exp(-o-) with y = o- - o+ + log(A+/A-): the larger term times 1 - exp(-|y|). */
static void decide_distance_classifier(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out)
{
    const struct ocelot_machine *machine = model->source;
    classify(model, outputs, target, out);
    double y = out->output, plus = outputs[machine->pairs + out->target];
    const double *sums = machine->sums + 2 * out->target;
    double minus = y + plus - log(sums[0] / sums[1]);
    out->decision_value = y > 0 ? -sums[0] * exp(-plus) * expm1(-y) : sums[1] * exp(-minus) * expm1(y);
}

static void decide_dot_classifier(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out)
{
    classify(model, outputs, target, out);
    out->decision_value = out->output;
}

static void decide_regressor(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out)
{
    (void)model;
    (void)target;
    *out = (struct ocelot_decision){.status = OCELOT_OK,
                                    .outlier_score = NAN,
                                    .threshold = NAN,
                                    .decision_value = outputs[0],
                                    .p_value = NAN,
                                    .output = outputs[0],
                                    .predicted = outputs[0]};
}

const struct ocelot_reading ocelot_reading_distance_one_class = {"one-class by distance", decide_distance_one_class};
const struct ocelot_reading ocelot_reading_sum = {"sum of scores", decide_sum};
const struct ocelot_reading ocelot_reading_dot_one_class = {"one-class by dot product", decide_dot_one_class};
const struct ocelot_reading ocelot_reading_distance_classifier = {"classifier by distance", decide_distance_classifier};
const struct ocelot_reading ocelot_reading_dot_classifier = {"classifier by dot product", decide_dot_classifier};
const struct ocelot_reading ocelot_reading_regressor = {"regressor", decide_regressor};
