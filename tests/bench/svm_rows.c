/* Ocelot and LIBSVM side by side on one model: LIBSVM scores the rows in one thread; Ocelot scores and explains them in one and more threads
 * with every arithmetic that this CPU has. All take turns, so that other work on the machine disturbs all alike; medians are compared. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernels/kernels.h"
#include "svm_case.h"
#include "svm_extra.h"
#include "svm_kernels.h"

enum { REPEATS = 99, THREADS = 16, CONTESTANTS = 40, CHECKED = 40, CHECKED_BRIEFLY = 4 };

struct settings {
    size_t units, features, rows, repeats, threads;
    size_t brief; /* 1: only the arithmetic that is taken by default, no single rows, no other cases */
    const char *json;
};

/* One line of the table. */
struct contestant {
    char name[48];
    const char *kernels; /* NULL: LIBSVM */
    const char *precision;
    bool explains;
    size_t threads;
    struct ocelot_plan *plan;
    struct ocelot_workspace *workspace[THREADS];
    double seconds[REPEATS];
    double processor;                    /* seconds of processor time of all threads, the best turn */
    double score_error, relevance_error; /* relative, worst row */
};

struct results {
    double *values; /* [n] of LIBSVM */
    struct ocelot_decision *decision;
    double *relevance, *residual;
};

/* Rows are handed out in pieces of a few batches. */
struct work {
    const struct svm_case *c;
    struct contestant *who;
    struct results *results;
    atomic_size_t next, workers;
    atomic_bool failed;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double processor_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *work_on(void *argument)
{
    struct work *work = argument;
    const struct svm_case *c = work->c;
    struct contestant *who = work->who;
    struct ocelot_workspace *workspace = who->workspace[atomic_fetch_add(&work->workers, 1)];
    size_t piece = 2 * ocelot_plan_batch(who->plan);
    for (size_t first = atomic_fetch_add(&work->next, piece); first < c->rows; first = atomic_fetch_add(&work->next, piece)) {
        size_t n = c->rows - first < piece ? c->rows - first : piece;
        const double *x = c->x + first * c->features;
        struct ocelot_explanation out = {.decision = work->results->decision + first,
                                         .relevance = work->results->relevance + first * c->features,
                                         .residual = work->results->residual + first};
        enum ocelot_status status =
            who->explains ? ocelot_explain(who->plan, workspace, x, n, &out, NULL) : ocelot_score(who->plan, workspace, x, n, out.decision, NULL);
        if (status != OCELOT_OK)
            atomic_store(&work->failed, true);
    }
    return NULL;
}

static bool run_ocelot(const struct svm_case *c, struct contestant *who, struct results *results)
{
    struct work work = {.c = c, .who = who, .results = results};
    pthread_t thread[THREADS];
    size_t started = 1;
    while (started < who->threads && pthread_create(&thread[started], NULL, work_on, &work) == 0)
        started++;
    work_on(&work);
    for (size_t t = 1; t < started; t++)
        pthread_join(thread[t], NULL);
    return started == who->threads && !atomic_load(&work.failed);
}

static bool run(const struct svm_case *c, struct contestant *who, struct results *results)
{
    if (who->kernels)
        return run_ocelot(c, who, results);
    for (size_t b = 0; b < c->rows; b++)
        svm_predict_values(c->libsvm, c->nodes + b * (c->features + 1), &results->values[b]);
    return true;
}

/* Worst error of the first rows against long double: scores relative to the score, relevances in the 1-norm relative to their sum. */
static void check(const struct svm_case *c, struct contestant *who, const struct results *results, size_t rows)
{
    long double *relevance = malloc(c->features * sizeof *relevance);
    for (size_t b = 0; relevance && b < rows && b < c->rows; b++) {
        long double o = svm_case_oracle(c, SVM_RBF(c), b, relevance), sum = 0, off = 0;
        for (size_t i = 0; i < c->features; i++) {
            sum += relevance[i];
            off += fabsl(relevance[i] - (long double)results->relevance[b * c->features + i]);
        }
        who->score_error = fmax(who->score_error, (double)(fabsl(o - (long double)results->decision[b].outlier_score) / o));
        who->relevance_error = who->explains ? fmax(who->relevance_error, (double)(off / sum)) : 0;
    }
    if (!relevance)
        who->score_error = (double)INFINITY;
    free(relevance);
}

static bool prepare(const struct svm_case *c, struct contestant *who)
{
    struct ocelot_error error = {0};
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.kernels = who->kernels;
    options.precision = who->precision;
    enum ocelot_status status =
        who->explains ? ocelot_plan_create(c->model, &options, &who->plan, &error) : ocelot_plan_create_score(c->model, &options, &who->plan, &error);
    for (size_t t = 0; status == OCELOT_OK && t < who->threads; t++)
        status = ocelot_workspace_create(who->plan, &who->workspace[t], &error);
    if (status != OCELOT_OK)
        fprintf(stderr, "%s: %s\n", who->name, error.message);
    return status == OCELOT_OK;
}

/* LIBSVM first, then every body but the reference, in double and in float, score and explain, one thread and all. */
static size_t enter(const struct settings *settings, struct contestant *all)
{
    size_t count = 0;
    snprintf(all[count++].name, sizeof all->name, "LIBSVM score");
    for (size_t k = 1; ocelot_kernel_bodies[k]; k++)
        for (unsigned job = 0; ocelot_kernel_bodies[k]->available() && job < 8; job++) {
            size_t threads = job & 1 ? settings->threads : 1;
            if ((job & 1 && threads == 1) || count == CONTESTANTS || (settings->brief && ocelot_kernel_bodies[k] != ocelot_kernels_find(NULL)))
                continue;
            struct contestant *who = &all[count++];
            who->kernels = ocelot_kernel_bodies[k]->name;
            who->explains = job & 2;
            who->threads = threads;
            who->precision = job & 4 ? "float32" : "float64";
            snprintf(who->name, sizeof who->name, "%s %s %s", who->kernels, who->precision, who->explains ? "explain" : "score");
        }
    return count;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

struct machine {
    char cpu[256];
    long cpus;
    const char *coretype;
};

static struct machine this_machine(void)
{
    const char *coretype = getenv("OPENBLAS_CORETYPE");
    struct machine machine = {.cpu = "unknown", .cpus = sysconf(_SC_NPROCESSORS_ONLN), .coretype = coretype ? coretype : "unset"};
    char line[256];
    FILE *info = fopen("/proc/cpuinfo", "r");
    while (info && fgets(line, sizeof line, info))
        if (strncmp(line, "model name", 10) == 0 && sscanf(line, "%*[^:]: %255[^\n]", machine.cpu) == 1)
            break;
    if (info)
        fclose(info);
    return machine;
}

static void print_table(const struct settings *settings, const struct contestant *all, size_t count)
{
    printf("one-class RBF, %zu support vectors, %zu features, %zu rows; median of %zu turns\n", settings->units, settings->features, settings->rows,
           settings->repeats);
    struct machine machine = this_machine();
    printf("CPU %s, %ld online; OPENBLAS_CORETYPE %s (not used by either)\n"
           "LIBSVM / this: of the best turns. By processor: of processor time, as if each thread had a processor to itself\n\n",
           machine.cpu, machine.cpus, machine.coretype);
    printf("%-24s %7s %10s %10s %14s %14s %12s %12s\n", "", "threads", "median ms", "best ms", "LIBSVM / this", "by processor", "score error",
           "R error");
    for (size_t k = 0; k < count; k++) {
        const double *t = all[k].seconds;
        double median = t[settings->repeats / 2], threads = all[k].kernels ? (double)all[k].threads : 1;
        printf("%-24s %7g %10.1f %10.1f %14.2f %14.2f", all[k].name, threads, 1e3 * median, 1e3 * t[0], all[0].seconds[0] / t[0],
               all[0].processor * threads / all[k].processor);
        if (all[k].kernels)
            printf(" %12.1e", all[k].score_error);
        if (all[k].explains)
            printf(" %12.1e", all[k].relevance_error);
        putchar('\n');
    }
}

static void write_json(const struct settings *settings, const struct contestant *all, size_t count, FILE *out)
{
    fprintf(out, "{\"support_vectors\":%zu,\"features\":%zu,\"rows\":%zu,\"turns\":%zu,", settings->units, settings->features, settings->rows,
            settings->repeats);
    struct machine machine = this_machine();
    fprintf(out, "\"cpu\":\"%s\",\"cpus\":%ld,\"openblas_coretype\":\"%s\",\"default_kernels\":\"%s\",\"results\":[", machine.cpu, machine.cpus,
            machine.coretype, ocelot_kernels_find(NULL)->name);
    for (size_t k = 0; k < count; k++) {
        const double *t = all[k].seconds;
        fprintf(out,
                "%s\n{\"name\":\"%s\",\"threads\":%zu,\"median_ms\":%.3f,\"best_ms\":%.3f,\"cpu_ms\":%.3f,\"libsvm_over_this\":%.3f,\"by_processor\":"
                "%.3f",
                k ? "," : "", all[k].name, all[k].kernels ? all[k].threads : 1, 1e3 * t[settings->repeats / 2], 1e3 * t[0], 1e3 * all[k].processor,
                all[0].seconds[0] / t[0], all[0].processor * (double)(all[k].kernels ? all[k].threads : 1) / all[k].processor);
        if (all[k].kernels)
            fprintf(out, ",\"score_error\":%.2e", all[k].score_error);
        if (all[k].explains)
            fprintf(out, ",\"relevance_error\":%.2e", all[k].relevance_error);
        fputs("}", out);
    }
    fputs("]", out);
}

static bool compete(const struct settings *settings, const struct svm_case *c, struct contestant *all, size_t count)
{
    struct results results = {.values = calloc(c->rows, sizeof(double)),
                              .decision = calloc(c->rows, sizeof *results.decision),
                              .relevance = calloc(c->rows * c->features, sizeof(double)),
                              .residual = calloc(c->rows, sizeof(double))};
    bool good = results.values && results.decision && results.relevance && results.residual;
    for (size_t k = 1; good && k < count; k++)
        good = prepare(c, &all[k]);
    for (size_t turn = 0; good && turn < settings->repeats; turn++)
        for (size_t k = 0; good && k < count; k++) {
            double start = now(), busy = processor_time();
            good = run(c, &all[k], &results);
            all[k].seconds[turn] = now() - start;
            busy = processor_time() - busy;
            all[k].processor = turn && all[k].processor < busy ? all[k].processor : busy;
            if (turn == 0 && all[k].kernels)
                check(c, &all[k], &results, settings->brief ? CHECKED_BRIEFLY : CHECKED);
        }
    for (size_t k = 0; k < count; k++) {
        qsort(all[k].seconds, settings->repeats, sizeof *all[k].seconds, by_value);
        for (size_t t = 0; t < THREADS; t++)
            ocelot_workspace_free(all[k].workspace[t]);
        ocelot_plan_free(all[k].plan);
    }
    free(results.values);
    free(results.decision);
    free(results.relevance);
    free(results.residual);
    return good;
}

static bool read_settings(int argc, char **argv, struct settings *settings)
{
    struct {
        const char *name;
        size_t *value, most;
    } numbers[] = {{"--units", &settings->units, 1000000},     {"--features", &settings->features, 100000}, {"--rows", &settings->rows, 10000000},
                   {"--repeats", &settings->repeats, REPEATS}, {"--threads", &settings->threads, THREADS},  {"--brief", &settings->brief, 1}};
    for (int a = 1; a + 1 < argc; a += 2) {
        bool known = strcmp(argv[a], "--json") == 0;
        settings->json = known ? argv[a + 1] : settings->json;
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            if (strcmp(argv[a], numbers[k].name) == 0) {
                char *end;
                unsigned long value = strtoul(argv[a + 1], &end, 10);
                known = *end == '\0' && value >= 1 && value <= numbers[k].most;
                *numbers[k].value = value;
            }
        if (!known)
            return false;
    }
    return argc % 2 == 1;
}

int main(int argc, char **argv)
{
    static struct contestant all[CONTESTANTS];
    struct settings settings = {.units = 2036, .features = 100, .rows = 5000, .repeats = 5, .threads = 2};
    if (!read_settings(argc, argv, &settings)) {
        fputs("usage: ocelot-bench-svm [--units M] [--features D] [--rows N] [--repeats K] [--threads T] [--brief 1]\n"
              "                        [--json FILE]\n",
              stderr);
        return 2;
    }
    FILE *json = settings.json ? fopen(settings.json, "w") : NULL;
    if (settings.json && !json) {
        fprintf(stderr, "cannot write %s\n", settings.json);
        return 1;
    }
    struct svm_case c;
    size_t count = enter(&settings, all);
    bool good =
        svm_case_make(&c, settings.units, settings.features, settings.rows, 1.0 / (double)settings.features) && compete(&settings, &c, all, count);
    if (good)
        print_table(&settings, all, count);
    if (good && json)
        write_json(&settings, all, count, json);
    good = good && (settings.brief || (svm_latency(&c, json) && svm_kernels(&c, settings.repeats, json)));
    svm_case_free(&c);
    /* Wrong results are not a speed. */
    for (size_t k = 1; k < count; k++) {
        double promise = strcmp(all[k].precision, "float32") == 0 ? 1e-5 : 1e-9;
        good = good && all[k].score_error <= promise && all[k].relevance_error <= promise;
    }
    good = good && (settings.brief || svm_accuracy(settings.units, settings.features, json));
    if (json) {
        fputs("}\n", json);
        good = !ferror(json) && good;
        good = fclose(json) == 0 && good;
    }
    return good ? 0 : 1;
}
