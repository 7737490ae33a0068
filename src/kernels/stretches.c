#include "kernels/stretches.h"

#include <string.h>

#include "base/number.h"

/* Numbers of a stretch that is worth handing over, and of a part of it that is written, and read again for its sum, in the first-level cache. */
enum { LEAST = 8192, CACHED = 4096 };

/* Stretches come in fours, which most teams share evenly. */
enum { FOUR = 4 };

size_t ocelot_stretch_length(size_t n)
{
    size_t even = n;
    if (n > LEAST) {
        const size_t block = (size_t)FOUR * LEAST;
        size_t count = (n + block - 1) / block * FOUR, most = count < OCELOT_STRETCHES ? count : OCELOT_STRETCHES;
        even = (n + most - 1) / most;
    }
    return even < OCELOT_SIGNAL_PERIOD ? OCELOT_SIGNAL_PERIOD : (even + OCELOT_SIGNAL_PERIOD - 1) / OCELOT_SIGNAL_PERIOD * OCELOT_SIGNAL_PERIOD;
}

size_t ocelot_stretch_count(size_t n, size_t length)
{
    return n > length ? (n + length - 1) / length : n > 0;
}

#define OCELOT_BODY "kernels/stretches_body.h"
#include "base/stamp.h"

/* Between the precisions, and what is asked of rows in double. */
struct crossing {
    const double *f64;
    const float *f32;
    double *to_f64;
    float *to_f32;
    size_t n, length;
    bool finite[OCELOT_STRETCHES];
};

static void cross(struct ocelot_team *team, struct crossing *all, void (*work)(void *context, size_t part, size_t thread))
{
    all->length = ocelot_stretch_length(all->n);
    ocelot_team_run(team, ocelot_stretch_count(all->n, all->length), work, all);
}

static size_t end_of(const struct crossing *all, size_t part)
{
    return all->n - part * all->length < all->length ? all->n : (part + 1) * all->length;
}

static void round_part(void *context, size_t part, size_t thread)
{
    const struct crossing *all = context;
    (void)thread;
    for (size_t n = part * all->length; n < end_of(all, part); n++)
        all->to_f32[n] = (float)all->f64[n];
}

static void widen_part(void *context, size_t part, size_t thread)
{
    const struct crossing *all = context;
    (void)thread;
    for (size_t n = part * all->length; n < end_of(all, part); n++)
        all->to_f64[n] = (double)all->f32[n];
}

static void finite_part(void *context, size_t part, size_t thread)
{
    struct crossing *all = context;
    size_t begin = part * all->length;
    (void)thread;
    all->finite[part] = ocelot_numbers_finite(all->f64 + begin, end_of(all, part) - begin);
}

/* NOLINTBEGIN(readability-non-const-parameter) */
void ocelot_stretches_round(struct ocelot_team *team, const double *from, size_t n, float *to)
{
    struct crossing all = {.f64 = from, .to_f32 = to, .n = n};
    cross(team, &all, round_part);
}

void ocelot_stretches_widen(struct ocelot_team *team, const float *from, size_t n, double *to)
{
    struct crossing all = {.f32 = from, .to_f64 = to, .n = n};
    cross(team, &all, widen_part);
}
/* NOLINTEND(readability-non-const-parameter) */

bool ocelot_stretches_finite(struct ocelot_team *team, const double *values, size_t n)
{
    struct crossing all = {.f64 = values, .n = n};
    bool finite = true;
    cross(team, &all, finite_part);
    for (size_t k = 0; k * all.length < n; k++)
        finite &= all.finite[k];
    return finite;
}
