/* Times one network: scoring (forward) and explaining (forward and relevance) a picture, through the public interface.
 *
 *     ocelot-bench-network NET.onnx [COMPOSITE [REPEATS [float32|float64 [THREADS]]]]
 *
 * Prints one line: best and median milliseconds of both, and the largest resident memory in megabytes from reading the file to the first explanation,
 * before there is a second plan for scoring. Compared side by side with torch by tests/bench/networks.py; never a test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ocelot/ocelot.h>

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

/* Megabytes, of this program alone: what getrusage says begins with whoever started it. */
static long peak(void)
{
    char line[128];
    long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kilobytes = strtol(line + 6, NULL, 10);
    if (status)
        fclose(status);
    return kilobytes / 1024;
}

int main(int argc, char **argv)
{
    struct ocelot_error error = {0};
    struct ocelot_model *model = NULL;
    struct ocelot_plan *plan = NULL, *score = NULL;
    struct ocelot_workspace *workspace = NULL, *forward = NULL;
    struct ocelot_model_info info;
    struct ocelot_decision decision;
    char setting[128];
    const char *settings = setting;
    int repeats = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 5, failed = 1;
    long memory = 0;
    double *row = NULL, *relevance = NULL, times[2][1000];
    if (argc < 2 || repeats < 1 || repeats > 1000) {
        fprintf(stderr, "usage: ocelot-bench-network NET.onnx [COMPOSITE [REPEATS [float32|float64 [THREADS]]]]\n");
        return 2;
    }
    snprintf(setting, sizeof setting, "composite=%s", argc > 2 ? argv[2] : "epsilon-plus");
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.method = "lrp";
    options.settings = &settings;
    options.setting_count = 1;
    options.batch = 1;
    options.precision = argc > 4 ? argv[4] : "float32";
    options.threads = argc > 5 ? strtoul(argv[5], NULL, 10) : 1;
    if (ocelot_onnx_read(argv[1], NULL, &model, &error) != OCELOT_OK || ocelot_plan_create(model, &options, &plan, &error) != OCELOT_OK ||
        ocelot_workspace_create(plan, &workspace, &error) != OCELOT_OK)
        goto done;
    ocelot_model_describe(model, &info);
    row = calloc(info.features, sizeof *row);
    relevance = calloc(info.features, sizeof *relevance);
    if (!row || !relevance)
        goto done;
    for (size_t i = 0; i < info.features; i++)
        row[i] = (double)(i * 2654435761u % 1000) / 500 - 1;
    struct ocelot_explanation out = {.decision = &decision, .relevance = relevance};
    if (ocelot_explain(plan, workspace, row, 1, &out, &error) != OCELOT_OK)
        goto done;
    memory = peak();
    if (ocelot_plan_create_score(model, &options, &score, &error) != OCELOT_OK || ocelot_workspace_create(score, &forward, &error) != OCELOT_OK)
        goto done;
    for (int r = -1; r < repeats; r++) { /* the first turn warms up */
        double start = now();
        if (ocelot_score(score, forward, row, 1, &decision, &error) != OCELOT_OK)
            goto done;
        double middle = now();
        if (ocelot_explain(plan, workspace, row, 1, &out, &error) != OCELOT_OK)
            goto done;
        if (r >= 0) {
            times[0][r] = middle - start;
            times[1][r] = now() - middle;
        }
    }
    for (int k = 0; k < 2; k++)
        qsort(times[k], (size_t)repeats, sizeof(double), ascending);
    printf("forward %.3f %.3f explain %.3f %.3f memory %ld\n", times[0][0], times[0][repeats / 2], times[1][0], times[1][repeats / 2], memory);
    failed = 0;
done:
    if (failed)
        fprintf(stderr, "ocelot-bench-network: %s\n", error.message);
    free(row);
    free(relevance);
    ocelot_workspace_free(workspace);
    ocelot_workspace_free(forward);
    ocelot_plan_free(plan);
    ocelot_plan_free(score);
    ocelot_model_free(model);
    return failed;
}
