/* A monitoring loop: readings come in on standard input, several threads explain them, alarms go out in order.
 *
 *     ocelot-monitor MODEL [THREADS] < READINGS
 *
 * One reading a line, numbers separated by commas or blanks, in the order of the model's features. What it shows:
 *
 *   - the three lifetimes. The model and the plan are made once and never change, so all threads share them; every thread has a
 *     workspace of its own. After the last workspace is made, nothing here or in the library allocates memory: the loop cannot run
 *     out of it, and its pace does not depend on an allocator. (tests/consumer/monitor.sh counts the allocations: none.)
 *   - bounded memory. Readings wait in a ring of slots. When all are taken, reading waits for the threads.
 *   - order. Threads finish as they like; a slot is printed when its turn comes, by the thread that finishes it.
 */
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ocelot/ocelot.h>

enum { SLOTS = 64, MOST_THREADS = 64, LINE_SIZE = 65536, SHOWN = 3 };

/* One reading on its way. Its arrays are made once and used again and again. */
struct slot {
    double *values, *relevance; /* [features] */
    double excess;
    struct ocelot_decision decision;
    size_t top[SHOWN];      /* features that explain most, best first */
    double expected[SHOWN]; /* what the others would have led to expect there */
    bool readable, done;
};

/* What the threads share. `lock` guards the counters and `done`; a slot's other members belong to whoever holds the slot. */
struct monitor {
    const struct ocelot_model *model;
    const struct ocelot_plan *plan;
    size_t features;
    struct slot slot[SLOTS];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t filled, taken, printed; /* readings so far: printed <= taken <= filled <= printed + SLOTS */
    bool ended;
};

struct worker {
    struct monitor *monitor;
    struct ocelot_workspace *workspace;
    pthread_t thread;
};

/* --- the work of one reading: this is all there is to explaining ------------------------------------------------------------------ */

/* The SHOWN features of most relevance, by insertion: no sorting of all of them is needed. */
static void find_top(struct slot *slot, size_t features)
{
    size_t count = 0;
    for (size_t i = 0; i < features; i++) {
        size_t at = count;
        for (; at > 0 && fabs(slot->relevance[slot->top[at - 1]]) < fabs(slot->relevance[i]); at--)
            if (at < SHOWN)
                slot->top[at] = slot->top[at - 1];
        if (at < SHOWN)
            slot->top[at] = i;
        count += count < SHOWN;
    }
}

static void explain(const struct worker *worker, struct slot *slot)
{
    const struct monitor *m = worker->monitor;
    struct ocelot_explanation out = {.decision = &slot->decision, .relevance = slot->relevance, .excess = &slot->excess};
    struct ocelot_error error = {0};
    size_t shown = m->features < SHOWN ? m->features : SHOWN;
    slot->readable &= ocelot_explain(m->plan, worker->workspace, slot->values, 1, &out, &error) == OCELOT_OK && slot->decision.status == OCELOT_OK;
    if (!slot->readable || !slot->decision.is_outlier)
        return; /* most readings are normal: no need to know why */
    find_top(slot, m->features);
    slot->readable = ocelot_expected(m->plan, worker->workspace, slot->values, slot->top, shown, slot->expected, &error) == OCELOT_OK;
}

/* --- printing: whichever thread finishes the reading whose turn it is ------------------------------------------------------------------ */

static void print_slot(const struct monitor *m, size_t row, const struct slot *slot)
{
    if (!slot->readable) {
        printf("reading %zu: not %zu finite numbers\n", row, m->features);
        return;
    }
    if (!slot->decision.is_outlier)
        return;
    printf("reading %zu: score %.4g, %.4g above the threshold:", row, slot->decision.outlier_score, slot->excess);
    for (size_t k = 0; k < SHOWN && k < m->features; k++) {
        size_t i = slot->top[k];
        printf("%s %s %.5g (expected %.5g) %.0f %%", k ? "," : "", ocelot_model_feature(m->model, i).name, slot->values[i], slot->expected[k],
               100 * slot->relevance[i] / slot->decision.outlier_score);
    }
    printf("\n");
}

/* Prints every finished reading whose turn has come, at once: an alarm does not wait for the next reading. Called with the lock held. */
static void print_ready(struct monitor *m)
{
    for (; m->printed < m->filled && m->slot[m->printed % SLOTS].done; m->printed++) {
        struct slot *slot = &m->slot[m->printed % SLOTS];
        print_slot(m, m->printed, slot);
        slot->done = false;
    }
    fflush(stdout);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct monitor *m = worker->monitor;
    pthread_mutex_lock(&m->lock);
    for (;;) {
        while (m->taken == m->filled && !m->ended)
            pthread_cond_wait(&m->changed, &m->lock);
        if (m->taken == m->filled)
            break;
        struct slot *slot = &m->slot[m->taken++ % SLOTS];
        pthread_mutex_unlock(&m->lock);
        explain(worker, slot);
        pthread_mutex_lock(&m->lock);
        slot->done = true;
        print_ready(m);
        pthread_cond_broadcast(&m->changed);
    }
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

/* --- reading: the main thread --------------------------------------------------------------------------------------------------------- */

/* Numbers of a line; false unless there are exactly as many as the model has features. */
static bool read_values(const char *line, double *values, size_t features)
{
    size_t count = 0;
    char *end;
    for (;;) {
        line += strspn(line, ", \t\r\n");
        double value = strtod(line, &end);
        if (end == line)
            return *line == '\0' && count == features;
        if (count == features)
            return false;
        values[count++] = value;
        line = end;
    }
}

/* Waits until no more than `most` readings are on their way. Called with the lock held. */
static void wait_until(struct monitor *m, size_t most)
{
    while (m->filled - m->printed > most)
        pthread_cond_wait(&m->changed, &m->lock);
}

static void read_all(struct monitor *m, FILE *in)
{
    static char line[LINE_SIZE];
    while (fgets(line, sizeof line, in)) {
        pthread_mutex_lock(&m->lock);
        wait_until(m, SLOTS - 1);
        struct slot *slot = &m->slot[m->filled % SLOTS];
        pthread_mutex_unlock(&m->lock);
        slot->readable = read_values(line, slot->values, m->features);
        pthread_mutex_lock(&m->lock);
        m->filled++;
        pthread_cond_broadcast(&m->changed);
        pthread_mutex_unlock(&m->lock);
    }
    pthread_mutex_lock(&m->lock);
    m->ended = true;
    pthread_cond_broadcast(&m->changed);
    wait_until(m, 0);
    pthread_mutex_unlock(&m->lock);
}

/* --- setting up: everything that can fail, fails here ------------------------------------------------------------------------------- */

static bool open_slots(struct monitor *m)
{
    for (size_t k = 0; k < SLOTS; k++) {
        m->slot[k].values = calloc(m->features, sizeof(double));
        m->slot[k].relevance = calloc(m->features, sizeof(double));
        if (!m->slot[k].values || !m->slot[k].relevance)
            return false;
    }
    return true;
}

static int run(struct monitor *m, struct worker *workers, size_t count)
{
    struct ocelot_error error = {0};
    size_t started = 0;
    for (size_t k = 0; k < count; k++) {
        workers[k].monitor = m;
        if (ocelot_workspace_create(m->plan, &workers[k].workspace, &error) != OCELOT_OK) {
            fprintf(stderr, "ocelot-monitor: %s\n", error.message);
            return 1;
        }
    }
    for (; started < count && pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0; started++)
        ;
    if (started > 0)
        read_all(m, stdin);
    else
        fprintf(stderr, "ocelot-monitor: no thread could be started\n");
    for (size_t k = 0; k < started; k++)
        pthread_join(workers[k].thread, NULL);
    return started == 0;
}

int main(int argc, char **argv)
{
    static struct monitor monitor = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    static struct worker workers[MOST_THREADS];
    long threads = argc > 2 ? strtol(argv[2], NULL, 10) : 2;
    struct ocelot_error error = {0};
    struct ocelot_model *model = NULL;
    struct ocelot_plan *plan = NULL;
    struct ocelot_model_info info;
    int failed = 1;
    if (argc < 2 || argc > 3 || threads < 1 || threads > MOST_THREADS) {
        fprintf(stderr, "usage: ocelot-monitor MODEL [THREADS] < READINGS\n");
        return 2;
    }
    /* One row at a time is explained here, so the plan may be made for batches of one: the workspaces are then smallest. */
    struct ocelot_plan_options options = ocelot_plan_options_default();
    options.batch = 1;
    if (ocelot_svm_read(argv[1], NULL, &model, &error) != OCELOT_OK || ocelot_plan_create(model, &options, &plan, &error) != OCELOT_OK) {
        fprintf(stderr, "ocelot-monitor: %s\n", error.message);
    } else {
        ocelot_model_describe(model, &info);
        monitor.model = model;
        monitor.plan = plan;
        monitor.features = info.features;
        failed = !open_slots(&monitor) || run(&monitor, workers, (size_t)threads);
    }
    for (size_t k = 0; k < MOST_THREADS; k++)
        ocelot_workspace_free(workers[k].workspace);
    for (size_t k = 0; k < SLOTS; k++) {
        free(monitor.slot[k].values);
        free(monitor.slot[k].relevance);
    }
    ocelot_plan_free(plan);
    ocelot_model_free(model);
    return failed;
}
