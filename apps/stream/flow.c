#include "stream/flow.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/size.h"

static const double piece_seconds = 0.5; /* slow methods: so long until something is told */

struct batch {
    size_t rows, taken, explained; /* taken: by workers */
};

struct place {
    struct ocelot_flow_piece piece;
    enum ocelot_status status;
    struct ocelot_error err;
    bool done;
};

struct flow {
    const struct ocelot_flow_stages *stages;
    void *context;
    size_t threads;
    pthread_mutex_t lock; /* for all that follows */
    pthread_cond_t news;
    struct batch batches[OCELOT_FLOW_BATCHES];
    size_t read, opened; /* batches so far; they take turns in memory */
    bool reading, ended; /* nothing more is to be read */
    struct place *places;
    size_t taken, told;     /* pieces so far; they take turns at the places */
    size_t used;            /* threads of pieces that are being explained */
    bool telling;           /* one worker tells */
    size_t piece_rows;      /* of the batch at hand, at most */
    size_t piece_threads;   /* of the batch at hand */
    double row_seconds;     /* what the last piece took a row; 0 = not known */
    enum ocelot_status end; /* of reading */
    struct ocelot_error end_err;
    enum ocelot_status status; /* what ends it at once */
    struct ocelot_error err;
};

size_t ocelot_flow_places(size_t threads)
{
    return 2 * threads;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The batch at hand. */
static struct batch *opened(struct flow *flow)
{
    return &flow->batches[(flow->opened + OCELOT_FLOW_BATCHES - 1) % OCELOT_FLOW_BATCHES];
}

static void stop(struct flow *flow, enum ocelot_status status, const struct ocelot_error *err)
{
    if (!flow->status && status) {
        flow->status = status;
        flow->err = *err;
    }
}

/* What can be done now is asked, and done, with the lock held; the stages are called without. */

static bool can_tell(const struct flow *flow)
{
    return !flow->telling && flow->told < flow->taken && flow->places[flow->told % ocelot_flow_places(flow->threads)].done;
}

/* A piece that failed ends it when its turn has come. */
static void tell(struct flow *flow, size_t worker)
{
    struct place *place = &flow->places[flow->told % ocelot_flow_places(flow->threads)];
    flow->telling = true;
    if (!place->status) {
        pthread_mutex_unlock(&flow->lock);
        place->status = flow->stages->tell(flow->context, worker, &place->piece, &place->err);
        pthread_mutex_lock(&flow->lock);
    }
    stop(flow, place->status, &place->err);
    flow->told++;
    flow->telling = false;
}

static bool can_explain(struct flow *flow)
{
    const struct batch *batch = opened(flow);
    return batch->taken < batch->rows && flow->taken - flow->told < ocelot_flow_places(flow->threads) &&
           flow->used + flow->piece_threads <= flow->threads;
}

static void explain(struct flow *flow, size_t worker)
{
    struct batch *batch = opened(flow);
    struct place *place = &flow->places[flow->taken % ocelot_flow_places(flow->threads)];
    size_t left = batch->rows - batch->taken, few = 1, threads = flow->piece_threads;
    double fast = flow->row_seconds > 0 ? piece_seconds / flow->row_seconds : 0;
    few = fast > (double)left ? left : fast > 1 ? (size_t)fast : few;
    few = few < flow->piece_rows ? few : flow->piece_rows;
    *place = (struct place){.piece = {.batch = (size_t)(batch - flow->batches),
                                      .start = batch->taken,
                                      .count = few,
                                      .place = (size_t)(place - flow->places),
                                      .threads = threads}};
    flow->taken++;
    batch->taken += few;
    flow->used += threads;
    pthread_mutex_unlock(&flow->lock);
    double began = seconds();
    enum ocelot_status status = flow->stages->explain(flow->context, worker, &place->piece, &place->err);
    double took = seconds() - began;
    pthread_mutex_lock(&flow->lock);
    flow->row_seconds = took / (double)few;
    flow->used -= threads;
    batch->explained += few;
    place->status = status;
    place->done = true;
}

/* The batch that was read last. */
static size_t newest(const struct flow *flow)
{
    return (flow->read + OCELOT_FLOW_BATCHES - 1) % OCELOT_FLOW_BATCHES;
}

static bool can_open(struct flow *flow)
{
    const struct batch *batch = opened(flow);
    return flow->opened < flow->read && batch->taken == batch->rows && (flow->told == flow->taken || flow->stages->same(flow->context, newest(flow)));
}

static void open_batch(struct flow *flow)
{
    const struct batch *batch = &flow->batches[newest(flow)];
    struct ocelot_error err = {0};
    if (!flow->stages->same(flow->context, newest(flow))) {
        stop(flow, flow->stages->open(flow->context, newest(flow), &err), &err); /* with the lock: there is nothing else to do */
    }
    if (flow->status) {
        return; /* there is no room to ask for */
    }
    size_t room = flow->stages->room(flow->context), even = (batch->rows + flow->threads - 1) / flow->threads;
    flow->piece_rows = room < even ? room : even;
    size_t pieces = (batch->rows + flow->piece_rows - 1) / flow->piece_rows;
    flow->piece_threads = pieces < flow->threads ? flow->threads / pieces : 1;
    flow->opened++;
}

static bool can_read(struct flow *flow)
{
    const struct batch *next = &flow->batches[flow->read % OCELOT_FLOW_BATCHES];
    return !flow->ended && !flow->reading && flow->opened == flow->read && next->explained == next->rows &&
           (flow->told == flow->taken || !flow->stages->waits(flow->context));
}

static void read_batch(struct flow *flow)
{
    size_t number = flow->read % OCELOT_FLOW_BATCHES, rows = 0;
    struct ocelot_error err = {0};
    flow->reading = true;
    pthread_mutex_unlock(&flow->lock);
    enum ocelot_status status = flow->stages->read(flow->context, number, &rows, &err);
    pthread_mutex_lock(&flow->lock);
    flow->reading = false;
    flow->ended = status || rows == 0;
    if (status) {
        flow->end = status;
        flow->end_err = err;
    }
    if (!flow->ended) {
        flow->batches[number] = (struct batch){.rows = rows};
        flow->read++;
    }
}

static bool over(const struct flow *flow)
{
    return flow->ended && flow->opened == flow->read && flow->told == flow->taken;
}

/* What a worker does: what is nearest to being told comes first. The one who finds nothing to explain reads. */
static void serve(void *context, size_t worker, size_t number)
{
    struct flow *flow = context;
    (void)number;
    pthread_mutex_lock(&flow->lock);
    while (!flow->status) {
        if (can_tell(flow)) {
            tell(flow, worker);
        } else if (can_open(flow)) {
            open_batch(flow);
        } else if (can_explain(flow)) {
            explain(flow, worker);
        } else if (can_read(flow)) {
            read_batch(flow);
        } else if (over(flow)) {
            break;
        } else {
            pthread_cond_wait(&flow->news, &flow->lock);
            continue;
        }
        pthread_cond_broadcast(&flow->news);
    }
    pthread_mutex_unlock(&flow->lock);
}

enum ocelot_status ocelot_flow_run(const struct ocelot_flow_stages *stages, void *context, struct ocelot_pool *pool, struct ocelot_error *err)
{
    struct flow flow = {.stages = stages, .context = context, .threads = ocelot_pool_threads(pool)};
    flow.places = ocelot_allocate(ocelot_flow_places(flow.threads), sizeof *flow.places);
    if (!flow.places) {
        return ocelot_fail_memory(err, "the records of a batch");
    }
    pthread_mutex_init(&flow.lock, NULL);
    pthread_cond_init(&flow.news, NULL);
    ocelot_pool_run(pool, flow.threads, serve, &flow);
    pthread_cond_destroy(&flow.news);
    pthread_mutex_destroy(&flow.lock);
    free(flow.places);
    stop(&flow, flow.end, &flow.end_err);
    return flow.status ? ocelot_fail(err, flow.status, "%s", flow.err.message) : OCELOT_OK;
}
