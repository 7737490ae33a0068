/* What every method of the whole table owes, on every kind of model: it explains or says in a sentence why not; never NaN; explained + residual =
 * output; the same bytes again, in batches of any size, on any thread. */
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "explainer_trials.h"
#include "ocelot/analysis.h"
#include "support/close.h"
#include "support/cmocka_include.h"

enum { ROWS = 5, BROKEN = 3, THREADS = 2 }; /* row BROKEN holds a NaN */

struct results {
    struct ocelot_decision decision[ROWS];
    double relevance[ROWS * TRIAL_WIDEST], error[ROWS * TRIAL_WIDEST], explained[ROWS], residual[ROWS];
};

static struct ocelot_explanation into(struct results *r, size_t first, size_t d)
{
    return (struct ocelot_explanation){.decision = r->decision + first,
                                       .relevance = r->relevance + first * d,
                                       .standard_error = r->error + first * d,
                                       .explained = r->explained + first,
                                       .residual = r->residual + first};
}

/* The same method on the same model. */
struct trial {
    const char *name, *method;
    const struct ocelot_model *model;
    struct ocelot_plan *plan;
    double rows[ROWS * TRIAL_WIDEST];
    size_t d;
};

/* Rows number first, first + step, ... one at a time. */
struct job {
    const struct trial *trial;
    struct results *results;
    size_t first, step;
    bool failed;
    pthread_t thread;
};

static void *work(void *argument)
{
    struct job *job = argument;
    const struct trial *t = job->trial;
    struct ocelot_workspace *workspace = NULL;
    job->failed = ocelot_workspace_create(t->plan, &workspace, NULL) != OCELOT_OK;
    for (size_t b = job->first; b < ROWS && !job->failed; b += job->step) {
        struct ocelot_explanation out = into(job->results, b, t->d);
        job->failed = ocelot_explain(t->plan, workspace, t->rows + b * t->d, 1, &out, NULL) != OCELOT_OK;
    }
    ocelot_workspace_free(workspace);
    return NULL;
}

static void explain(const struct trial *t, struct results *r)
{
    struct ocelot_workspace *workspace = NULL;
    struct ocelot_explanation out = into(r, 0, t->d);
    assert_int_equal(ocelot_workspace_create(t->plan, &workspace, NULL), OCELOT_OK);
    assert_int_equal(ocelot_explain(t->plan, workspace, t->rows, ROWS, &out, NULL), OCELOT_OK);
    ocelot_workspace_free(workspace);
}

static void check_sums(const struct trial *t, const struct results *r)
{
    for (size_t b = 0; b < ROWS; b++) {
        const double *relevance = r->relevance + b * t->d;
        double sum = 0, magnitude = fabs(r->decision[b].output) + fabs(r->residual[b]);
        assert_int_equal(r->decision[b].status, b == BROKEN ? OCELOT_E_VALUE : OCELOT_OK);
        for (size_t i = 0; i < t->d; i++) {
            if (isfinite(relevance[i]) == (b == BROKEN))
                fail_msg("%s, %s: relevance [%zu][%zu] is %g", t->method, t->name, b, i, relevance[i]);
            if (ocelot_plan_samples(t->plan) && b != BROKEN && !(r->error[b * t->d + i] >= 0))
                fail_msg("%s, %s: standard error [%zu][%zu] is %g", t->method, t->name, b, i, r->error[b * t->d + i]);
            sum += relevance[i];
            magnitude += fabs(relevance[i]);
        }
        /* sums of a few dozen terms in another order */
        if (b != BROKEN && !close_absolute(sum, r->explained[b], 1e-12 * magnitude))
            fail_msg("%s, %s: relevances sum to %.17g, explained is %.17g", t->method, t->name, sum, r->explained[b]);
        if (b != BROKEN && !close_absolute(r->explained[b] + r->residual[b], r->decision[b].output, 1e-9 * magnitude))
            fail_msg("%s, %s: explained %.17g + residual %.17g is not the output %.17g", t->method, t->name, r->explained[b], r->residual[b],
                     r->decision[b].output);
    }
}

static bool same_bytes(const void *a, const void *b, size_t bytes)
{
    return memcmp(a, b, bytes) == 0;
}

/* Bytes, but for the NaNs of the broken row, which have no sign to promise. */
static void check_same(const struct trial *t, const struct results *a, const struct results *b, const char *what)
{
    for (size_t k = 0; k < ROWS; k++) {
        size_t bytes = t->d * sizeof *a->relevance;
        bool same = same_bytes(a->relevance + k * t->d, b->relevance + k * t->d, bytes) &&
                    same_bytes(&a->residual[k], &b->residual[k], sizeof(double)) && same_bytes(&a->explained[k], &b->explained[k], sizeof(double));
        if (ocelot_plan_samples(t->plan))
            same = same && same_bytes(a->error + k * t->d, b->error + k * t->d, bytes);
        if (k != BROKEN && !same)
            fail_msg("%s, %s: row %zu differs %s: explained %.17g and %.17g, residual %.17g and %.17g", t->method, t->name, k, what, a->explained[k],
                     b->explained[k], a->residual[k], b->residual[k]);
    }
}

static void check_threads(const struct trial *t, const struct results *alone)
{
    static struct results together;
    struct job job[THREADS];
    for (size_t n = 0; n < THREADS; n++) {
        job[n] = (struct job){.trial = t, .results = &together, .first = n, .step = THREADS};
        assert_int_equal(pthread_create(&job[n].thread, NULL, work, &job[n]), 0);
    }
    for (size_t n = 0; n < THREADS; n++) {
        pthread_join(job[n].thread, NULL);
        assert_false(job[n].failed);
    }
    check_same(t, alone, &together, "row by row on two threads");
}

/* True when the method explains the model. */
static bool check(struct trial *t, struct ocelot_plan_options options)
{
    static struct results first, other;
    static const size_t batches[] = {1, 3};
    struct ocelot_error error = {0};
    enum ocelot_status status = ocelot_plan_create(t->model, &options, &t->plan, &error);
    if (status != OCELOT_OK) {
        if ((status != OCELOT_E_UNSUPPORTED && status != OCELOT_E_ARGUMENT) || strlen(error.message) < 20)
            fail_msg("%s, %s: refused with status %d, '%s'", t->method, t->name, (int)status, error.message);
        return false;
    }
    explain(t, &first);
    check_sums(t, &first);
    explain(t, &other);
    check_same(t, &first, &other, "the second time");
    check_threads(t, &first);
    ocelot_plan_free(t->plan);
    for (size_t k = 0; k < sizeof batches / sizeof *batches; k++) {
        options.batch = batches[k];
        assert_int_equal(ocelot_plan_create(t->model, &options, &t->plan, &error), OCELOT_OK);
        explain(t, &other);
        check_same(t, &first, &other, batches[k] == 1 ? "in batches of one" : "in batches of three");
        ocelot_plan_free(t->plan);
    }
    return true;
}

static void every_method_on_every_model(void **state)
{
    const struct ocelot_method *method;
    (void)state;
    for (size_t k = 0; (method = ocelot_analysis_method_at(k)); k++) {
        size_t explained = 0;
        for (const struct trial_model *m = trial_models; m->name; m++) {
            struct ocelot_model *model = m->make();
            double background[TRIAL_BACKGROUND * TRIAL_WIDEST];
            struct trial t = {.name = m->name, .method = method->name, .model = model, .d = model->feature_count};
            assert_true(t.d <= TRIAL_WIDEST);
            trial_rows(model, 12, ROWS, t.rows);
            trial_rows(model, 13, TRIAL_BACKGROUND, background);
            t.rows[BROKEN * t.d + 1] = NAN;
            explained += check(&t, trial_options(method->name, NULL, NULL, 0));
            explained += check(&t, trial_options(method->name, NULL, background, TRIAL_BACKGROUND));
            ocelot_model_free(model);
        }
        if (explained == 0)
            fail_msg("%s explains none of the models", method->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_method_on_every_model)};
    return cmocka_run_group_tests_name("explainers", tests, NULL, NULL);
}
