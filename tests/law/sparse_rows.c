/* Rows by their entries (ocelot_explain_sparse): every method gives the same bits as of dense rows, on models of every kind, however support vectors
 * are kept and whatever the workspace did before; rows that are not as they should be are told before anything is written. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explainer_trials.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { ROWS = 11, BATCH = 4, SHIFT = 3 };

/* Dense rows and the same by entries, of which the first SHIFT belong to no row. */
struct rows {
    double *dense, *value;
    uint32_t *feature;
    size_t start[ROWS + 1];
};

static void *numbers(size_t n, size_t size)
{
    void *values = calloc(n + 1, size);
    assert_non_null(values);
    return values;
}

/* Some features are 0, and two of those are entries all the same; row 2 is empty, row 5 holds all, row 7 holds NaN. */
static struct rows make_rows(const struct ocelot_model *model)
{
    size_t d = model->feature_count, e = SHIFT;
    struct rows rows = {.dense = numbers(ROWS * d, sizeof *rows.dense),
                        .value = numbers(ROWS * d + SHIFT, sizeof *rows.value),
                        .feature = numbers(ROWS * d + SHIFT, sizeof *rows.feature)};
    trial_rows(model, 3, ROWS, rows.dense);
    rows.dense[7 * d + d / 2] = (double)NAN;
    for (size_t b = 0; b < ROWS; b++) {
        rows.start[b] = e;
        for (size_t i = 0; i < d; i++) {
            double *x = &rows.dense[b * d + i];
            if (b == 2 || (b != 5 && !isnan(*x) && (b + i) % 3))
                *x = 0;
            if (*x == 0 && !(b == 4 && i < 2))
                continue;
            rows.value[e] = *x;
            rows.feature[e++] = (uint32_t)i;
        }
    }
    rows.start[ROWS] = e;
    return rows;
}

static struct ocelot_sparse_rows sparse_of(const struct rows *rows)
{
    return (struct ocelot_sparse_rows){.start = rows->start, .feature = rows->feature, .value = rows->value};
}

static void free_rows(struct rows *rows)
{
    free(rows->dense);
    free(rows->value);
    free(rows->feature);
}

struct answer {
    struct ocelot_decision decision[ROWS];
    double explained[ROWS], residual[ROWS], *relevance, *nearest, *expected, *support;
    struct ocelot_explanation to;
};

static struct answer *open_answer(const struct ocelot_model *model)
{
    size_t d = model->feature_count, m = model->info.support_vectors;
    struct answer *a = numbers(1, sizeof *a);
    a->relevance = numbers(ROWS * d, sizeof *a->relevance);
    a->nearest = numbers(ROWS * d, sizeof *a->nearest);
    a->expected = numbers(ROWS * d, sizeof *a->expected);
    a->support = numbers(ROWS * m, sizeof *a->support);
    a->to = (struct ocelot_explanation){.decision = a->decision,
                                        .relevance = a->relevance,
                                        .explained = a->explained,
                                        .residual = a->residual,
                                        .nearest = a->nearest,
                                        .support = m ? a->support : NULL,
                                        .expected = a->expected};
    return a;
}

static void close_answer(struct answer *a)
{
    free(a->relevance);
    free(a->nearest);
    free(a->expected);
    free(a->support);
    free(a);
}

/* To the bit, NaN included. */
static void same_bits(const double *dense, const double *sparse, size_t n, const char *model, const char *what)
{
    for (size_t k = 0; k < n; k++) {
        uint64_t bits[2];
        memcpy(&bits[0], dense + k, sizeof *bits);
        memcpy(&bits[1], sparse + k, sizeof *bits);
        if (bits[0] != bits[1])
            fail_msg("%s, %s, %zu: %.17g dense, %.17g by entries", model, what, k, dense[k], sparse[k]);
    }
}

static void same_decisions(const struct ocelot_decision *dense, const struct ocelot_decision *sparse, const char *model, const char *what)
{
    for (size_t b = 0; b < ROWS; b++) {
        assert_int_equal(dense[b].status, sparse[b].status);
        assert_int_equal(dense[b].target, sparse[b].target);
        same_bits(&dense[b].output, &sparse[b].output, 1, model, what);
        same_bits(&dense[b].decision_value, &sparse[b].decision_value, 1, model, what);
    }
}

static bool compare(const struct ocelot_model *model, const char *name, struct ocelot_plan_options options, const struct rows *rows)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    size_t d = model->feature_count, m = model->info.support_vectors;
    const struct ocelot_sparse_rows sparse = sparse_of(rows);
    options.batch = BATCH;
    if (ocelot_plan_create(model, &options, &plan, NULL) != OCELOT_OK)
        return false;
    struct answer *dense = open_answer(model), *listed = open_answer(model);
    assert_int_equal(ocelot_workspace_create(plan, &w, NULL), OCELOT_OK);
    for (size_t turn = 0; turn < 2; turn++) { /* what one call leaves in the workspace is not seen by the next */
        assert_int_equal(ocelot_explain_sparse(plan, w, &sparse, ROWS, &listed->to, NULL), OCELOT_OK);
        assert_int_equal(ocelot_explain(plan, w, rows->dense, ROWS, &dense->to, NULL), OCELOT_OK);
        same_decisions(dense->decision, listed->decision, name, options.method);
        same_bits(dense->relevance, listed->relevance, ROWS * d, name, options.method);
        same_bits(dense->explained, listed->explained, ROWS, name, "explained");
        same_bits(dense->residual, listed->residual, ROWS, name, "residual");
        same_bits(dense->nearest, listed->nearest, ROWS * d, name, "nearest");
        same_bits(dense->support, listed->support, ROWS * m, name, "support");
        same_bits(dense->expected, listed->expected, ROWS * d, name, "expected");
        assert_int_equal(listed->decision[7].status, OCELOT_E_VALUE);
        assert_true(isnan(listed->relevance[7 * d]));
        assert_int_equal(ocelot_score_sparse(plan, w, &sparse, ROWS, listed->decision, NULL), OCELOT_OK);
        assert_int_equal(ocelot_score(plan, w, rows->dense, ROWS, dense->decision, NULL), OCELOT_OK);
        same_decisions(dense->decision, listed->decision, name, "score");
    }
    close_answer(dense);
    close_answer(listed);
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    return true;
}

static void every_method_and_model(void **state)
{
    (void)state;
    static const char *const points[] = {NULL, "sparse"};
    size_t compared = 0;
    for (const struct trial_model *trial = trial_models; trial->name; trial++) {
        struct ocelot_model *model = trial->make();
        struct rows rows = make_rows(model);
        double *background = numbers((size_t)TRIAL_BACKGROUND * TRIAL_WIDEST, sizeof *background);
        trial_rows(model, 4, TRIAL_BACKGROUND, background);
        for (size_t k = 0; ocelot_method_at(k); k++)
            for (size_t p = 0; p < 2; p++) {
                struct ocelot_plan_options options = trial_options(ocelot_method_at(k)->name, NULL, background, TRIAL_BACKGROUND);
                options.points = points[p];
                compared += compare(model, trial->name, options, &rows);
            }
        free(background);
        free_rows(&rows);
        ocelot_model_free(model);
    }
    assert_true(compared > 40);
}

/* Nothing is written, and the sentence says which row. */
static void refused(const struct ocelot_model *model, const struct rows *rows, enum ocelot_status expected, const char *part)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    struct ocelot_error error = {0};
    const struct ocelot_sparse_rows sparse = sparse_of(rows);
    struct answer *a = open_answer(model);
    assert_int_equal(ocelot_plan_create(model, NULL, &plan, NULL), OCELOT_OK);
    assert_int_equal(ocelot_workspace_create(plan, &w, NULL), OCELOT_OK);
    a->decision[0].output = -5;
    assert_int_equal(ocelot_score_sparse(plan, w, &sparse, ROWS, a->decision, &error), expected);
    if (!strstr(error.message, part))
        fail_msg("found '%s', expected '%s' in it", error.message, part);
    assert_int_equal(ocelot_explain_sparse(plan, w, &sparse, ROWS, &a->to, NULL), expected);
    assert_true(a->decision[0].output == -5);
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    close_answer(a);
}

static void wrong_entries(void **state)
{
    (void)state;
    struct ocelot_model *model = trial_train("rbf", "none");
    struct rows rows = make_rows(model);
    uint32_t *last = &rows.feature[rows.start[6] - 1]; /* of row 5, which holds all features */
    uint32_t right = *last;
    *last = (uint32_t)model->feature_count;
    refused(model, &rows, OCELOT_E_SHAPE, "row 5: found feature 5");
    *last = right - 1;
    refused(model, &rows, OCELOT_E_ARGUMENT, "row 5: feature 3 follows feature 3");
    *last = 0;
    refused(model, &rows, OCELOT_E_ARGUMENT, "row 5: feature 0 follows feature 3");
    *last = right;
    rows.start[ROWS] = 0;
    refused(model, &rows, OCELOT_E_ARGUMENT, "row 10 ends before it starts");
    free_rows(&rows);
    ocelot_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_method_and_model), cmocka_unit_test(wrong_entries)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
