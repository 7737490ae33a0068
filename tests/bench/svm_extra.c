#include "svm_extra.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

enum { CALLS = 4000, ROWS = 300 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* A plan with its workspace. */
struct engine {
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
};

static bool engine_make(struct engine *e, const struct ocelot_model *model, bool explains, const char *precision)
{
    struct ocelot_error error = {0};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.precision = precision;
    *e = (struct engine){NULL, NULL};
    enum ocelot_status status =
        explains ? ocelot_plan_create(model, &options, &e->plan, &error) : ocelot_plan_create_score(model, &options, &e->plan, &error);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(e->plan, &e->workspace, &error);
    if (status != OCELOT_OK)
        fprintf(stderr, "%s\n", error.message);
    return status == OCELOT_OK;
}

static void engine_free(struct engine *e)
{
    ocelot_workspace_free(e->workspace);
    ocelot_plan_free(e->plan);
}

/* Sorted times of single rows; an engine without a plan is LIBSVM. */
static bool time_rows(const struct svm_case *c, const struct engine *e, bool explains,
                      double *relevance, /* NOLINT(readability-non-const-parameter) */
                      double *seconds)
{
    for (size_t n = 0; n < CALLS; n++) {
        size_t b = n % c->rows;
        struct ocelot_decision decision;
        struct ocelot_explanation out = {.decision = &decision, .relevance = relevance};
        enum ocelot_status status = OCELOT_OK;
        double start = now(), value;
        if (!e->plan)
            svm_predict_values(c->libsvm, c->nodes + b * (c->features + 1), &value);
        else if (explains)
            status = ocelot_explain(e->plan, e->workspace, c->x + b * c->features, 1, &out, NULL);
        else
            status = ocelot_score(e->plan, e->workspace, c->x + b * c->features, 1, &decision, NULL);
        seconds[n] = now() - start;
        if (status != OCELOT_OK)
            return false;
    }
    qsort(seconds, CALLS, sizeof *seconds, by_value);
    return true;
}

bool svm_latency(const struct svm_case *c, FILE *json)
{
    static const struct {
        const char *name, *precision;
        bool explains;
    } works[] = {{"LIBSVM score", NULL, false},
                 {"float64 score", "float64", false},
                 {"float64 explain", "float64", true},
                 {"float32 score", "float32", false},
                 {"float32 explain", "float32", true}};
    double *relevance = calloc(c->features, sizeof *relevance), *seconds = calloc(CALLS, sizeof *seconds), base[2] = {0};
    bool good = relevance && seconds;
    printf("\none row at a time, %zu support vectors, %zu features, %d calls\n%-24s %10s %10s %14s %14s\n", c->units, c->features, CALLS, "",
           "median us", "p99 us", "LIBSVM / this", "p99 / p99");
    if (json)
        fputs(",\"latency\":[", json);
    for (size_t k = 0; good && k < sizeof works / sizeof *works; k++) {
        struct engine e = {NULL, NULL};
        good = (!works[k].precision || engine_make(&e, c->model, works[k].explains, works[k].precision)) &&
               time_rows(c, &e, works[k].explains, relevance, seconds);
        double median = 1e6 * seconds[CALLS / 2], late = 1e6 * seconds[(size_t)CALLS * 99 / 100];
        if (k == 0) {
            base[0] = median;
            base[1] = late;
        }
        printf("%-24s %10.2f %10.2f %14.2f %14.2f\n", works[k].name, median, late, base[0] / median, base[1] / late);
        if (json)
            fprintf(json, "%s\n{\"name\":\"%s\",\"median_us\":%.3f,\"p99_us\":%.3f}", k ? "," : "", works[k].name, median, late);
        engine_free(&e);
    }
    if (json)
        fputs("]", json);
    free(relevance);
    free(seconds);
    return good;
}

struct errors {
    double score, relevance, open; /* worst row: relative, in the 1-norm relative to the sum, and of the sums not closing */
    size_t below;                  /* relevances under zero */
};

static bool measure(const struct svm_case *c, const char *precision, struct errors *worst)
{
    struct engine e;
    long double *exact = calloc(c->features, sizeof *exact);
    double *relevance = calloc(c->features, sizeof *relevance);
    bool good = engine_make(&e, c->model, true, precision) && exact && relevance;
    *worst = (struct errors){0};
    for (size_t b = 0; good && b < c->rows; b++) {
        struct ocelot_decision decision;
        double residual = 0;
        struct ocelot_explanation out = {.decision = &decision, .relevance = relevance, .residual = &residual};
        good = ocelot_explain(e.plan, e.workspace, c->x + b * c->features, 1, &out, NULL) == OCELOT_OK;
        long double o = svm_case_oracle(c, SVM_RBF(c), b, exact), sum = 0, off = 0, found = residual;
        for (size_t i = 0; i < c->features; i++) {
            sum += exact[i];
            off += fabsl(exact[i] - (long double)relevance[i]);
            found += (long double)relevance[i];
            worst->below += !(relevance[i] >= 0);
        }
        worst->score = fmax(worst->score, (double)(fabsl(o - (long double)decision.outlier_score) / o));
        worst->relevance = fmax(worst->relevance, (double)(off / sum));
        worst->open = fmax(worst->open, fabs((double)found - decision.outlier_score) / decision.outlier_score);
    }
    engine_free(&e);
    free(exact);
    free(relevance);
    return good;
}

bool svm_accuracy(size_t units, size_t features, FILE *json)
{
    static const struct {
        const char *name;
        double gamma, offset, distance;
    } cases[] = {{"plain", 0.01, 0, 0},
                 {"offset 1e4", 0.01, 1e4, 0},
                 {"1e-3 from a support vector, gamma 1", 1, 0, 1e-3},
                 {"1e-6 from one", 1, 0, 1e-6},
                 {"offset 1e4 and 1e-3 from one", 1, 1e4, 1e-3},
                 {"gamma 1", 1, 0, 0}};
    static const char *const precisions[] = {"float64", "float32"};
    bool good = true;
    printf("\nlargest errors of %d rows against long double\n%-40s %-8s %10s %10s %10s %8s\n", ROWS, "", "", "score", "R", "sums", "R < 0");
    if (json)
        fputs(",\"accuracy\":[", json);
    for (size_t k = 0; good && k < sizeof cases / sizeof *cases; k++) {
        struct svm_case c;
        good = svm_case_make_at(&c, units, features, ROWS, cases[k].gamma, cases[k].offset, cases[k].distance);
        for (size_t p = 0; good && p < 2; p++) {
            struct errors worst;
            double promise = p ? 1e-5 : 1e-9;
            good = measure(&c, precisions[p], &worst);
            printf("%-40s %-8s %10.1e %10.1e %10.1e %8zu\n", cases[k].name, precisions[p], worst.score, worst.relevance, worst.open, worst.below);
            if (json)
                fprintf(json, "%s\n{\"case\":\"%s\",\"precision\":\"%s\",\"score\":%.2e,\"relevance\":%.2e,\"sums\":%.2e,\"below_zero\":%zu}",
                        k || p ? "," : "", cases[k].name, precisions[p], worst.score, worst.relevance, worst.open, worst.below);
            good = good && worst.score <= promise && worst.relevance <= promise && worst.open <= promise && worst.below == 0;
        }
        svm_case_free(&c);
    }
    if (json)
        fputs("]", json);
    return good;
}
