/* pattern-net and pattern-attribution: the gradient walk with patterns (explain/patterns.h), or weights times patterns, in place of the weights,
 * from the value of the output. */
#include "explain/explainer.h"
#include "explain/patterns.h"
#include "ops/ops.h"
#include "rules/pass.h"

static enum ocelot_status allows(const struct ocelot_model *model, const char *name, struct ocelot_error *err)
{
    bool weighted = false;
    for (size_t i = 0; i < model->graph->count; i++) {
        const struct ocelot_op *op = model->graph->nodes[i]->op;
        weighted |= op->f64.correlate != NULL;
        if (op == &ocelot_op_distance)
            return ocelot_fail(
                err, OCELOT_E_UNSUPPORTED,
                "%s is defined for layers of weights, and this model (%s, kernel %s) compares with support vectors: use --method pattern "
                "or dtd",
                name, model->info.type, model->info.kernel);
    }
    if (!weighted)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s is defined for layers of weights, and this model has none: use --method gradient", name);
    return OCELOT_OK;
}

static enum ocelot_status net_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    (void)settings;
    return allows(model, "pattern-net", err);
}

static enum ocelot_status attribution_allows(const struct ocelot_model *model, const void *settings, struct ocelot_error *err)
{
    (void)settings;
    return allows(model, "pattern-attribution", err);
}

static enum ocelot_status learn(const struct ocelot_plan *plan, bool attribution, void **knowledge, struct ocelot_error *err)
{
    struct ocelot_patterns *patterns = NULL;
    if (plan->background_rows < 2)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                           "%s needs background rows, two at least and better many more than there are inputs, to learn from",
                           plan->explainer->method.name);
    enum ocelot_status status = ocelot_patterns_learn(plan, attribution, &patterns, err);
    *knowledge = patterns;
    return status;
}

static enum ocelot_status net_learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    return learn(plan, false, knowledge, err);
}

static enum ocelot_status attribution_learn(const struct ocelot_plan *plan, void **knowledge, struct ocelot_error *err)
{
    return learn(plan, true, knowledge, err);
}

/* Scalings of the input are layers too, whose patterns need no data. */
static enum ocelot_status net_rule(const struct ocelot_node *node, const void *settings, struct ocelot_rule *rule, struct ocelot_error *err)
{
    (void)settings;
    (void)err;
    *rule = (struct ocelot_rule){.pass = ocelot_pass_inverse.takes(node) ? &ocelot_pass_inverse : NULL};
    return OCELOT_OK;
}

static enum ocelot_status attribution_rule(const struct ocelot_node *node, const void *settings, struct ocelot_rule *rule, struct ocelot_error *err)
{
    (void)settings;
    (void)err;
    *rule = (struct ocelot_rule){.pass = ocelot_pass_through.takes(node) ? &ocelot_pass_through : NULL};
    return OCELOT_OK;
}

static void forget(void *knowledge)
{
    ocelot_patterns_free(knowledge);
}

static void run(const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows)
{
    const struct ocelot_patterns *patterns = plan->knowledge;
    (void)x;
    w->f64.instead = patterns->f64;
    w->f32.instead = patterns->f32;
    ocelot_seed_signal(plan, w, rows, true);
    ocelot_walk_gradient(plan, w, rows);
    w->f64.instead = NULL;
    w->f32.instead = NULL;
    for (size_t b = 0; b < rows; b++)
        if (w->decision[b].status == OCELOT_OK)
            ocelot_answer_signal(plan, w, b, 0);
}

const struct ocelot_explainer ocelot_explainer_pattern_net = {
    .method = {"pattern-net", "the signal in the input that the output answers to: the gradient walk with patterns learnt from data for weights",
               "background rows", "1 forward, 1 backward", "Kindermans 2017", NULL},
    .is_signed = true,
    .allows = net_allows,
    .rule = net_rule,
    .learn = net_learn,
    .forget = forget,
    .run = run,
};

const struct ocelot_explainer ocelot_explainer_pattern_attribution = {
    .method = {"pattern-attribution", "what each input's signal adds to the output: the gradient walk with weights times patterns learnt from data",
               "background rows", "1 forward, 1 backward", "Kindermans 2017", NULL},
    .is_signed = true,
    .allows = attribution_allows,
    .rule = attribution_rule,
    .learn = attribution_learn,
    .forget = forget,
    .run = run,
};
