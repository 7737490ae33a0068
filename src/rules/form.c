/* The rules themselves: parts, and one row a rule. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "rules/rule.h"

static double whole(double x, const struct ocelot_rule *rule)
{
    (void)rule;
    return x;
}

static double positive(double x, const struct ocelot_rule *rule)
{
    (void)rule;
    return x > 0 ? x : 0;
}

static double negative(double x, const struct ocelot_rule *rule)
{
    (void)rule;
    return x < 0 ? x : 0;
}

static double one(double x, const struct ocelot_rule *rule)
{
    (void)x;
    (void)rule;
    return 1;
}

static double square(double w, const struct ocelot_rule *rule)
{
    (void)rule;
    return w * w;
}

static double low(double x, const struct ocelot_rule *rule)
{
    (void)x;
    return rule->low;
}

static double high(double x, const struct ocelot_rule *rule)
{
    (void)x;
    return rule->high;
}

static double more_positive(double w, const struct ocelot_rule *rule)
{
    return w + rule->gamma * (w > 0 ? w : 0);
}

static double more_negative(double w, const struct ocelot_rule *rule)
{
    return w + rule->gamma * (w < 0 ? w : 0);
}

static const struct ocelot_input_part x = {"x", whole}, x_plus = {"x+", positive}, x_minus = {"x-", negative}, x_one = {"1", one},
                                      x_low = {"low", low}, x_high = {"high", high};
static const struct ocelot_weight_part w = {"w", whole}, w_plus = {"w+", positive}, w_minus = {"w-", negative}, w_square = {"w^2", square},
                                       w_one = {"1", one}, w_more = {"w + gamma w+", more_positive}, w_less = {"w + gamma w-", more_negative};

static const struct ocelot_rule_form epsilon = {
    .info = {"epsilon", "R_i = sum_j a_i w_ij / (z_j + eps sign z_j) R_j", "top layers; epsilon:0 is LRP-0"},
    .groups = 1,
    .group = {{.term = {{&x, &w, 1}}, .terms = 1, .bias = &w, .one = 1}},
    .defaults = {.epsilon = 1e-6, .bias = true},
};

/* Signed inputs: where z_j > 0 positive contributions are strengthened, where z_j < 0 negative ones. */
static const struct ocelot_rule_form gamma_form = {
    .info = {"gamma", "weights w + gamma w+ for a_i > 0 at z_j > 0, mirrored for the other signs", "middle layers"},
    .groups = 2,
    .group = {{.term = {{&x_plus, &w_more, 1}, {&x_minus, &w_less, 1}}, .terms = 2, .bias = &w_more, .one = 1, .gate = 1},
              {.term = {{&x_plus, &w_less, 1}, {&x_minus, &w_more, 1}}, .terms = 2, .bias = &w_less, .one = 1, .gate = -1}},
    .defaults = {.epsilon = 1e-6, .gamma = 0.25, .bias = true},
};

static const struct ocelot_rule_form zplus = {
    .info = {"zplus", "R_i = sum_j (a_i w_ij)+ / sum_i (a_i w_ij)+ R_j", "ReLU layers; LRP-alpha1beta0, deep Taylor decomposition"},
    .groups = 1,
    .group = {{.term = {{&x_plus, &w_plus, 1}, {&x_minus, &w_minus, 1}}, .terms = 2, .bias = &w_plus, .one = 1}},
    .defaults = {.epsilon = 1e-6, .bias = true},
};

static const struct ocelot_rule_form alpha_beta = {
    .info = {"alpha-beta", "alpha times the positive shares minus beta times the negative ones, alpha - beta = 1", "where evidence against matters"},
    .groups = 2,
    .group = {{.term = {{&x_plus, &w_plus, 1}, {&x_minus, &w_minus, 1}}, .terms = 2, .bias = &w_plus, .alpha = 1},
              {.term = {{&x_plus, &w_minus, 1}, {&x_minus, &w_plus, 1}}, .terms = 2, .bias = &w_minus, .beta = -1}},
    .defaults = {.epsilon = 1e-6, .alpha = 2, .beta = 1, .bias = true},
};

/* The bias cancels between the three terms. */
static const struct ocelot_rule_form box = {
    .info = {"box", "R_i = sum_j (x_i w_ij - low w_ij+ - high w_ij-) / sum_i (...) R_j", "inputs within [low, high], such as pixels"},
    .groups = 1,
    .group = {{.term = {{&x, &w, 1}, {&x_low, &w_plus, -1}, {&x_high, &w_minus, -1}}, .terms = 3, .one = 1}},
    .defaults = {.epsilon = 1e-6, .low = 0, .high = 1, .bias = true},
};

static const struct ocelot_rule_form wsquare = {
    .info = {"wsquare", "R_i = sum_j w_ij^2 / sum_i w_ij^2 R_j", "unbounded real inputs"},
    .groups = 1,
    .group = {{.term = {{&x_one, &w_square, 1}}, .terms = 1, .bias = &w_square, .one = 1}},
    .defaults = {.epsilon = 1e-6, .bias = true},
};

static const struct ocelot_rule_form flat = {
    .info = {"flat", "R_i = sum_j 1 / (number of inputs of j) R_j", "input layer, when its weights should not matter"},
    .groups = 1,
    .group = {{.term = {{&x_one, &w_one, 1}}, .terms = 1, .one = 1}},
    .defaults = {.epsilon = 1e-6, .bias = true},
};

const struct ocelot_rule_form *const ocelot_rule_forms[] = {&epsilon, &gamma_form, &zplus, &alpha_beta, &box, &wsquare, &flat, NULL};

const struct ocelot_rule_info *ocelot_rule_at(size_t k)
{
    return k < sizeof ocelot_rule_forms / sizeof *ocelot_rule_forms - 1 ? &ocelot_rule_forms[k]->info : NULL;
}

const struct ocelot_rule_form *ocelot_rule_form_find(const char *name, size_t length)
{
    for (const struct ocelot_rule_form *const *form = ocelot_rule_forms; *form; form++)
        if (strlen((*form)->info.name) == length && memcmp((*form)->info.name, name, length) == 0)
            return *form;
    return NULL;
}

struct ocelot_rule ocelot_rule_of(const struct ocelot_rule_form *form)
{
    struct ocelot_rule rule = form->defaults;
    rule.form = form;
    return rule;
}

/* Which numbers may follow a rule's name, and the bounds they must keep. */
static const struct {
    const struct ocelot_rule_form *form;
    size_t first, second; /* offsets in struct ocelot_rule */
    int count;
    const char *expected;
} parameters[] = {
    {&epsilon, offsetof(struct ocelot_rule, epsilon), 0, 1, "epsilon:E with E >= 0"},
    {&gamma_form, offsetof(struct ocelot_rule, gamma), 0, 1, "gamma:G with G >= 0"},
    {&alpha_beta, offsetof(struct ocelot_rule, alpha), offsetof(struct ocelot_rule, beta), 2, "alpha-beta:A,B with A - B = 1 and both >= 0"},
    {&box, offsetof(struct ocelot_rule, low), offsetof(struct ocelot_rule, high), 2, "box:LOW,HIGH with LOW <= HIGH"},
};

static bool in_bounds(const struct ocelot_rule *rule)
{
    return rule->epsilon >= 0 && rule->gamma >= 0 && rule->alpha >= 0 && rule->beta >= 0 && rule->low <= rule->high &&
           (rule->form != &alpha_beta || fabs(rule->alpha - rule->beta - 1) < 1e-12);
}

enum ocelot_status ocelot_rule_parse(const char *text, struct ocelot_rule *rule, struct ocelot_error *err)
{
    size_t length = strcspn(text, ":");
    const char *end = text + strlen(text), *p = text + length;
    const struct ocelot_rule_form *form = ocelot_rule_form_find(text, length);
    if (!form)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "'%.*s' is no rule; expected epsilon, gamma, zplus, alpha-beta, box, wsquare or flat", (int)length,
                           text);
    *rule = ocelot_rule_of(form);
    if (p == end)
        return OCELOT_OK;
    for (size_t k = 0; k < sizeof parameters / sizeof *parameters; k++) {
        if (parameters[k].form != form)
            continue;
        double first = 0, second = 0;
        p = ocelot_number_parse(p + 1, end, &first);
        if (p && parameters[k].count == 2)
            p = p < end && *p == ',' ? ocelot_number_parse(p + 1, end, &second) : NULL;
        if (p == end) {
            *(double *)((char *)rule + parameters[k].first) = first;
            if (parameters[k].count == 2)
                *(double *)((char *)rule + parameters[k].second) = second;
        }
        if (p != end || !isfinite(first) || !isfinite(second) || !in_bounds(rule))
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "found '%s', expected %s", text, parameters[k].expected);
        return OCELOT_OK;
    }
    return ocelot_fail(err, OCELOT_E_ARGUMENT, "rule %s takes no parameters, found '%s'", form->info.name, text);
}
