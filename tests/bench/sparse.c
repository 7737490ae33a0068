/* LIBSVM data of many features, most of them 0 in every row: LIBSVM scores the rows in one thread, Ocelot scores and explains them in one thread.
 * Rows are lists of entries for both. All take turns; times are of the processor, of the best turn. Errors are against long double. */
#include <libsvm/svm.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/rng.h"
#include "ocelot/ocelot.h"

enum { UNITS = 2000, ROWS = 64, CHECKED = 8, JOBS = 3 };

static const struct shape {
    const char *name;
    size_t features, entries; /* d, of each row and support vector */
    bool zipf;                /* feature k with a probability of 1 / (k + 10), as words of a text; else all alike */
} shapes[] = {{"even", 364, 100, false},   {"even", 1164, 100, false},  {"even", 2094, 30, false},
              {"even", 20164, 100, false}, {"even", 100114, 50, false}, {"Zipf", 50000, 80, true}};

struct bench {
    const struct shape *shape;
    struct svm_node *points[UNITS], *rows[ROWS], *nodes;
    struct svm_model *libsvm;
    struct ocelot_model *model;
    struct ocelot_plan *score, *explain;
    struct ocelot_workspace *score_room, *explain_room;
    size_t batch, *start; /* [ROWS + 1] */
    uint32_t *feature;
    double *value, *x, *relevance; /* entries of all rows; [features]; [batch][features] */
    struct ocelot_decision decision[ROWS];
    double seconds[JOBS], score_error, relevance_error;
};

static double processor_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_index(const void *a, const void *b)
{
    return ((const struct svm_node *)a)->index - ((const struct svm_node *)b)->index;
}

/* One row: its entries, ascending, and LIBSVM's end. `taken` [features + 1] says in which row each feature was drawn last. */
static void draw(const struct shape *shape, struct ocelot_rng *rng, size_t number, size_t *taken, struct svm_node *to)
{
    for (size_t k = 0; k < shape->entries;) {
        double part = ocelot_rng_uniform(rng), d = (double)shape->features;
        size_t i = 1 + (size_t)(shape->zipf ? 10 * (pow((d + 10) / 10, part) - 1) : part * d);
        if (i > shape->features || taken[i] == number)
            continue;
        taken[i] = number;
        to[k++] = (struct svm_node){.index = (int)i, .value = 0.1 + ocelot_rng_uniform(rng)};
    }
    qsort(to, shape->entries, sizeof *to, by_index);
    to[shape->entries].index = -1;
}

/* The rows as Ocelot takes them. */
static bool list_rows(struct bench *b)
{
    size_t each = b->shape->entries;
    b->start = calloc(ROWS + 1, sizeof *b->start);
    b->feature = calloc(ROWS * each, sizeof *b->feature);
    b->value = calloc(ROWS * each, sizeof *b->value);
    if (!b->start || !b->feature || !b->value)
        return false;
    for (size_t r = 0; r <= ROWS; r++)
        b->start[r] = r * each;
    for (size_t e = 0; e < ROWS * each; e++) {
        b->feature[e] = (uint32_t)b->rows[e / each][e % each].index - 1;
        b->value[e] = b->rows[e / each][e % each].value;
    }
    return true;
}

static bool make_rows(struct bench *b)
{
    size_t each = b->shape->entries + 1, *taken = calloc(b->shape->features + 1, sizeof *taken);
    struct ocelot_rng rng;
    b->nodes = calloc((UNITS + ROWS) * each, sizeof *b->nodes);
    ocelot_rng_seed(&rng, 1);
    for (size_t n = 0; b->nodes && taken && n < UNITS + ROWS; n++) {
        *(n < UNITS ? &b->points[n] : &b->rows[n - UNITS]) = b->nodes + n * each;
        draw(b->shape, &rng, n + 1, taken, b->nodes + n * each);
    }
    bool good = b->nodes && taken && list_rows(b);
    if (good)
        b->points[0][b->shape->entries - 1].index = (int)b->shape->features; /* so that the model has them all */
    free(taken);
    return good;
}

static double gamma_of(const struct bench *b)
{
    return 1 / (double)b->shape->entries;
}

/* The model through a file, for both. */
static bool make_models(struct bench *b)
{
    char path[] = "/tmp/ocelot-bench-XXXXXX";
    struct ocelot_error error = {0};
    int file = mkstemp(path);
    FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
    if (!out)
        return false;
    fprintf(out, "svm_type one_class\nkernel_type rbf\ngamma %.17g\nnr_class 2\ntotal_sv %d\nrho 1\nSV\n", gamma_of(b), UNITS);
    for (size_t j = 0; j < UNITS; j++) {
        fputc('1', out);
        for (const struct svm_node *e = b->points[j]; e->index > 0; e++)
            fprintf(out, " %d:%.17g", e->index, e->value);
        fputs(" \n", out);
    }
    bool good = fclose(out) == 0;
    good = good && ocelot_svm_read(path, NULL, &b->model, &error) == OCELOT_OK && (b->libsvm = svm_load_model(path)) != NULL;
    unlink(path);
    good = good && ocelot_plan_create_score(b->model, NULL, &b->score, &error) == OCELOT_OK &&
           ocelot_plan_create(b->model, NULL, &b->explain, &error) == OCELOT_OK &&
           ocelot_workspace_create(b->score, &b->score_room, &error) == OCELOT_OK &&
           ocelot_workspace_create(b->explain, &b->explain_room, &error) == OCELOT_OK;
    if (!good) {
        fprintf(stderr, "%s\n", error.message);
        return false;
    }
    b->batch = ocelot_plan_batch(b->explain);
    b->batch = b->batch < ROWS ? b->batch : ROWS;
    b->x = calloc(b->shape->features, sizeof *b->x);
    b->relevance = calloc(b->batch * b->shape->features, sizeof *b->relevance);
    if (!b->x || !b->relevance)
        return false;
    ocelot_prefer_large_pages(b->relevance, b->batch * b->shape->features * sizeof *b->relevance);
    return true;
}

/* Score and relevance of row r in long double, over entries: what a point has beyond x^2 at each. Errors into *b. */
static void check(struct bench *b, size_t r, double score, const double *relevance)
{
    size_t d = b->shape->features;
    double *x = b->x;
    long double squared[UNITS], norm = 0, f = 0, gamma = gamma_of(b), all = 0, sum = 0, off = 0;
    long double *exact = calloc(d, sizeof *exact);
    memset(x, 0, d * sizeof *x);
    for (const struct svm_node *e = b->rows[r]; e->index > 0; e++)
        x[e->index - 1] = e->value;
    for (size_t i = 0; i < d; i++)
        norm += (long double)x[i] * (long double)x[i];
    for (size_t j = 0; j < UNITS; j++) {
        squared[j] = norm;
        for (const struct svm_node *e = b->points[j]; e->index > 0; e++)
            squared[j] += (long double)e->value * ((long double)e->value - 2 * (long double)x[e->index - 1]);
        f += expl(-gamma * squared[j]) / UNITS;
    }
    long double o = -logl(f);
    for (size_t j = 0; exact && j < UNITS; j++) {
        long double w = expl(o - gamma * squared[j]) / UNITS * fminl(o, gamma * squared[j]) / squared[j];
        all += w;
        for (const struct svm_node *e = b->points[j]; e->index > 0; e++)
            exact[e->index - 1] += w * (long double)e->value * ((long double)e->value - 2 * (long double)x[e->index - 1]);
    }
    for (size_t i = 0; exact && i < d; i++) {
        exact[i] += all * (long double)x[i] * (long double)x[i];
        sum += exact[i];
        off += fabsl(exact[i] - (long double)relevance[i]) + (relevance[i] < 0 ? 1 : 0);
    }
    b->score_error = fmax(b->score_error, (double)(fabsl(o - (long double)score) / o));
    b->relevance_error = exact ? fmax(b->relevance_error, (double)(off / sum)) : (double)INFINITY;
    free(exact);
}

static bool run(struct bench *b, size_t job, bool first_turn)
{
    bool good = true;
    double value;
    for (size_t r = 0; job == 0 && r < ROWS; r++)
        svm_predict_values(b->libsvm, b->rows[r], &value);
    for (size_t r = 0; job > 0 && r < ROWS; r += b->batch) {
        size_t count = ROWS - r < b->batch ? ROWS - r : b->batch;
        struct ocelot_explanation out = {.decision = b->decision, .relevance = b->relevance};
        const struct ocelot_sparse_rows rows = {b->start + r, b->feature, b->value};
        enum ocelot_status status = job == 1 ? ocelot_score_sparse(b->score, b->score_room, &rows, count, b->decision, NULL)
                                             : ocelot_explain_sparse(b->explain, b->explain_room, &rows, count, &out, NULL);
        for (size_t n = 0; job == 2 && first_turn && n < count && r + n < CHECKED; n++)
            check(b, r + n, b->decision[n].outlier_score, b->relevance + n * b->shape->features);
        good = good && status == OCELOT_OK;
    }
    return good;
}

static void release(struct bench *b)
{
    ocelot_workspace_free(b->score_room);
    ocelot_workspace_free(b->explain_room);
    ocelot_plan_free(b->score);
    ocelot_plan_free(b->explain);
    ocelot_model_free(b->model);
    if (b->libsvm)
        svm_free_and_destroy_model(&b->libsvm);
    free(b->nodes);
    free(b->start);
    free(b->feature);
    free(b->value);
    free(b->x);
    free(b->relevance);
}

static bool measure(const struct shape *shape, size_t turns, FILE *json, bool comma)
{
    struct bench b = {.shape = shape, .seconds = {INFINITY, INFINITY, INFINITY}};
    bool good = make_rows(&b) && make_models(&b);
    for (size_t turn = 0; good && turn < turns + 1; turn++)
        for (size_t job = 0; good && job < JOBS; job++) {
            double start = processor_time();
            good = run(&b, job, turn == 0);
            if (turn > 0)
                b.seconds[job] = fmin(b.seconds[job], processor_time() - start);
        }
    double us[JOBS];
    for (size_t job = 0; job < JOBS; job++)
        us[job] = 1e6 * b.seconds[job] / ROWS;
    if (good)
        printf("%-6s %8zu %8zu %14.1f %10.1f %8.1f %12.1f %8.1f %12.1e %12.1e\n", shape->name, shape->features, shape->entries, us[0], us[1],
               us[0] / us[1], us[2], us[0] / us[2], b.score_error, b.relevance_error);
    fflush(stdout);
    if (good && json)
        fprintf(json,
                "%s\n{\"features_drawn\":\"%s\",\"features\":%zu,\"entries\":%zu,\"libsvm_us\":%.2f,\"score_us\":%.2f,\"explain_us\":%.2f,"
                "\"score_error\":%.2e,\"relevance_error\":%.2e}",
                comma ? "," : "", shape->name, shape->features, shape->entries, us[0], us[1], us[2], b.score_error, b.relevance_error);
    release(&b);
    return good && b.score_error <= 1e-9 && b.relevance_error <= 1e-9; /* wrong results are not a speed */
}

int main(int argc, char **argv)
{
    size_t count = sizeof shapes / sizeof *shapes, skipped = 0, turns = 7;
    const char *path = NULL;
    for (int a = 1; a + 1 < argc; a += 2) {
        turns = strcmp(argv[a], "--repeats") == 0 ? strtoul(argv[a + 1], NULL, 10) : turns;
        count = strcmp(argv[a], "--shapes") == 0 ? strtoul(argv[a + 1], NULL, 10) : count;
        skipped = strcmp(argv[a], "--from") == 0 ? strtoul(argv[a + 1], NULL, 10) : skipped;
        path = strcmp(argv[a], "--json") == 0 ? argv[a + 1] : path;
    }
    if (argc % 2 == 0 || turns == 0 || count == 0 || count > sizeof shapes / sizeof *shapes || skipped >= count) {
        fputs("usage: ocelot-bench-sparse [--repeats K] [--from SKIPPED] [--shapes FIRST] [--json FILE]\n", stderr);
        return 2;
    }
    FILE *json = path ? fopen(path, "w") : NULL;
    bool good = !path || json;
    const char *coretype = getenv("OPENBLAS_CORETYPE");
    printf("one-class RBF, %d support vectors, %d rows; one thread, microseconds of processor time a row, best of %zu turns\n"
           "OPENBLAS_CORETYPE %s (not used by either)\n%-6s %8s %8s %14s %10s %8s %12s %8s %12s %12s\n",
           UNITS, ROWS, turns, coretype ? coretype : "unset", "", "features", "entries", "LIBSVM scores", "score", "ratio", "explain", "ratio",
           "score error", "R error");
    if (json)
        fprintf(json, "{\"support_vectors\":%d,\"rows\":%d,\"turns\":%zu,\"threads\":1,\"openblas_coretype\":\"%s\",\"results\":[", UNITS, ROWS,
                turns, coretype ? coretype : "unset");
    for (size_t k = skipped; good && k < count; k++)
        good = measure(&shapes[k], turns, json, k > skipped);
    if (json) {
        fputs("]}\n", json);
        good = fclose(json) == 0 && good;
    }
    return good ? 0 : 1;
}
