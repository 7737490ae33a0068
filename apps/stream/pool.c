#include "stream/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/size.h"

struct worker {
    struct ocelot_pool *pool;
    size_t number;
    pthread_t thread;
};

struct ocelot_pool {
    pthread_mutex_t lock;
    pthread_cond_t wake, idle;
    struct worker *workers; /* [threads]; 0 is the caller */
    size_t threads;

    /* under `lock` */
    void (*work)(void *context, size_t worker, size_t piece);
    void *context;
    size_t next, count; /* pieces */
    size_t busy;        /* workers inside `work` */
    bool quit;
};

/* Takes pieces until there are none. Called and left with the lock held. */
static void take_pieces(struct ocelot_pool *pool, size_t number)
{
    while (pool->next < pool->count) {
        size_t piece = pool->next++;
        pool->busy++;
        pthread_mutex_unlock(&pool->lock);
        pool->work(pool->context, number, piece);
        pthread_mutex_lock(&pool->lock);
        pool->busy--;
    }
    if (pool->busy == 0) {
        pthread_cond_signal(&pool->idle);
    }
}

static void *serve(void *argument)
{
    struct worker *worker = argument;
    struct ocelot_pool *pool = worker->pool;
    pthread_mutex_lock(&pool->lock);
    while (!pool->quit) {
        take_pieces(pool, worker->number);
        if (!pool->quit) {
            pthread_cond_wait(&pool->wake, &pool->lock);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Signals are the main thread's business. */
static void start_workers(struct ocelot_pool *pool, size_t threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    for (pool->threads = 1; pool->threads < threads; pool->threads++) {
        struct worker *worker = &pool->workers[pool->threads];
        worker->pool = pool;
        worker->number = pool->threads;
        if (pthread_create(&worker->thread, NULL, serve, worker)) {
            break;
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

enum ocelot_status ocelot_pool_create(size_t threads, struct ocelot_pool **out, struct ocelot_error *err)
{
    struct ocelot_pool *pool = ocelot_allocate(1, sizeof *pool);
    struct worker *workers = ocelot_allocate(threads, sizeof *workers);
    if (!pool || !workers) {
        free(pool);
        free(workers);
        return ocelot_fail_memory(err, "the worker threads");
    }
    pool->workers = workers;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->idle, NULL);
    start_workers(pool, threads);
    *out = pool;
    return OCELOT_OK;
}

size_t ocelot_pool_threads(const struct ocelot_pool *pool)
{
    return pool->threads;
}

void ocelot_pool_run(struct ocelot_pool *pool, size_t count, void (*work)(void *context, size_t worker, size_t piece), void *context)
{
    pthread_mutex_lock(&pool->lock);
    pool->work = work;
    pool->context = context;
    pool->next = 0;
    pool->count = count;
    /* One piece, one row of a pipe: not worth waking anybody. */
    if (count > 1) {
        pthread_cond_broadcast(&pool->wake);
    }
    take_pieces(pool, 0);
    while (pool->busy) {
        pthread_cond_wait(&pool->idle, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}

void ocelot_pool_free(struct ocelot_pool *pool)
{
    if (!pool) {
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->quit = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (size_t k = 1; k < pool->threads; k++) {
        pthread_join(pool->workers[k].thread, NULL);
    }
    pthread_cond_destroy(&pool->idle);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool->workers);
    free(pool);
}

size_t ocelot_processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (size_t)n : 1;
}
