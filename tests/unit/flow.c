/* The flow of batches through threads: everything once, told in order, nothing read over what is still in use, failures in their turn. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/rng.h"
#include "stream/flow.h"
#include "support/cmocka_include.h"

enum { ROWS = 3000, NEVER = ROWS + 1, THREADS = 5 };

/* Rows are numbers that count up. Workers report here; asserts are the test's own thread's business. */
struct rows {
    struct ocelot_rng rng; /* of those that read */
    size_t room, most, threads;
    bool waits, changes;                                  /* waits: reading does at every time; changes: some batches are to be opened */
    size_t fail_read, fail_open, fail_explain, fail_tell; /* rows at which it fails */

    size_t first[OCELOT_FLOW_BATCHES], count[OCELOT_FLOW_BATCHES]; /* the batches */
    bool strange[OCELOT_FLOW_BATCHES];
    size_t given, opened;                                /* given: rows that were read */
    size_t sums[2 * THREADS];                            /* what pieces leave at their places */
    size_t told, told_sum;                               /* rows */
    pthread_mutex_t lock;                                /* for what follows */
    size_t explained, explaining, threads_used, highest; /* explained: rows; explaining: pieces */
    size_t busy[OCELOT_FLOW_BATCHES];                    /* pieces of a batch that are being explained */
    const char *wrong;                                   /* the first rule that was broken */
};

static void hold(struct rows *rows, bool rule, const char *what)
{
    if (!rule && !rows->wrong) {
        rows->wrong = what;
    }
}

static bool waits(const void *context)
{
    const struct rows *rows = context;
    return rows->waits;
}

static enum ocelot_status read_rows(void *context, size_t batch, size_t *count, struct ocelot_error *err)
{
    struct rows *rows = context;
    size_t left = ROWS - rows->given, some = 1 + ocelot_rng_below(&rows->rng, rows->most);
    pthread_mutex_lock(&rows->lock);
    hold(rows, rows->busy[batch] == 0, "a batch is read over while it is explained");
    hold(rows, !rows->waits || rows->explaining == 0, "what would wait is read while something is explained");
    pthread_mutex_unlock(&rows->lock);
    some = some < left ? some : left;
    if (rows->given + some > rows->fail_read) {
        return ocelot_fail(err, OCELOT_E_IO, "read at %zu", rows->given);
    }
    rows->first[batch] = rows->given;
    rows->count[batch] = some;
    rows->strange[batch] = rows->given == 0 || (rows->changes && ocelot_rng_below(&rows->rng, 4) == 0);
    rows->given += some;
    *count = some;
    return OCELOT_OK;
}

static bool is_same(const void *context, size_t batch)
{
    const struct rows *rows = context;
    return !rows->strange[batch];
}

static enum ocelot_status open_rows(void *context, size_t batch, struct ocelot_error *err)
{
    struct rows *rows = context;
    hold(rows, rows->strange[batch] && rows->told == rows->first[batch], "a batch is opened before its turn");
    rows->strange[batch] = false;
    rows->opened++;
    return rows->first[batch] >= rows->fail_open ? ocelot_fail(err, OCELOT_E_SHAPE, "open") : OCELOT_OK;
}

static size_t room(const void *context)
{
    const struct rows *rows = context;
    return rows->room;
}

static enum ocelot_status explain(void *context, size_t worker, const struct ocelot_flow_piece *piece, struct ocelot_error *err)
{
    struct rows *rows = context;
    size_t sum = 0, start = rows->first[piece->batch] + piece->start;
    pthread_mutex_lock(&rows->lock);
    rows->busy[piece->batch]++;
    rows->explaining++;
    rows->threads_used += piece->threads;
    rows->highest = worker > rows->highest ? worker : rows->highest;
    hold(rows, rows->threads_used <= rows->threads && piece->threads > 0, "more threads are used than there are");
    hold(rows, piece->count > 0 && piece->count <= rows->room, "a piece has no rows, or more than there is room for");
    hold(rows, piece->start + piece->count <= rows->count[piece->batch], "a piece ends behind its batch");
    hold(rows, piece->place < ocelot_flow_places(rows->threads), "a place is none");
    pthread_mutex_unlock(&rows->lock);
    for (size_t k = 0; k < piece->count; k++) {
        sum += start + k;
    }
    rows->sums[piece->place] = sum;
    pthread_mutex_lock(&rows->lock);
    rows->busy[piece->batch]--;
    rows->explaining--;
    rows->threads_used -= piece->threads;
    rows->explained += piece->count;
    pthread_mutex_unlock(&rows->lock);
    return start + piece->count > rows->fail_explain ? ocelot_fail(err, OCELOT_E_VALUE, "explain at %zu", start) : OCELOT_OK;
}

static enum ocelot_status tell(void *context, size_t worker, const struct ocelot_flow_piece *piece, struct ocelot_error *err)
{
    struct rows *rows = context;
    (void)worker;
    rows->told_sum += rows->sums[piece->place];
    rows->told += piece->count;
    return rows->told > rows->fail_tell ? ocelot_fail(err, OCELOT_E_IO, "tell") : OCELOT_OK;
}

static const struct ocelot_flow_stages stages = {
    .waits = waits, .read = read_rows, .same = is_same, .open = open_rows, .room = room, .explain = explain, .tell = tell};

static enum ocelot_status run(struct rows *rows, size_t threads, uint64_t seed, struct ocelot_error *err)
{
    struct ocelot_pool *pool = NULL;
    ocelot_rng_seed(&rows->rng, seed);
    rows->room = 1 + ocelot_rng_below(&rows->rng, 40);
    rows->most = 1 + ocelot_rng_below(&rows->rng, 200);
    pthread_mutex_init(&rows->lock, NULL);
    assert_int_equal(ocelot_pool_create(threads, &pool, NULL), OCELOT_OK);
    rows->threads = ocelot_pool_threads(pool);
    enum ocelot_status status = ocelot_flow_run(&stages, rows, pool, err);
    ocelot_pool_free(pool);
    pthread_mutex_destroy(&rows->lock);
    if (rows->wrong) {
        fail_msg("%s (%zu threads, seed %llu)", rows->wrong, threads, (unsigned long long)seed);
    }
    assert_int_equal(rows->told_sum, rows->told ? rows->told * (rows->told - 1) / 2 : 0); /* all that was told, nothing twice or left out */
    assert_int_equal(rows->explaining, 0);
    assert_true(rows->highest < rows->threads);
    return status;
}

static void all_is_told_in_order(void **state)
{
    (void)state;
    for (size_t n = 0; n < 80; n++) {
        struct rows rows = {
            .waits = n % 5 == 0, .changes = n % 3 == 0, .fail_read = NEVER, .fail_open = NEVER, .fail_explain = NEVER, .fail_tell = NEVER};
        assert_int_equal(run(&rows, 1 + n % THREADS, n, NULL), OCELOT_OK);
        assert_int_equal(rows.told, ROWS);
        assert_int_equal(rows.explained, ROWS);
        assert_true(rows.changes ? rows.opened > 1 : rows.opened == 1);
    }
}

static void failures_wait_for_their_turn(void **state)
{
    (void)state;
    for (size_t n = 0; n < 80; n++) {
        size_t at = 37 * n, threads = 1 + n % THREADS;
        struct ocelot_error read_err = {0}, explain_err = {0}, tell_err = {0};
        char text[64];
        struct rows reading = {.fail_read = at, .fail_open = NEVER, .fail_explain = NEVER, .fail_tell = NEVER};
        assert_int_equal(run(&reading, threads, n, &read_err), OCELOT_E_IO);
        assert_int_equal(reading.told, reading.given);
        snprintf(text, sizeof text, "read at %zu", reading.given);
        assert_string_equal(read_err.message, text);

        struct rows explaining = {.fail_read = NEVER, .fail_open = NEVER, .fail_explain = at, .fail_tell = NEVER};
        assert_int_equal(run(&explaining, threads, n, &explain_err), OCELOT_E_VALUE);
        assert_true(explaining.told <= at);
        snprintf(text, sizeof text, "explain at %zu", explaining.told); /* the first piece that failed, all before it told */
        assert_string_equal(explain_err.message, text);

        struct rows telling = {.fail_read = NEVER, .fail_open = NEVER, .fail_explain = NEVER, .fail_tell = at};
        assert_int_equal(run(&telling, threads, n, &tell_err), OCELOT_E_IO);
        assert_string_equal(tell_err.message, "tell");

        struct rows opening = {.changes = true, .fail_read = NEVER, .fail_open = at / 8, .fail_explain = NEVER, .fail_tell = NEVER};
        assert_int_equal(run(&opening, threads, n, NULL), OCELOT_E_SHAPE);
        assert_true(opening.told >= opening.fail_open);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_is_told_in_order), cmocka_unit_test(failures_wait_for_their_turn)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
