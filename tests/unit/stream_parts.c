/* The parts of the streaming pipeline that have a definition of their own: ranking, and sharing work between threads. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/rng.h"
#include "stream/pool.h"
#include "stream/rank.h"
#include "support/cmocka_include.h"

enum { MOST = 600 };

static const double *sort_key;

static int by_size(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    double x = fabs(sort_key[a]), y = fabs(sort_key[b]);
    return x > y ? -1 : x < y ? 1 : a < b ? -1 : a > b;
}

/* Against qsort, with many equal keys, for every number of places. */
static void rank_is_a_sorted_front(void **state)
{
    struct ocelot_rng rng;
    (void)state;
    ocelot_rng_seed(&rng, 1);
    for (size_t trial = 0; trial < 300; trial++) {
        double key[MOST];
        size_t order[MOST], sorted[MOST], count = ocelot_rng_below(&rng, MOST + 1), top = ocelot_rng_below(&rng, trial % 2 ? 40 : MOST + 5);
        for (size_t k = 0; k < count; k++) {
            key[k] = (double)ocelot_rng_below(&rng, 9) - 4;
            sorted[k] = k;
            order[k] = trial % 3 ? k : count - 1 - k;
        }
        sort_key = key;
        qsort(sorted, count, sizeof *sorted, by_size);
        ocelot_rank(key, order, count, top);
        size_t seen = 0;
        for (size_t k = 0; k < count; k++) {
            assert_true(k >= top || order[k] == sorted[k]);
            assert_true(order[k] < count);
            seen += order[k];
        }
        assert_int_equal(seen, count ? count * (count - 1) / 2 : 0);
        top = top < count ? top : count;
        ocelot_rank_first(key, count, top, order);
        assert_memory_equal(order, sorted, top * sizeof *order);
    }
}

/* Which pieces were done, by whom. */
struct tally {
    pthread_mutex_t lock;
    size_t done[100], highest_worker;
};

static void count_piece(void *context, size_t worker, size_t piece)
{
    struct tally *tally = context;
    pthread_mutex_lock(&tally->lock);
    tally->done[piece]++;
    tally->highest_worker = worker > tally->highest_worker ? worker : tally->highest_worker;
    pthread_mutex_unlock(&tally->lock);
}

/* Every piece exactly once, run after run, with no piece of one run left for the next. */
static void pool_does_every_piece_once(void **state)
{
    (void)state;
    for (size_t threads = 1; threads <= 8; threads += 7) {
        struct ocelot_pool *pool = NULL;
        assert_int_equal(ocelot_pool_create(threads, &pool, NULL), OCELOT_OK);
        assert_int_equal(ocelot_pool_threads(pool), threads);
        for (size_t run = 0; run < 500; run++) {
            struct tally tally = {.lock = PTHREAD_MUTEX_INITIALIZER};
            size_t count = run % 101;
            ocelot_pool_run(pool, count, count_piece, &tally);
            for (size_t k = 0; k < 100; k++) {
                assert_int_equal(tally.done[k], k < count);
            }
            assert_true(tally.highest_worker < threads);
        }
        ocelot_pool_free(pool);
    }
    ocelot_pool_free(NULL);
    assert_true(ocelot_processors() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rank_is_a_sorted_front), cmocka_unit_test(pool_does_every_piece_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
