/* The log-ratio of a class: log p_c / (1 - p_c) = -log sum_{k != c} exp(-(z_c - z_k)), a soft-min over differences of logits. Its relevance
 * goes to the differences as R_k = p_k o (their soft-min weights), and from there by a dense layer of weight differences. Under the epsilon
 * rule that layer is linear in its outputs, so no new layer is needed: the same relevance comes out of the logits' own layer when it is seeded
 * with s_k = R_k / (z_c - z_k) times z_c for the class and -z_k for each other. */
#include <math.h>
#include <string.h>

#include "explain/explainer.h"

double ocelot_log_ratio(const double *logits, size_t classes, size_t target)
{
    double most = -INFINITY, sum = 0;
    for (size_t k = 0; k < classes; k++)
        most = k == target ? most : fmax(most, logits[k]);
    for (size_t k = 0; k < classes; k++)
        sum += k == target ? 0 : exp(logits[k] - most);
    return logits[target] - most - log(sum);
}

double ocelot_log_ratio_seed(const double *logits, size_t classes, size_t target, double *seed)
{
    double o = ocelot_log_ratio(logits, classes, target), leaked = 0;
    seed[target] = 0;
    for (size_t k = 0; k < classes; k++) {
        double difference = logits[target] - logits[k];
        if (k == target)
            continue;
        double share = o * exp(o - difference); /* p_k o */
        if (difference == 0) {
            seed[k] = 0;
            leaked += share;
            continue;
        }
        seed[target] += share / difference * logits[target];
        seed[k] = -share / difference * logits[k];
    }
    return leaked;
}

enum ocelot_status ocelot_log_ratio_allowed(const struct ocelot_model *model, const struct ocelot_explainer *explainer,
                                            const struct ocelot_rule *rules, struct ocelot_error *err)
{
    size_t last = model->graph->count - 1;
    if (model->info.classes < 2 || model->graph->nodes[last]->size != model->info.classes)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "the log-ratio of probabilities is defined for classifiers with one logit a class");
    if (!explainer->rule || !rules[last].form || strcmp(rules[last].form->info.name, "epsilon") != 0)
        return ocelot_fail(
            err, OCELOT_E_UNSUPPORTED,
            "the log-ratio of probabilities needs the epsilon rule on the last layer: --method lrp with an epsilon composite, or --set "
            "top-rule=epsilon for dtd");
    return OCELOT_OK;
}
