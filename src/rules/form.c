/* The rules themselves: parts, and one row a rule. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "rules/pass.h"
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

static double magnitude(double x, const struct ocelot_rule *rule)
{
    (void)rule;
    return fabs(x);
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

static double more_positive(double w, const struct ocelot_rule *rule)
{
    return w + rule->gamma * (w > 0 ? w : 0);
}

static double more_negative(double w, const struct ocelot_rule *rule)
{
    return w + rule->gamma * (w < 0 ? w : 0);
}

static const struct ocelot_input_part x = {.name = "x", .positive = 1, .negative = 1}, x_plus = {.name = "x+", .positive = 1},
                                      x_minus = {.name = "x-", .negative = 1}, x_one = {.name = "1", .one = 1}, x_low = {.name = "low", .low = 1},
                                      x_high = {.name = "high", .high = 1};
const struct ocelot_input_part ocelot_input_magnitude = {.name = "|x|", .positive = 1, .negative = -1};
const struct ocelot_weight_part ocelot_weight_whole = {"w", whole, true}, ocelot_weight_magnitude = {"|w|", magnitude, true};
static const struct ocelot_weight_part w = {"w", whole, true}, w_plus = {"w+", positive, true}, w_minus = {"w-", negative, true},
                                       w_square = {"w^2", square, false}, w_one = {"1", one, false}, w_more = {"w + gamma w+", more_positive, true},
                                       w_less = {"w + gamma w-", more_negative, true};

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
              {.term = {{&x_plus, &w_less, 1}, {&x_minus, &w_more, 1}}, .terms = 2, .bias = &w_less, .one = 1, .gate = -1, .mirrored = true}},
    .defaults = {.epsilon = 1e-6, .gamma = 0.25, .bias = true},
};

static const struct ocelot_rule_form zplus = {
    .info = {"zplus", "R_i = sum_j (a_i w_ij)+ / sum_i (a_i w_ij)+ R_j", "ReLU layers; LRP-alpha1beta0, deep Taylor decomposition"},
    .groups = 1,
    .group = {{.term = {{&x_plus, &w_plus, 1}, {&x_minus, &w_minus, 1}}, .terms = 2, .bias = &w_plus, .one = 1, .halves = true}},
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
    .defaults = {.epsilon = 1e-6, .low = {0}, .high = {1}, .channels = 1, .bias = true},
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

/* One number of a rule's text: moves *p behind it and the separator that follows it. */
static bool take_number(const char **p, const char *end, char separator, double *value)
{
    const char *after = ocelot_number_parse(*p, end, value);
    if (!after || !isfinite(*value) || (after < end) != (separator != '\0') || (after < end && *after != separator))
        return false;
    *p = after + (after < end);
    return true;
}

static bool read_epsilon(const char *p, const char *end, struct ocelot_rule *rule)
{
    return take_number(&p, end, '\0', &rule->epsilon) && rule->epsilon >= 0;
}

static bool read_gamma(const char *p, const char *end, struct ocelot_rule *rule)
{
    return take_number(&p, end, '\0', &rule->gamma) && rule->gamma >= 0;
}

static bool read_alpha_beta(const char *p, const char *end, struct ocelot_rule *rule)
{
    return take_number(&p, end, ',', &rule->alpha) && take_number(&p, end, '\0', &rule->beta) && rule->alpha >= 0 && rule->beta >= 0 &&
           fabs(rule->alpha - rule->beta - 1) < 1e-12;
}

/* One pair for all inputs, or one a channel. */
static bool read_box(const char *p, const char *end, struct ocelot_rule *rule)
{
    for (rule->channels = 0; rule->channels < OCELOT_RULE_CHANNELS; rule->channels++) {
        double *low_bound = &rule->low[rule->channels], *high_bound = &rule->high[rule->channels];
        const char *pair = memchr(p, ';', (size_t)(end - p));
        if (!take_number(&p, end, ',', low_bound) || !take_number(&p, pair ? pair : end, '\0', high_bound) || !(*low_bound <= *high_bound))
            return false;
        if (!pair) {
            rule->channels++;
            return true;
        }
        p = pair + 1;
    }
    return false;
}

/* Which numbers may follow a rule's name. */
static const struct {
    const struct ocelot_rule_form *form;
    bool (*read)(const char *p, const char *end, struct ocelot_rule *rule);
    const char *expected;
} parameters[] = {
    {&epsilon, read_epsilon, "epsilon:E with E >= 0"},
    {&gamma_form, read_gamma, "gamma:G with G >= 0"},
    {&alpha_beta, read_alpha_beta, "alpha-beta:A,B with A - B = 1 and both >= 0"},
    {&box, read_box, "box:LOW,HIGH with LOW <= HIGH, or one such pair a channel with ; between them, at most 16"},
};

enum ocelot_status ocelot_rule_parse(const char *text, struct ocelot_rule *rule, struct ocelot_error *err)
{
    static const char no_bias[] = "/no-bias";
    const char *end = text + strcspn(text, "/");
    size_t length = strcspn(text, ":/");
    const char *p = text + length;
    const struct ocelot_rule_form *form = ocelot_rule_form_find(text, length);
    if (!form)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "'%.*s' is no rule; expected epsilon, gamma, zplus, alpha-beta, box, wsquare or flat",
                           length < 60 ? (int)length : 60, text);
    if (*end && strcmp(end, no_bias) != 0)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "found '%.60s', expected nothing or %s behind the rule", text, no_bias);
    *rule = ocelot_rule_of(form);
    rule->bias = *end == '\0';
    if (p == end)
        return OCELOT_OK;
    for (size_t k = 0; k < sizeof parameters / sizeof *parameters; k++) {
        if (parameters[k].form != form)
            continue;
        if (!parameters[k].read(p + 1, end, rule))
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "found '%.60s', expected %s", text, parameters[k].expected);
        return OCELOT_OK;
    }
    return ocelot_fail(err, OCELOT_E_ARGUMENT, "rule %s takes no parameters, found '%.60s'", form->info.name, text);
}

void ocelot_rule_print(const struct ocelot_rule *rule, struct ocelot_text *out)
{
    if (!rule->form) {
        ocelot_text_string(out, rule->pass ? rule->pass->name : "");
        return;
    }
    ocelot_text_string(out, rule->form->info.name);
    if (rule->form == &epsilon) {
        ocelot_text_string(out, ":");
        ocelot_text_number(out, rule->epsilon);
    } else if (rule->form == &gamma_form) {
        ocelot_text_string(out, ":");
        ocelot_text_number(out, rule->gamma);
    } else if (rule->form == &alpha_beta) {
        ocelot_text_string(out, ":");
        ocelot_text_number(out, rule->alpha);
        ocelot_text_string(out, ",");
        ocelot_text_number(out, rule->beta);
    }
    for (size_t c = 0; rule->form == &box && c < rule->channels; c++) {
        ocelot_text_string(out, c ? ";" : ":");
        ocelot_text_number(out, rule->low[c]);
        ocelot_text_string(out, ",");
        ocelot_text_number(out, rule->high[c]);
    }
    if (!rule->bias)
        ocelot_text_string(out, "/no-bias");
}

bool ocelot_input_part_scales(const struct ocelot_input_part *part)
{
    return part->one == 0 && part->low == 0 && part->high == 0;
}

bool ocelot_input_part_whole(const struct ocelot_input_part *part, bool nonnegative, double factor)
{
    return factor * part->positive == 1 && (nonnegative || factor * part->negative == 1) && ocelot_input_part_scales(part);
}
