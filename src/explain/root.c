/* Roots: the points that explanations of a difference start from, and what stands for a feature that is taken away. One row of a table a kind;
 * a method names those that suit it, and the first that the model has is taken. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"
#include "explain/explainer.h"

struct ocelot_root_kind {
    const char *name;
    const char *needs; /* said where it is missing */
    bool (*exists)(const struct ocelot_plan *plan);
    void (*fix)(const struct ocelot_plan *plan, double *point); /* [features], once a plan */
    /* or, where it depends on the row: for row b, right after the forward walk of its batch, or (`alone`) at any time */
    void (*of_row)(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, const double *x, double *point);
};

static bool has_background(const struct ocelot_plan *plan)
{
    return plan->background_rows > 0;
}

static bool has_reference(const struct ocelot_plan *plan)
{
    return plan->model->reference != NULL;
}

static bool has_nearest(const struct ocelot_plan *plan)
{
    return ocelot_normal_members(plan->model) && !ocelot_model_stacked(plan->model);
}

static bool has_expected(const struct ocelot_plan *plan)
{
    return has_nearest(plan) || has_reference(plan);
}

static void fix_zero(const struct ocelot_plan *plan, double *point)
{
    memset(point, 0, plan->model->feature_count * sizeof *point);
}

static void fix_mean(const struct ocelot_plan *plan, double *point)
{
    size_t d = plan->model->feature_count;
    fix_zero(plan, point);
    for (size_t r = 0; r < plan->background_rows; r++)
        for (size_t i = 0; i < d; i++)
            point[i] += plan->weights[r] * plan->background[r * d + i];
}

static void fix_reference(const struct ocelot_plan *plan, double *point)
{
    memcpy(point, plan->model->reference, plan->model->feature_count * sizeof *point);
}

/* A feature that the scaling drops has no expected value: the row's own stands for it, which changes nothing. */
static void fill_missing(const struct ocelot_plan *plan, const double *x, double *point)
{
    for (size_t i = 0; i < plan->model->feature_count; i++)
        point[i] = isfinite(point[i]) ? point[i] : x[i];
}

static void expected_of(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, const double *x, double *point)
{
    (void)b;
    enum ocelot_status status = ocelot_expected(plan, w, x, NULL, plan->model->feature_count, point, NULL);
    if (status != OCELOT_OK) /* not of a row that could be scored */
        memcpy(point, x, plan->model->feature_count * sizeof *point);
    fill_missing(plan, x, point);
}

static void nearest_of(const struct ocelot_plan *plan, struct ocelot_workspace *w, size_t b, const double *x, double *point)
{
    ocelot_normal_nearest(plan, w, b, NULL, point);
    fill_missing(plan, x, point);
}

static const struct ocelot_root_kind kinds[] = {
    {.name = "zero", .fix = fix_zero},
    {.name = "mean", .needs = "background rows", .exists = has_background, .fix = fix_mean},
    {.name = "expected", .needs = "a one-class model or one with a reference point", .exists = has_expected, .of_row = expected_of},
    {.name = "nearest", .needs = "a one-class model with a kernel of distances", .exists = has_nearest, .of_row = nearest_of},
    {.name = "reference", .needs = "a model with a kernel of dot products", .exists = has_reference, .fix = fix_reference},
};

/* row:N, which is no kind of the table: its point depends on N. */
static const struct ocelot_root_kind row_kind = {.name = "row"};

static const struct ocelot_root_kind *find(const char *name, size_t length)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (strlen(kinds[k].name) == length && memcmp(kinds[k].name, name, length) == 0)
            return &kinds[k];
    return NULL;
}

/* N of "row:N". */
static bool row_number(const char *text, size_t *row)
{
    long long number;
    if (strncmp(text, "row:", 4) != 0)
        return false;
    const char *end = text + strlen(text);
    if (text[4] == '\0' || ocelot_integer_parse(text + 4, end, &number) != end || number < 0)
        return false;
    *row = (size_t)number;
    return true;
}

enum ocelot_status ocelot_root_check(const char *option, const char *text, struct ocelot_error *err)
{
    size_t row;
    if (strcmp(text, "auto") == 0 || find(text, strlen(text)) || row_number(text, &row))
        return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: found '%.40s', expected auto, zero, mean, expected, nearest, reference or row:N", option, text);
}

static bool exists(const struct ocelot_plan *plan, const struct ocelot_root_kind *kind)
{
    return !kind->exists || kind->exists(plan);
}

/* The first kind of `chain` that the model has. */
static enum ocelot_status choose(const struct ocelot_plan *plan, const char *option, const char *chain, const struct ocelot_root_kind **kind,
                                 struct ocelot_error *err)
{
    for (const char *word = chain; *word; word += strcspn(word, " "), word += *word == ' ') {
        *kind = find(word, strcspn(word, " "));
        if (*kind && exists(plan, *kind))
            return OCELOT_OK;
    }
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s needs background rows to find a root point for this model (%s, kernel %s); or choose %s=zero",
                       ocelot_plan_method(plan), plan->model->info.type, plan->model->info.kernel, option);
}

static enum ocelot_status take_named(const struct ocelot_plan *plan, const char *option, const char *text, const struct ocelot_root_kind **kind,
                                     struct ocelot_error *err)
{
    *kind = find(text, strlen(text));
    if (exists(plan, *kind))
        return OCELOT_OK;
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s: %s=%s needs %s, and this model (%s, kernel %s) has none", ocelot_plan_method(plan), option,
                       text, (*kind)->needs, plan->model->info.type, plan->model->info.kernel);
}

static enum ocelot_status check_row(const struct ocelot_plan *plan, const char *option, size_t row, struct ocelot_error *err)
{
    if (plan->background_rows == 0)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s: %s=row:%zu needs background rows", ocelot_plan_method(plan), option, row);
    if (row >= plan->background_rows)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: found row:%zu, but the background has %zu rows, counted from 0", option, row,
                           plan->background_rows);
    return OCELOT_OK;
}

enum ocelot_status ocelot_root_open(const struct ocelot_plan *plan, const char *option, const char *text, const char *chain, struct ocelot_root *root,
                                    struct ocelot_error *err)
{
    size_t d = plan->model->feature_count, row = 0;
    bool is_row = row_number(text, &row);
    enum ocelot_status status = is_row                      ? check_row(plan, option, row, err)
                                : strcmp(text, "auto") == 0 ? choose(plan, option, chain, &root->kind, err)
                                                            : take_named(plan, option, text, &root->kind, err);
    if (status != OCELOT_OK)
        return status;
    if (is_row)
        root->kind = &row_kind;
    if (root->kind->of_row)
        return OCELOT_OK;
    root->point = ocelot_allocate(d, sizeof *root->point);
    if (!root->point)
        return ocelot_fail_memory(err, "the root point");
    if (is_row)
        memcpy(root->point, plan->background + row * d, d * sizeof *root->point);
    else
        root->kind->fix(plan, root->point);
    return OCELOT_OK;
}

void ocelot_root_close(struct ocelot_root *root)
{
    free(root->point);
    root->point = NULL;
}

void ocelot_root_rows(const struct ocelot_root *root, const struct ocelot_plan *plan, struct ocelot_workspace *w, const double *x, size_t rows,
                      double *out)
{
    size_t d = plan->model->feature_count;
    for (size_t b = 0; b < rows; b++)
        if (root->point)
            memcpy(out + b * d, root->point, d * sizeof *out);
        else if (w->decision[b].status == OCELOT_OK)
            root->kind->of_row(plan, w, b, x + b * d, out + b * d);
        else
            memset(out + b * d, 0, d * sizeof *out);
}
