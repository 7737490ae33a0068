#include "svm_kernels.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { CHECKED = 40, WORKS = 4 };

/* Of standard normal rows of 100 features all scores are between 0.5 and 3. */
static const struct svm_kernel kernels[] = {{"rbf", 0.01, 2}, {"laplace", 0.1, 1}, {"generalised-gaussian", 0.03, 1.5}, {"student", 0.05, 0}};

static const struct {
    const char *name, *precision;
    bool explains;
} works[WORKS] = {{"score", "float64", false}, {"score", "float32", false}, {"explain", "float64", true}, {"explain", "float32", true}};

/* One work on one kernel; errors are the worst row's, relative, of relevances in the 1-norm relative to their sum. */
struct engine {
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    double best_ms, score_error, relevance_error;
};

struct results {
    struct ocelot_decision *decision;
    double *relevance;
    long double *exact;
};

static double processor_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static bool engine_make(struct engine *e, const struct ocelot_model *model, size_t work)
{
    struct ocelot_error error = {0};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.precision = works[work].precision;
    *e = (struct engine){.best_ms = (double)INFINITY};
    enum ocelot_status status =
        works[work].explains ? ocelot_plan_create(model, &options, &e->plan, &error) : ocelot_plan_create_score(model, &options, &e->plan, &error);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(e->plan, &e->workspace, &error);
    if (status != OCELOT_OK)
        fprintf(stderr, "%s\n", error.message);
    return status == OCELOT_OK;
}

static bool run(const struct svm_case *c, struct engine *e, size_t work, struct results *results)
{
    struct ocelot_explanation out = {.decision = results->decision, .relevance = results->relevance};
    double start = processor_ms();
    enum ocelot_status status = works[work].explains ? ocelot_explain(e->plan, e->workspace, c->x, c->rows, &out, NULL)
                                                     : ocelot_score(e->plan, e->workspace, c->x, c->rows, out.decision, NULL);
    e->best_ms = fmin(e->best_ms, processor_ms() - start);
    return status == OCELOT_OK;
}

static void check(const struct svm_case *c, const struct svm_kernel *kernel, struct engine *e, bool explains, const struct results *results)
{
    for (size_t b = 0; b < CHECKED && b < c->rows; b++) {
        long double o = svm_case_oracle(c, kernel, b, results->exact), sum = 0, off = 0;
        for (size_t i = 0; explains && i < c->features; i++) {
            sum += results->exact[i];
            off += fabsl(results->exact[i] - (long double)results->relevance[b * c->features + i]);
        }
        e->score_error = fmax(e->score_error, (double)(fabsl(o - (long double)results->decision[b].outlier_score) / o));
        e->relevance_error = explains ? fmax(e->relevance_error, (double)(off / sum)) : 0;
    }
}

static void print(const struct svm_kernel *kernel, const struct engine *engines, bool first, FILE *json)
{
    for (size_t k = 0; k < WORKS; k++) {
        double gain = engines[k & ~(size_t)1].best_ms / engines[k].best_ms;
        printf("%-22s %-8s %-8s %10.1f %10.2f %12.1e %12.1e\n", kernel->name, works[k].precision, works[k].name, engines[k].best_ms, gain,
               engines[k].score_error, engines[k].relevance_error);
        if (json)
            fprintf(json,
                    "%s\n{\"kernel\":\"%s\",\"name\":\"%s %s\",\"best_ms\":%.3f,\"float64_over_this\":%.3f,\"score_error\":%.2e,"
                    "\"relevance_error\":%.2e}",
                    first && k == 0 ? "" : ",", kernel->name, works[k].precision, works[k].name, engines[k].best_ms, gain, engines[k].score_error,
                    engines[k].relevance_error);
    }
}

static bool compete(const struct svm_case *c, const struct svm_kernel *kernel, size_t turns, struct results *results, bool first, FILE *json)
{
    struct engine engines[WORKS] = {{.plan = NULL}};
    struct ocelot_model *model = svm_case_model(c, kernel);
    bool good = model;
    for (size_t k = 0; good && k < WORKS; k++)
        good = engine_make(&engines[k], model, k);
    for (size_t turn = 0; good && turn < turns; turn++)
        for (size_t k = 0; good && k < WORKS; k++) {
            good = run(c, &engines[k], k, results);
            if (good && turn == 0)
                check(c, kernel, &engines[k], works[k].explains, results);
        }
    if (good)
        print(kernel, engines, first, json);
    for (size_t k = 0; k < WORKS; k++) {
        double promise = k & 1 ? 1e-5 : 1e-9;
        good = good && engines[k].score_error <= promise && engines[k].relevance_error <= promise;
        ocelot_workspace_free(engines[k].workspace);
        ocelot_plan_free(engines[k].plan);
    }
    ocelot_model_free(model);
    return good;
}

bool svm_kernels(const struct svm_case *c, size_t turns, FILE *json)
{
    struct results results = {.decision = calloc(c->rows, sizeof *results.decision),
                              .relevance = calloc(c->rows * c->features, sizeof(double)),
                              .exact = calloc(c->features, sizeof(long double))};
    bool good = results.decision && results.relevance && results.exact;
    printf("\nkernels of a distance, %zu support vectors, %zu features, %zu rows; one thread, processor time, best of %zu turns\n", c->units,
           c->features, c->rows, turns);
    printf("%-22s %-8s %-8s %10s %10s %12s %12s\n", "", "", "", "best ms", "float64/", "score error", "R error");
    if (json)
        fputs(",\"kernels\":[", json);
    for (size_t k = 0; good && k < sizeof kernels / sizeof *kernels; k++)
        good = compete(c, &kernels[k], turns, &results, k == 0, json);
    if (json)
        fputs("]", json);
    free(results.decision);
    free(results.relevance);
    free(results.exact);
    return good;
}
