/* Training in place: split, scale, choose gamma, solve, lower, calibrate. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"
#include "svm/calibrate.h"
#include "svm/ensemble.h"
#include "svm/forward.h"
#include "svm/gamma.h"
#include "svm/problem.h"
#include "svm/scaling.h"
#include "svm/split.h"

/* What the steps hand on. */
struct training {
    const double *rows; /* [n][d], raw */
    size_t n, d;
    const struct ocelot_train_options *options;
    const struct ocelot_machine_kernel *kernel;
    const struct ocelot_scaling *scaling;
    const struct ocelot_trainer *trainer;
    struct ocelot_split split;
    struct ocelot_fit fit;
    const double *scaled; /* [split.train_count][d]: `owned`, or the rows as they are */
    double *owned;
    struct ocelot_pace pace;
    const char *gamma; /* asked for, or the kernel's own; NULL = the kernel has none */
    struct ocelot_error *err;
};

static enum ocelot_status check(struct training *t, const char *const *names)
{
    const struct ocelot_train_options *o = t->options;
    t->kernel = o->kernel ? ocelot_machine_kernel_find(o->kernel) : NULL;
    t->scaling = ocelot_scaling_find(o->scaling ? o->scaling : "standard");
    if (!t->kernel)
        return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "kernel: found '%.40s', which is not a kernel", o->kernel ? o->kernel : "");
    if (!t->scaling)
        return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "scaling: found '%.40s', expected standard, robust, minmax, even or none", o->scaling);
    enum ocelot_status status = ocelot_trainer_choose(o->solver, t->kernel, &t->trainer, t->err);
    if (status != OCELOT_OK)
        return status;
    t->gamma = o->gamma ? o->gamma : t->kernel->gamma;
    if (!(o->nu > 0 && o->nu <= 1))
        return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "nu: found %g, expected a number greater than 0 and at most 1", o->nu);
    if (!(o->holdout >= 0 && o->holdout < 1))
        return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "holdout: found %g, expected a number of at least 0 and less than 1", o->holdout);
    if (o->degree > 1000)
        return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "degree: found %zu, expected at most 1000", o->degree);
    if (t->d == 0 || t->n < 2)
        return ocelot_fail(t->err, OCELOT_E_SHAPE, "found %zu rows of %zu features, expected at least 2 rows of 1", t->n, t->d);
    bool finite = true;
    for (size_t i = 0; i < t->n; i++)
        finite = finite && ocelot_numbers_finite(t->rows + i * t->d, t->d);
    for (size_t i = 0; !finite && i < t->n; i++)
        for (size_t k = 0; k < t->d; k++)
            if (!isfinite(t->rows[i * t->d + k]))
                return ocelot_fail(t->err, OCELOT_E_VALUE, "row %zu, column %zu%s%.60s: found a value that is missing or infinite, expected a number",
                                   i + 1, k + 1, names ? ", " : "", names ? names[k] : "");
    return OCELOT_OK;
}

/* Splits the rows and asks whether the solver could hold them, before anything of that size is allocated. */
static enum ocelot_status choose_rows(struct training *t)
{
    enum ocelot_status status = ocelot_split_rows(t->n, t->options->holdout, t->options->sample, t->options->seed, &t->split, t->err);
    if (status == OCELOT_OK && t->split.train_count < 2)
        return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "%zu of %zu rows are left to train on, expected at least 2: hold out fewer or sample more",
                           t->split.train_count, t->n);
    struct ocelot_problem sizes = {.n = t->split.train_count, .d = t->d, .kernel = t->kernel, .options = t->options};
    return status == OCELOT_OK ? t->trainer->fits(&sizes, t->err) : status;
}

static enum ocelot_status scale_rows(struct training *t, const char *const *names)
{
    size_t total, n = t->split.train_count, d = t->d;
    enum ocelot_status status = ocelot_scaling_fit(t->scaling, t->rows, d, t->split.train, n, names, &t->fit, t->err);
    if (status != OCELOT_OK)
        return status;
    t->scaled = t->rows;
    if (n == t->n && !t->fit.center) /* all of them, in their order */
        return OCELOT_OK;
    t->scaled = t->owned = ocelot_size_multiply(n, d, &total) ? ocelot_allocate(total, sizeof *t->owned) : NULL;
    if (!t->scaled)
        return ocelot_fail_memory(t->err, "the scaled rows");
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < d; i++) {
            double raw = t->rows[t->split.train[r] * d + i];
            t->owned[r * d + i] = t->fit.center ? (raw - t->fit.center[i]) * t->fit.factor[i] : raw;
        }
    return OCELOT_OK;
}

/* One machine of width `asked` (NULL: the kernel has none). */
static enum ocelot_status solve(struct training *t, const char *asked, struct ocelot_machine *machine)
{
    const struct ocelot_train_options *o = t->options;
    const char *expected;
    struct ocelot_problem problem = {.scaled = t->scaled, .n = t->split.train_count, .d = t->d, .kernel = t->kernel, .options = o, .pace = &t->pace};
    double gamma = 1;
    enum ocelot_status status = OCELOT_OK;
    if (t->kernel->has_gamma)
        status = ocelot_gamma_choose(asked, t->kernel, o->power, t->scaled, problem.n, t->d, o->seed, &gamma, t->err);
    if (status != OCELOT_OK)
        return status;
    problem.parameters = (struct ocelot_kernel_parameters){gamma, o->power, o->coef0, (int)o->degree};
    if (!ocelot_kernel_parameters_check(t->kernel, &problem.parameters, &expected))
        return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "the %s kernel, with gamma %g: expected %s", t->kernel->name, gamma, expected);
    machine->card.training.gap = NAN;
    status = t->trainer->fits(&problem, t->err);
    return status == OCELOT_OK ? t->trainer->train(&problem, machine, t->err) : status;
}

/* Copies what was fitted into the card. */
static enum ocelot_status fill_card(const struct training *t, const char *asked, const char *const *names, struct ocelot_machine *machine)
{
    struct ocelot_card *card = &machine->card;
    const struct ocelot_train_options *o = t->options;
    const struct {
        const double *from;
        double **to;
    } arrays[] = {{t->fit.center, &card->center}, {t->fit.factor, &card->factor}, {t->fit.low, &card->low},
                  {t->fit.median, &card->median}, {t->fit.high, &card->high},     {t->fit.unit, &card->unit}};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
        if (arrays[k].from && !(*arrays[k].to = ocelot_allocate(t->d, sizeof **arrays[k].to)))
            return ocelot_fail_memory(t->err, "the card");
        if (arrays[k].from)
            memcpy(*arrays[k].to, arrays[k].from, t->d * sizeof **arrays[k].to);
    }
    card->training.rows = t->split.train_count;
    card->training.nu = o->nu;
    card->training.sample = o->sample;
    card->training.seed = o->seed;
    card->training.holdout = o->holdout;
    card->training.tolerance = o->tolerance;
    card->training.solved_rho = NAN;
    snprintf(card->training.gamma, sizeof card->training.gamma, "%s", asked ? asked : "");
    machine->has_card = true;
    if (card->center && !(card->scaling = ocelot_copy_text(t->scaling->name, strlen(t->scaling->name))))
        return ocelot_fail_memory(t->err, "the card");
    if (names && !(card->names = ocelot_allocate(t->d, sizeof *card->names)))
        return ocelot_fail_memory(t->err, "the feature names");
    for (size_t i = 0; names && i < t->d; i++)
        if (!(card->names[i] = ocelot_copy_text(names[i], strlen(names[i]))))
            return ocelot_fail_memory(t->err, "the feature names");
    return OCELOT_OK;
}

/* One model, calibrated by itself: as good alone as in an ensemble. */
static enum ocelot_status train_one(struct training *t, const char *asked, const char *const *names, struct ocelot_model **out)
{
    struct ocelot_machine *machine = ocelot_allocate(1, sizeof *machine);
    if (!machine)
        return ocelot_fail_memory(t->err, "the model");
    enum ocelot_status status = solve(t, asked, machine);
    if (status == OCELOT_OK)
        status = fill_card(t, asked, names, machine);
    if (status != OCELOT_OK) {
        ocelot_machine_free(machine);
        return status;
    }
    status = ocelot_machine_model(machine, "trained", out, t->err);
    if (status == OCELOT_OK)
        status = ocelot_machine_calibrate(out, t->rows, t->split.held, t->split.held_count, t->options, t->err);
    return status;
}

static size_t count_widths(const char *text)
{
    size_t count = 1;
    for (const char *comma = strchr(text, ','); comma; comma = strchr(comma + 1, ','))
        count++;
    return count;
}

/* A member a width: "scale*0.1,scale*3". */
static enum ocelot_status train_members(struct training *t, const char *const *names, struct ocelot_machine **first)
{
    struct ocelot_machine **next = first;
    size_t members = 0;
    double widths = (double)count_widths(t->gamma);
    for (const char *at = t->gamma; *at; members++) {
        char asked[sizeof(*first)->card.training.gamma];
        size_t length = strcspn(at, ",");
        struct ocelot_model *model = NULL;
        if (length == 0 || length >= sizeof asked || members == OCELOT_ENSEMBLE_MEMBERS)
            return ocelot_fail(t->err, OCELOT_E_ARGUMENT, "gamma: found '%.60s', expected one to %d widths with commas between them", t->gamma,
                               OCELOT_ENSEMBLE_MEMBERS);
        memcpy(asked, at, length);
        asked[length] = '\0';
        struct ocelot_stretch whole = ocelot_pace_enter(&t->pace, (double)members / widths, (double)(members + 1) / widths);
        enum ocelot_status status = train_one(t, asked, names, &model);
        ocelot_pace_leave(&t->pace, whole);
        if (status == OCELOT_OK)
            status = ocelot_machine_copy(ocelot_machine_of(model), next, t->err);
        ocelot_model_free(model);
        if (status != OCELOT_OK)
            return status;
        next = &(*next)->next;
        at += length + (at[length] == ',');
    }
    struct ocelot_machine *head = *first; /* there is one: the list of widths is not empty */
    if (head) {
        head->card.ensemble.members = members;
        head->card.ensemble.threshold = NAN;
    }
    return OCELOT_OK;
}

static enum ocelot_status train_ensemble(struct training *t, const char *const *names, struct ocelot_model **out)
{
    struct ocelot_machine *first = NULL;
    if (!t->kernel->profile)
        return ocelot_fail(t->err, OCELOT_E_UNSUPPORTED,
                           "gamma: found several widths, but ensembles add up scores of kernels of a distance, and %s is none", t->kernel->name);
    enum ocelot_status status = train_members(t, names, &first);
    if (status != OCELOT_OK) {
        ocelot_machine_free(first);
        return status;
    }
    status = ocelot_machine_model(first, "trained", out, t->err);
    if (status == OCELOT_OK)
        status = ocelot_ensemble_calibrate(*out, t->rows, t->split.held, t->split.held_count, t->options, t->err);
    return status;
}

enum ocelot_status ocelot_svm_train(const double *rows, size_t n, size_t d, const char *const *names, const struct ocelot_train_options *options,
                                    struct ocelot_model **out, struct ocelot_error *err)
{
    return ocelot_svm_train_watched(rows, n, d, names, options, NULL, out, err);
}

enum ocelot_status ocelot_svm_train_watched(const double *rows, size_t n, size_t d, const char *const *names,
                                            const struct ocelot_train_options *options, const struct ocelot_watch *watch, struct ocelot_model **out,
                                            struct ocelot_error *err)
{
    struct training t = {.rows = rows, .n = n, .d = d, .options = options, .pace = {.watch = watch, .now = {0, 1}}, .err = err};
    struct ocelot_model *model = NULL;
    enum ocelot_status status = check(&t, names);
    if (status == OCELOT_OK)
        status = choose_rows(&t);
    if (status == OCELOT_OK)
        status = scale_rows(&t, names);
    if (status == OCELOT_OK)
        status = t.gamma && strchr(t.gamma, ',') ? train_ensemble(&t, names, &model) : train_one(&t, t.gamma, names, &model);
    free(t.split.train);
    free(t.owned);
    ocelot_fit_release(&t.fit);
    if (status != OCELOT_OK) {
        ocelot_model_free(model);
        return status;
    }
    *out = model;
    return OCELOT_OK;
}
