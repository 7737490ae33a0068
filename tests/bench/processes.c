/* Whole processes side by side on the same rows: `svm-predict`, which only scores, and `ocelot explain` from CSV to JSON lines and to CSV, and
 * `ocelot score`. All take turns, so that other work on the machine disturbs all alike. Ratios are of the best turns; the processor
 * time beside them is what a busy machine leaves to compare. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "svm_case.h"

extern char **environ;

enum { REPEATS = 99, WORDS = 16, TASKS = 16, NAME = 256 };

struct settings {
    size_t units, features, rows, repeats, threads;
    double gamma;
    bool keep; /* the files, in a folder that was given */
    const char *json, *folder, *ocelot, *peer;
};

/* One line of the table. */
struct task {
    const char *name, *words[WORDS];
    const char *written;                           /* the file */
    bool redirected;                               /* it is standard output; with -o it would also be waited for until it is on the disk */
    double seconds[REPEATS], work[REPEATS], ratio; /* by the clock, and of all its threads together */
    long bytes;
};

/* Processor time of all processes that have ended. */
static double worked(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Runs a program; false (and a sentence) when it cannot be started or fails. */
static bool run(struct task *task, double *seconds)
{
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, task->redirected ? task->written : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    char *words[WORDS]; /* which posix_spawn does not write to */
    memcpy(words, task->words, sizeof words);
    pid_t child;
    int state = 0;
    double start = now();
    int trouble = posix_spawnp(&child, words[0], &quiet, NULL, words, environ);
    if (trouble == 0)
        while (waitpid(child, &state, 0) < 0 && errno == EINTR)
            ;
    *seconds = now() - start;
    posix_spawn_file_actions_destroy(&quiet);
    if (trouble == 0 && WIFEXITED(state) && WEXITSTATUS(state) == 0)
        return true;
    fprintf(stderr, "%s: %s\n", words[0], trouble ? strerror(trouble) : "failed");
    return false;
}

/* The rows twice: as LIBSVM's program wants them and as CSV, both with all digits. */
static bool write_rows(const struct svm_case *c, const char *libsvm, const char *csv)
{
    FILE *a = fopen(libsvm, "w"), *b = fopen(csv, "w");
    char text[OCELOT_NUMBER_SIZE];
    for (size_t r = 0; a && b && r < c->rows; r++) {
        fputs("1", a);
        for (size_t i = 0; i < c->features; i++) {
            ocelot_number_print(text, c->x[r * c->features + i]);
            fprintf(a, " %zu:%s", i + 1, text);
            fprintf(b, "%s%s", i ? "," : "", text);
        }
        fputs("\n", a);
        fputs("\n", b);
    }
    bool good = a && b && !ferror(a) && !ferror(b);
    good = (!a || fclose(a) == 0) && good;
    return (!b || fclose(b) == 0) && good;
}

static bool write_model(const struct svm_case *c, const char *path)
{
    FILE *out = fopen(path, "w");
    bool good = out && svm_case_write(c, out);
    return (!out || fclose(out) == 0) && good;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static long size_of(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? (long)about.st_size : 0;
}

static bool compete(const struct settings *settings, struct task *tasks, size_t count)
{
    bool good = true;
    for (size_t turn = 0; turn < settings->repeats; turn++)
        for (size_t k = 0; good && k < count; k++) {
            double before = worked();
            good = run(&tasks[k], &tasks[k].seconds[turn]);
            tasks[k].work[turn] = worked() - before;
            tasks[k].bytes = tasks[k].written ? size_of(tasks[k].written) : 0;
        }
    for (size_t k = 0; k < count; k++) {
        qsort(tasks[k].seconds, settings->repeats, sizeof *tasks[k].seconds, by_value);
        qsort(tasks[k].work, settings->repeats, sizeof *tasks[k].work, by_value);
    }
    for (size_t k = 0; k < count; k++)
        tasks[k].ratio = tasks[0].seconds[0] / tasks[k].seconds[0];
    return good;
}

static void print_table(const struct settings *settings, const struct task *tasks, size_t count)
{
    const char *coretype = getenv("OPENBLAS_CORETYPE");
    printf("one-class RBF, gamma %g, %zu support vectors, %zu features, %zu rows, %zu threads; %zu turns; OPENBLAS_CORETYPE %s\n\n", settings->gamma,
           settings->units, settings->features, settings->rows, settings->threads, settings->repeats, coretype ? coretype : "unset");
    printf("%-50s %10s %10s %10s %20s %12s\n", "", "median ms", "best ms", "CPU ms", "svm-predict / this", "bytes");
    for (size_t k = 0; k < count; k++)
        printf("%-50s %10.1f %10.1f %10.1f %20.2f %12ld\n", tasks[k].name, 1e3 * tasks[k].seconds[settings->repeats / 2], 1e3 * tasks[k].seconds[0],
               1e3 * tasks[k].work[0], tasks[k].ratio, tasks[k].bytes);
}

static bool write_json(const struct settings *settings, const struct task *tasks, size_t count)
{
    const char *coretype = getenv("OPENBLAS_CORETYPE");
    FILE *out = fopen(settings->json, "w");
    if (!out)
        return false;
    fprintf(out, "{\"gamma\":%.17g,\"support_vectors\":%zu,\"features\":%zu,\"rows\":%zu,\"threads\":%zu,\"turns\":%zu,\"openblas_coretype\":\"%s\",",
            settings->gamma, settings->units, settings->features, settings->rows, settings->threads, settings->repeats,
            coretype ? coretype : "unset");
    fputs("\"results\":[", out);
    for (size_t k = 0; k < count; k++)
        fprintf(out, "%s\n{\"name\":\"%s\",\"median_ms\":%.3f,\"best_ms\":%.3f,\"cpu_ms\":%.3f,\"svm_predict_over_this\":%.3f,\"bytes\":%ld}",
                k ? "," : "", tasks[k].name, 1e3 * tasks[k].seconds[settings->repeats / 2], 1e3 * tasks[k].seconds[0], 1e3 * tasks[k].work[0],
                tasks[k].ratio, tasks[k].bytes);
    fputs("]}\n", out);
    bool good = !ferror(out);
    return fclose(out) == 0 && good;
}

static bool read_settings(int argc, char **argv, struct settings *settings)
{
    const struct {
        const char *name;
        size_t *value, most;
    } numbers[] = {{"--units", &settings->units, 1000000},
                   {"--features", &settings->features, 100000},
                   {"--rows", &settings->rows, 10000000},
                   {"--repeats", &settings->repeats, REPEATS},
                   {"--threads", &settings->threads, 1024}};
    const struct {
        const char *name, **value;
    } texts[] = {{"--json", &settings->json}, {"--folder", &settings->folder}, {"--ocelot", &settings->ocelot}, {"--svm-predict", &settings->peer}};
    for (int a = 1; a + 1 < argc; a += 2) {
        char *end = argv[a];
        if (strcmp(argv[a], "--gamma") == 0)
            settings->gamma = strtod(argv[a + 1], &end);
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            if (strcmp(argv[a], numbers[k].name) == 0) {
                *numbers[k].value = strtoul(argv[a + 1], &end, 10);
                if (*numbers[k].value < 1 || *numbers[k].value > numbers[k].most)
                    return false;
            }
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            if (strcmp(argv[a], texts[k].name) == 0) {
                *texts[k].value = argv[a + 1];
                end = argv[a + 1] + strlen(argv[a + 1]);
            }
        if (end == argv[a] || *end)
            return false;
    }
    return argc % 2 == 1;
}

static bool measure(const struct settings *settings, const struct svm_case *c)
{
    static const char *const ends[] = {"model", "rows.libsvm", "rows.csv", "predictions", "jsonl", "csv", "small.csv"};
    char files[7][NAME], threads[32];
    for (size_t k = 0; k < 7; k++)
        snprintf(files[k], NAME, "%s/%s", settings->folder, ends[k]);
    snprintf(threads, sizeof threads, "%zu", settings->threads);
    const char *o = settings->ocelot, *model = files[0], *csv = files[2], *jsonl = files[4], *table = files[5];
    struct task tasks[] = {
        {"svm-predict (scores)", {settings->peer, files[1], model, files[3]}, .written = files[3]},
        {"ocelot explain, JSON lines",
         {o, "explain", "-q", "--threads", threads, "--format", "jsonl", model, csv},
         .written = jsonl,
         .redirected = true},
        {"ocelot explain, JSON lines, top 3",
         {o, "explain", "-q", "--threads", threads, "--top", "3", "--format", "jsonl", model, csv},
         .written = jsonl,
         .redirected = true},
        {"ocelot explain, CSV", {o, "explain", "-q", "--threads", threads, "--format", "csv", model, csv}, .written = table, .redirected = true},
        {"ocelot score, CSV", {o, "score", "-q", "--threads", threads, "--format", "csv", model, csv}, .written = table, .redirected = true},
        {"ocelot explain, JSON lines, 10 rows",
         {o, "explain", "-q", "--threads", threads, "--format", "jsonl", model, files[6]},
         .written = jsonl,
         .redirected = true},
        {"ocelot explain, CSV, 10 rows", {o, "explain", "-q", "--format", "csv", model, files[6]}, .written = table, .redirected = true},
        {"ocelot explain, CSV, 10 rows, reference arithmetic",
         {o, "explain", "-q", "--arithmetic", "reference", "--format", "csv", model, files[6]},
         .written = table,
         .redirected = true},
        {"ocelot --help", {o, "--help"}, .redirected = false},
    };
    struct svm_case few = *c;
    few.rows = c->rows < 10 ? c->rows : 10;
    const size_t count = sizeof tasks / sizeof *tasks;
    bool good = write_model(c, model) && write_rows(&few, files[1], files[6]) && write_rows(c, files[1], csv);
    if (!good)
        fprintf(stderr, "cannot write to %s\n", settings->folder);
    good = good && compete(settings, tasks, count);
    if (good)
        print_table(settings, tasks, count);
    if (good && settings->json && !write_json(settings, tasks, count)) {
        fprintf(stderr, "cannot write %s\n", settings->json);
        good = false;
    }
    for (size_t k = 0; k < 7 && !settings->keep; k++)
        unlink(files[k]);
    return good;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/ocelot-bench-XXXXXX";
    struct settings settings = {
        .units = 2036, .features = 100, .rows = 5000, .repeats = 5, .threads = 2, .gamma = 0.01, .ocelot = OCELOT_PROGRAM, .peer = "svm-predict"};
    if (!read_settings(argc, argv, &settings)) {
        fputs("usage: ocelot-bench-processes [--units M] [--features D] [--rows N] [--gamma G] [--repeats K] [--threads T] [--json FILE]\n"
              "                              [--folder FOLDER] [--ocelot PROGRAM] [--svm-predict PROGRAM]\n",
              stderr);
        return 2;
    }
    settings.keep = settings.folder;
    if (!settings.keep && !(settings.folder = mkdtemp(folder))) {
        perror(folder);
        return 1;
    }
    struct svm_case c;
    bool good = svm_case_make(&c, settings.units, settings.features, settings.rows, settings.gamma) && measure(&settings, &c);
    svm_case_free(&c);
    if (!settings.keep)
        rmdir(folder);
    return good ? 0 : 1;
}
