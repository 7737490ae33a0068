/* How parts are handed out: one atomic number holds the piece of work at hand, the first of its parts that nobody has taken yet, and how many there
 * are. Whoever changes it has that part, and only then reads what the work is: the caller waits for that part, so it cannot be replaced meanwhile. A
 * helper that comes too late for a piece finds no part of it, and nobody waits for helpers that have none.
 *
 * The caller takes the first part, and the first helper the last: in pieces that follow each other on the same arrays, each finds the half that it
 * wrote before in its own cache. */
#include "base/team.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/size.h"

/* Looks for work, at 40 cycles or more each, before a helper sleeps: about the time that waking it would take. And how often the caller looks whether
 * the others are done before it offers its processor to them. */
enum { LOOKS = 4000, PATIENCE = 1000 };

/* The piece's number above, then the first part that is left, and below how many are. */
enum { PART_BITS = 20 };
#define PART_MASK (((uint64_t)1 << PART_BITS) - 1)
#define FIRST_UNIT ((uint64_t)1 << PART_BITS)

struct helper {
    struct ocelot_team *team;
    size_t number;
    pthread_t thread;
};

struct ocelot_team {
    _Atomic uint64_t ticket;
    atomic_size_t done; /* parts of the piece at hand */
    atomic_size_t asleep;
    atomic_bool quit;
    void (*work)(void *context, size_t part, size_t thread);
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    size_t threads, used, started;
    struct helper *helpers; /* [threads]; 0 is the caller */
};

static void pause_briefly(void)
{
#if defined(__GNUC__) && defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

/* Does parts until none is left. */
static void take_parts(struct ocelot_team *team, size_t thread)
{
    bool first = thread % 2 == 0;
    uint64_t ticket = atomic_load_explicit(&team->ticket, memory_order_acquire);
    while (ticket & PART_MASK) {
        uint64_t next = ticket - 1 + (first ? FIRST_UNIT : 0), part = ticket >> PART_BITS & PART_MASK;
        if (!atomic_compare_exchange_weak_explicit(&team->ticket, &ticket, next, memory_order_acq_rel, memory_order_acquire))
            continue;
        team->work(team->context, (size_t)(first ? part : part + (ticket & PART_MASK) - 1), thread);
        atomic_fetch_add_explicit(&team->done, 1, memory_order_release);
        ticket = atomic_load_explicit(&team->ticket, memory_order_acquire);
    }
}

static bool idle(struct ocelot_team *team)
{
    return (atomic_load(&team->ticket) & PART_MASK) == 0 && !atomic_load(&team->quit);
}

/* Sleeps until there may be work. Whoever brings some looks for sleepers afterwards, and this looks for work after it says that it sleeps. */
static void sleep_until_woken(struct ocelot_team *team)
{
    pthread_mutex_lock(&team->lock);
    atomic_fetch_add(&team->asleep, 1);
    while (idle(team))
        pthread_cond_wait(&team->wake, &team->lock);
    atomic_fetch_sub(&team->asleep, 1);
    pthread_mutex_unlock(&team->lock);
}

static void *serve(void *argument)
{
    struct helper *helper = argument;
    struct ocelot_team *team = helper->team;
    while (!atomic_load(&team->quit)) {
        for (int look = 0; look < LOOKS && idle(team); look++)
            pause_briefly();
        if (idle(team))
            sleep_until_woken(team);
        take_parts(team, helper->number);
    }
    return NULL;
}

static void wake_sleepers(struct ocelot_team *team)
{
    if (atomic_load(&team->asleep) == 0)
        return;
    pthread_mutex_lock(&team->lock);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->lock);
}

/* Signals are for the program's threads. */
static void start_helpers(struct ocelot_team *team)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    for (; team->started < team->used; team->started++) {
        struct helper *helper = &team->helpers[team->started];
        helper->team = team;
        helper->number = team->started;
        if (pthread_create(&helper->thread, NULL, serve, helper))
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool ocelot_team_create(size_t threads, struct ocelot_team **out)
{
    *out = NULL;
    if (threads < 2)
        return true;
    struct ocelot_team *team = ocelot_allocate(1, sizeof *team);
    struct helper *helpers = ocelot_allocate(threads, sizeof *helpers);
    if (!team || !helpers) {
        free(team);
        free(helpers);
        return false;
    }
    team->helpers = helpers;
    team->threads = team->used = threads;
    team->started = 1;
    atomic_init(&team->ticket, 0);
    atomic_init(&team->done, 0);
    atomic_init(&team->asleep, 0);
    atomic_init(&team->quit, false);
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->wake, NULL);
    *out = team;
    return true;
}

void ocelot_team_free(struct ocelot_team *team)
{
    if (!team)
        return;
    atomic_store(&team->quit, true);
    pthread_mutex_lock(&team->lock);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->lock);
    for (size_t k = 1; k < team->started; k++)
        pthread_join(team->helpers[k].thread, NULL);
    pthread_mutex_destroy(&team->lock);
    pthread_cond_destroy(&team->wake);
    free(team->helpers);
    free(team);
}

size_t ocelot_team_threads(const struct ocelot_team *team)
{
    return team ? team->threads : 1;
}

void ocelot_team_use(struct ocelot_team *team, size_t threads)
{
    if (team)
        team->used = threads == 0 ? 1 : threads < team->threads ? threads : team->threads;
}

/* Waits until all parts are done. */
static void wait_for(struct ocelot_team *team, size_t parts)
{
    for (size_t look = 0; atomic_load_explicit(&team->done, memory_order_acquire) != parts; look++)
        if (look < PATIENCE)
            pause_briefly();
        else
            sched_yield();
}

void ocelot_team_run(struct ocelot_team *team, size_t parts, void (*work)(void *context, size_t part, size_t thread), void *context)
{
    if (!team || team->used < 2 || parts < 2 || parts > PART_MASK) {
        for (size_t part = 0; part < parts; part++)
            work(context, part, 0);
        return;
    }
    if (team->started < team->used)
        start_helpers(team);
    uint64_t piece = atomic_load_explicit(&team->ticket, memory_order_relaxed) >> 2 * PART_BITS;
    team->work = work;
    team->context = context;
    atomic_store_explicit(&team->done, 0, memory_order_relaxed);
    atomic_store(&team->ticket, (piece + 1) << 2 * PART_BITS | parts);
    wake_sleepers(team);
    take_parts(team, 0);
    wait_for(team, parts);
}
