/* Times one network: scoring (forward) and explaining (forward and relevance) a picture.
 *
 *     ocelot-bench-network NET.onnx [COMPOSITE [REPEATS [float32|float64 [THREADS]]]] [--layers] [--error]
 *
 * Prints one line: best and median milliseconds of both, the largest resident memory in megabytes from reading the file to the first explanation,
 * before there is a second plan for scoring, and, with --error, how far
 * relevance in float32 is from that in float64, |difference| / |R| summed. --layers adds a line for each layer: best milliseconds forward and back,
 * and who does a convolution forward and back. Compared side by side with torch by tests/bench/networks.py; never a test. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ocelot/ocelot.h>

#include "ops/ops.h"
#include "own_peak.h"
#include "run/plan.h"

enum { MOST_REPEATS = 1000, MOST_LAYERS = 4096 };

struct request {
    const char *net, *composite, *precision;
    size_t repeats, threads;
    bool layers, error;
};

/* What is made of a network, and the times of its layers. */
struct bench {
    struct ocelot_model *model;
    struct ocelot_plan *plan, *score;
    struct ocelot_workspace *workspace, *forward;
    struct ocelot_model_info info;
    double *row, *relevance, times[2][MOST_REPEATS];
    double layer[2][MOST_LAYERS], began;
    double memory;
};

/* OCELOT_BENCH_CPU set: the process's time, which other processes do not lengthen so much. */
static double now(void)
{
    struct timespec t;
    clock_gettime(getenv("OCELOT_BENCH_CPU") ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void watch(void *context, size_t node, bool backward)
{
    struct bench *bench = context;
    double time = now(), taken = time - bench->began;
    if (node < MOST_LAYERS && !(bench->layer[backward][node] <= taken))
        bench->layer[backward][node] = taken;
    bench->began = now();
}

static bool parse(int argc, char **argv, struct request *request)
{
    const char *words[5] = {NULL, "epsilon-plus", "5", "float32", "1"};
    size_t count = 0;
    for (int k = 1; k < argc; k++)
        if (strcmp(argv[k], "--layers") == 0)
            request->layers = true;
        else if (strcmp(argv[k], "--error") == 0)
            request->error = true;
        else if (argv[k][0] != '-' && count < 5)
            words[count++] = argv[k];
        else
            return false;
    request->net = words[0];
    request->composite = words[1];
    request->repeats = (size_t)strtoul(words[2], NULL, 10);
    request->precision = words[3];
    request->threads = (size_t)strtoul(words[4], NULL, 10);
    return request->net && request->repeats >= 1 && request->repeats <= MOST_REPEATS;
}

static enum ocelot_status explain(const struct request *request, struct bench *bench, const char *precision, struct ocelot_error *error)
{
    char setting[128];
    const char *settings = setting;
    struct ocelot_plan_options options = ocelot_plan_options_default();
    snprintf(setting, sizeof setting, "composite=%s", request->composite);
    options.method = "lrp";
    options.settings = &settings;
    options.setting_count = 1;
    options.batch = 1;
    options.precision = precision;
    options.threads = request->threads;
    struct ocelot_decision decision;
    struct ocelot_explanation out = {.decision = &decision, .relevance = bench->relevance};
    enum ocelot_status status = ocelot_plan_create(bench->model, &options, &bench->plan, error);
    status = status ? status : ocelot_workspace_create(bench->plan, &bench->workspace, error);
    status = status ? status : ocelot_explain(bench->plan, bench->workspace, bench->row, 1, &out, error);
    bench->memory = bench->memory > 0 ? bench->memory : bench_peak_mb();
    status = status ? status : ocelot_plan_create_score(bench->model, &options, &bench->score, error);
    return status ? status : ocelot_workspace_create(bench->score, &bench->forward, error);
}

static void drop_plans(struct bench *bench)
{
    ocelot_workspace_free(bench->workspace);
    ocelot_workspace_free(bench->forward);
    ocelot_plan_free(bench->plan);
    ocelot_plan_free(bench->score);
    bench->workspace = bench->forward = NULL;
    bench->plan = bench->score = NULL;
}

/* One turn of scoring or of explaining; milliseconds. */
static enum ocelot_status turn(struct bench *bench, bool explains, double *taken, struct ocelot_error *error)
{
    struct ocelot_decision decision;
    struct ocelot_explanation out = {.decision = &decision, .relevance = bench->relevance};
    double start = bench->began = now();
    enum ocelot_status status = explains ? ocelot_explain(bench->plan, bench->workspace, bench->row, 1, &out, error)
                                         : ocelot_score(bench->score, bench->forward, bench->row, 1, &decision, error);
    *taken = now() - start;
    return status;
}

/* Each by itself, as one row after another is: the plans do not share their weights, which do not fit into the caches twice. */
static enum ocelot_status measure(const struct request *request, struct bench *bench, struct ocelot_error *error)
{
    for (size_t explains = 0; explains < 2; explains++) {
        double *times = bench->times[explains];
        enum ocelot_status status = turn(bench, explains, times, error); /* warms up */
        for (size_t r = 0; !status && r < request->repeats; r++)
            status = turn(bench, explains, times + r, error);
        if (status)
            return status;
        qsort(times, request->repeats, sizeof *times, ascending);
    }
    return OCELOT_OK;
}

static void print_layers(const struct bench *bench)
{
    const struct ocelot_graph *graph = bench->model->graph;
    for (size_t i = 0; i < graph->count && i < MOST_LAYERS; i++) {
        const struct ocelot_node *node = graph->nodes[i];
        bool convolves = node->op == &ocelot_op_conv && bench->plan->nodes[i].single;
        size_t blocks[1 + OCELOT_NODE_INPUTS];
        ocelot_plan_blocks(bench->plan, i, blocks);
        printf("%3zu %-12s %6.3f %6.3f  %zux%zux%zu in blocks of %zu", i, node->op->name, bench->layer[0][i], bench->layer[1][i],
               node->shape.extent[0], node->shape.extent[1], node->shape.extent[2], blocks[0]);
        for (size_t back = 0; convolves && back < 2; back++)
            printf("  %s", ocelot_conv_implementation(node, bench->plan->kernels, blocks, back == 1));
        printf("\n");
    }
}

/* |R in float32 - R in float64| / |R|, both summed. */
static enum ocelot_status compare(const struct request *request, struct bench *bench, double *off, struct ocelot_error *error)
{
    struct request once = {.composite = request->composite, .repeats = 1};
    size_t n = bench->info.features;
    double *kept = calloc(n, sizeof *kept), sum = 0, all = 0;
    if (!kept)
        return OCELOT_E_MEMORY;
    memcpy(kept, bench->relevance, n * sizeof *kept);
    drop_plans(bench);
    enum ocelot_status status = explain(&once, bench, "float64", error);
    status = status ? status : measure(&once, bench, error);
    for (size_t k = 0; k < n; k++) {
        sum += fabs(kept[k] - bench->relevance[k]);
        all += fabs(bench->relevance[k]);
    }
    *off = sum / all;
    free(kept);
    return status;
}

static enum ocelot_status run(const struct request *request, struct bench *bench, struct ocelot_error *error)
{
    enum ocelot_status status = ocelot_onnx_read(request->net, NULL, &bench->model, error);
    if (status)
        return status;
    ocelot_model_describe(bench->model, &bench->info);
    bench->row = calloc(bench->info.features, sizeof *bench->row);
    bench->relevance = calloc(bench->info.features, sizeof *bench->relevance);
    if (!bench->row || !bench->relevance)
        return OCELOT_E_MEMORY;
    for (size_t i = 0; i < bench->info.features; i++)
        bench->row[i] = (double)(i * 2654435761u % 1000) / 500 - 1;
    status = explain(request, bench, request->precision, error);
    if (status)
        return status;
    for (size_t i = 0; i < MOST_LAYERS; i++)
        bench->layer[0][i] = bench->layer[1][i] = (double)NAN;
    if (request->layers) {
        bench->workspace->watch = watch;
        bench->workspace->watch_context = bench;
    }
    status = measure(request, bench, error);
    if (status)
        return status;
    size_t middle = request->repeats / 2;
    double off = 0;
    printf("forward %.3f %.3f explain %.3f %.3f memory %.0f", bench->times[0][0], bench->times[0][middle], bench->times[1][0],
           bench->times[1][middle], bench->memory);
    if (request->layers) {
        printf("\n");
        print_layers(bench);
    }
    status = request->error ? compare(request, bench, &off, error) : OCELOT_OK;
    if (request->error && !status)
        printf("%serror %.2g", request->layers ? "" : " ", off);
    printf("\n");
    return status;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct request request = {0};
    struct ocelot_error error = {0};
    if (!parse(argc, argv, &request)) {
        fprintf(stderr, "usage: ocelot-bench-network NET.onnx [COMPOSITE [REPEATS [float32|float64 [THREADS]]]] [--layers] [--error]\n");
        return 2;
    }
    enum ocelot_status status = run(&request, &bench, &error);
    if (status)
        fprintf(stderr, "ocelot-bench-network: %s\n", error.message);
    drop_plans(&bench);
    ocelot_model_free(bench.model);
    free(bench.row);
    free(bench.relevance);
    return status != OCELOT_OK;
}
