/* Distance and the SoftMin that pools it (pooled_distance.c) in float. The tile holds D. Rows and results stay in double.
 *
 * Rows and support vectors are moved by c before they are rounded, feature by feature: c is the mean of the support vectors where all of them lie
 * between c/2 and 2c, so that numbers which are floats already lose nothing (Sterbenz), else 0, which loses no more than a factor.
 *
 * What float costs a row, relative to its relevance. Every phi is concave in D and 0 there: phi' <= phi / D, which falls, and D phi' <= phi. So an
 * error of D, relative, is at most one of phi, and one of p by phi times that: for the units that matter by about o, or more nearly by o times that
 * of D, which grows with sqrt(d). Where D was expanded (kernels/tiles.h) it is one of S = |x - c|^2 + |u - c|^2, and changes phi by at most phi / D
 * S: with the nearest support vector's phi / D (gamma in the RBF kernel), S phi / D / o times what it is else, at most 1 / OCELOT_CANCELS_SINGLE
 * times; and the score's own is no longer nothing beside it. Rounding the inputs changes D near a support vector at distance r by some |x - c| / r
 * ulp, unless nothing was rounded: that much the shares of a unit, and o times that much p. Where the sum of all may exceed OCELOT_SINGLE_ERROR,
 * where D or o leaves the normal floats, or D is 0, the row is computed in double, with others of the batch; its D_0 is then marked by -1. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "ops/pooled_distance.h"

/* What `prepare` makes: the numbers of this head, then center [d], weights [m], the packed points. */
struct narrow {
    const double *center;
    const float *weights;
    struct ocelot_packed_single u;
    double largest; /* |u - c|^2 */
    bool expands;   /* some distances */
    bool exact;     /* no support vector was rounded */
};

struct head {
    double largest;
    bool expands, exact;
};

/* Below so many support vectors what is done once a row, rounding it, takes longer than float saves. */
enum { LEAST_UNITS = 200 };

/* So many rows are computed in double at a time: of a single one each, fetching the support vectors would take longer than the arithmetic. */
enum { TOGETHER = 8 };

/* D, o, and the squares that D comes from are left to floats between these. */
#define LEAST_NORMAL 1e-30
#define MOST_NORMAL 1e30

enum { POOLED = 4 }; /* doubles of struct ocelot_pooled */
_Static_assert(sizeof(struct ocelot_pooled) == POOLED * sizeof(double), "scratch is counted in doubles");

/* What the pair needs of `scratch`: see `scratch` below. */
struct room {
    double *unit, *size;
    struct ocelot_pooled *sums;
    double *x64, *back64, *phi, *w;
    float *x, *back;
};

/* Rows that wait to be computed in double. */
struct waiting {
    size_t rows[TOGETHER], count;
};

static size_t width_of(const struct ocelot_node *first)
{
    const struct ocelot_distance_params *p = first->params;
    return ocelot_node_input(first, 0)->size / p->positions;
}

/* Bytes up to a whole line of the cache. */
static size_t lines(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* Points that are kept by their entries are gone through in double: what that costs is not arithmetic. */
bool ocelot_pooled_distance_narrows(const struct ocelot_node *second, const struct ocelot_footing *footing)
{
    const struct ocelot_distance_params *p = ocelot_node_input(second, 0)->params;
    const struct ocelot_kernels_single *single = footing->kernels->single;
    return single && p->count >= LEAST_UNITS && !ocelot_distance_sparse(ocelot_node_input(second, 0), footing) && single->takes(p->profile) &&
           p->parameters.gamma > 1e-20 && p->parameters.gamma < 1e20;
}

size_t ocelot_pooled_distance_narrow_bytes(const struct ocelot_node *second, const struct ocelot_kernels *kernels)
{
    const struct ocelot_node *first = ocelot_node_input(second, 0);
    const struct ocelot_distance_params *p = first->params;
    size_t d = width_of(first), rounded = p->count * d * sizeof(float); /* the points in float, only for packing */
    return 64 + lines(d * sizeof(double)) + lines(p->count * sizeof(float)) + lines(kernels->single->packed_bytes(p->count, d)) + rounded;
}

static struct narrow narrow_of(const struct ocelot_node *first, const unsigned char *prepared)
{
    const struct ocelot_distance_params *p = first->params;
    size_t d = width_of(first);
    const struct head *head = (const void *)prepared;
    const unsigned char *weights = prepared + 64 + lines(d * sizeof(double));
    return (struct narrow){.center = (const void *)(prepared + 64),
                           .weights = (const void *)weights,
                           .u = {.count = p->count, .size = d, .panels = (const void *)(weights + lines(p->count * sizeof(float)))},
                           .largest = head->largest,
                           .expands = head->expands,
                           .exact = head->exact};
}

/* c of feature i. */
static double center_of(const double *points, size_t count, size_t d, size_t i)
{
    double sum = 0, low = points[i], high = points[i];
    for (size_t j = 0; j < count; j++) {
        double u = points[j * d + i];
        sum += u / (double)count;
        low = u < low ? u : low;
        high = u > high ? u : high;
    }
    double c = fabs(sum) < (double)FLT_MAX ? (double)(float)sum : 0;
    double near = c < 0 ? -high : low, far = c < 0 ? -low : high;
    return near >= fabs(c) / 2 && far <= 2 * fabs(c) ? c : 0;
}

/* x - c in float. */
static void narrowed(const double *x, const double *center, size_t d, float *out)
{
    for (size_t i = 0; i < d; i++) {
        double t = x[i] - center[i], low = t < -(double)FLT_MAX ? -(double)FLT_MAX : t;
        out[i] = (float)(low > (double)FLT_MAX ? (double)FLT_MAX : low);
    }
}

/* |x - c|^2, and whether any of x - c is not what `out` holds. In PLACES sums. */
static double size_of(const double *x, const double *center, size_t d, const float *out, bool *rounded)
{
    enum { PLACES = 8 };
    double size[PLACES] = {0}, lost[PLACES] = {0}, sum = 0, any = 0;
    for (size_t i = 0; i < d; i += PLACES)
        for (size_t l = 0; l < PLACES; l++) {
            size_t k = i + l < d ? i + l : i;
            double t = x[k] - center[k];
            size[l] += t * t;
            lost[l] += fabs((double)out[k] - t) + fabs((t + center[k]) - x[k]);
        }
    for (size_t l = 0; l < PLACES; l++) {
        sum += size[l];
        any += lost[l];
    }
    *rounded = any > 0;
    return sum;
}

void ocelot_pooled_distance_prepare_narrow(const struct ocelot_node *second, const struct ocelot_kernels *kernels, const double *points,
                                           void *prepared)
{
    const struct ocelot_node *first = ocelot_node_input(second, 0);
    const struct ocelot_distance_params *p = first->params;
    const struct ocelot_softmin_params *pool = second->params;
    size_t d = width_of(first);
    struct head *head = prepared;
    unsigned char *at = prepared;
    double *center = (void *)(at + 64);
    float *weights = (void *)(at + 64 + lines(d * sizeof *center)), *panels = (void *)((unsigned char *)weights + lines(p->count * sizeof *weights));
    float *rounded = (void *)((unsigned char *)panels + lines(kernels->single->packed_bytes(p->count, d)));
    for (size_t i = 0; i < d; i++)
        center[i] = center_of(points, p->count, d, i);
    *head = (struct head){.exact = true};
    for (size_t j = 0; j < p->count; j++) {
        bool lost;
        narrowed(points + j * d, center, d, rounded + j * d);
        head->largest = fmax(head->largest, size_of(points + j * d, center, d, rounded + j * d, &lost));
        head->exact = head->exact && !lost;
        weights[j] = (float)pool->weights[j];
    }
    head->expands = kernels->single->pack(rounded, p->count, d, panels) > 0;
}

/* Per row: unit, size, sums; of TOGETHER rows: x and back [d], phi and w [m]; then two arrays of floats [rows][d]. */
size_t ocelot_pooled_distance_narrow_scratch(const struct ocelot_node *second, size_t rows)
{
    const struct ocelot_node *first = ocelot_node_input(second, 0);
    const struct ocelot_distance_params *p = first->params;
    return rows * p->positions * (2 + POOLED) + (width_of(first) + p->count) * 2 * TOGETHER + rows * ocelot_node_input(first, 0)->size;
}

static struct room room_of(const struct ocelot_pair_call *call)
{
    const struct ocelot_distance_params *p = call->first->params;
    size_t rows = call->rows * p->positions, d = width_of(call->first);
    struct ocelot_pooled *sums = (void *)(call->scratch + 2 * rows);
    double *x64 = (void *)(sums + rows), *back64 = x64 + TOGETHER * d, *phi = back64 + TOGETHER * d, *w = phi + TOGETHER * p->count;
    float *floats = (void *)(w + TOGETHER * p->count);
    return (struct room){.unit = call->scratch,
                         .size = call->scratch + rows,
                         .sums = sums,
                         .x64 = x64,
                         .back64 = back64,
                         .phi = phi,
                         .w = w,
                         .x = floats,
                         .back = floats + rows * d};
}

/* phi [count][m] of rows x [count][d] in double. */
static void exact_phi(const struct ocelot_pair_call *call, const double *x, size_t count, double *phi)
{
    const struct ocelot_distance_params *p = call->first->params;
    struct ocelot_packed u = ocelot_distance_points(call->prepared, NULL);
    call->kernels->squared_distance(&u, x, count, phi);
    call->kernels->profile(p->profile, p->parameters, phi, count * p->count);
}

/* phi of the rows that wait, whose x are gathered before. */
static void waiting_phi(const struct ocelot_pair_call *call, const struct waiting *waiting, const struct room *room)
{
    size_t d = width_of(call->first);
    for (size_t k = 0; k < waiting->count; k++)
        memcpy(room->x64 + k * d, call->in + waiting->rows[k] * d, d * sizeof *room->x64);
    exact_phi(call, room->x64, waiting->count, room->phi);
}

/* What float may have cost row `at` of score o, with the least of its D; infinity where numbers left the range of floats. */
static double error_of(const struct ocelot_pair_call *call, const struct narrow *narrow, const struct room *room, size_t at, double o, double least)
{
    const struct ocelot_distance_params *p = call->first->params;
    double size = room->size[at] + narrow->largest, terms = OCELOT_SINGLE_OF_SCORE + OCELOT_SINGLE_OF_SUMS * sqrt((double)narrow->u.size);
    if (!(least > LEAST_NORMAL && o > LEAST_NORMAL && size < MOST_NORMAL))
        return (double)INFINITY;
    double growth = p->profile->phi(p->parameters, least) / least * size / o, most = 1 / (double)OCELOT_CANCELS_SINGLE;
    double sums = narrow->expands ? terms * fmin(fmax(growth, 1), most) * fmax(o, 1) : terms * o;
    return sums + OCELOT_SINGLE_OF_INPUT * fmax(o, 1) * sqrt(room->unit[at] / least);
}

/* Scores of the rows that wait, in double; nobody waits then. */
static void exact_scores(const struct ocelot_pair_call *call, struct waiting *waiting, const struct room *room, double *out)
{
    const struct ocelot_distance_params *p = call->first->params;
    const struct ocelot_softmin_params *pool = call->second->params;
    waiting_phi(call, waiting, room);
    for (size_t k = 0; k < waiting->count; k++)
        out[waiting->rows[k]] = call->kernels->softmin(room->phi + k * p->count, pool->weights, pool->log_weights, p->count, 0);
    waiting->count = 0;
}

void ocelot_pooled_distance_forward_narrow(const struct ocelot_pair_call *call, double *out)
{
    const struct ocelot_distance_params *p = call->first->params;
    const struct ocelot_kernels_single *single = call->kernels->single;
    size_t d = width_of(call->first), rows = call->rows * p->positions;
    struct narrow narrow = narrow_of(call->first, call->narrow);
    struct room room = room_of(call);
    struct waiting waiting = {.count = 0};
    float *tile = (void *)call->middle;
    for (size_t at = 0; at < rows; at++) {
        bool rounded;
        narrowed(call->in + at * d, narrow.center, d, room.x + at * d);
        room.size[at] = size_of(call->in + at * d, narrow.center, d, room.x + at * d, &rounded);
        room.unit[at] = rounded || !narrow.exact ? room.size[at] : 0;
    }
    single->squared_distance(&narrow.u, room.x, rows, tile);
    for (size_t at = 0; at < rows; at++) {
        double least, o = single->softmin(p->profile, p->parameters, tile + at * p->count, narrow.weights, p->count, &least);
        out[at] = o;
        if (error_of(call, &narrow, &room, at, o, least) <= OCELOT_SINGLE_ERROR)
            continue;
        tile[at * p->count] = -1;
        waiting.rows[waiting.count++] = at;
        if (waiting.count == TOGETHER)
            exact_scores(call, &waiting, &room, out);
    }
    if (waiting.count > 0)
        exact_scores(call, &waiting, &room, out);
}

/* sums and back of the rows that wait, in double; nobody waits then. */
static void exact_relevance(const struct ocelot_pair_call *call, struct waiting *waiting, const struct room *room, double *back)
{
    const struct ocelot_distance_params *p = call->first->params;
    const struct ocelot_softmin_params *pool = call->second->params;
    struct ocelot_packed u = ocelot_distance_points(call->prepared, NULL);
    size_t d = width_of(call->first), m = p->count;
    waiting_phi(call, waiting, room);
    for (size_t k = 0; k < waiting->count; k++)
        room->sums[waiting->rows[k]] =
            call->kernels->pooled_weights(p->profile, p->parameters, room->phi + k * m, pool->weights, m, call->out[waiting->rows[k]],
                                          ocelot_pooled_distance_low(call, call->out[waiting->rows[k]]), room->w + k * m);
    call->kernels->weighted_square(&u, room->x64, room->w, waiting->count, room->back64);
    for (size_t k = 0; k < waiting->count; k++)
        memcpy(back + waiting->rows[k] * d, room->back64 + k * d, d * sizeof *back);
    waiting->count = 0;
}

/* What weighted_square in float needs of each row, and the rows that float would not do justice to wholly: w, sums, and their back. */
static void weights_of(const struct ocelot_pair_call *call, const double *relevance, const struct room *room, float *w, double *back)
{
    const struct ocelot_distance_params *p = call->first->params;
    const struct ocelot_kernels_single *single = call->kernels->single;
    size_t d = width_of(call->first), rows = call->rows * p->positions, m = p->count;
    struct narrow narrow = narrow_of(call->first, call->narrow);
    struct waiting waiting = {.count = 0};
    const float *tile = (const void *)call->middle;
    for (size_t at = 0; at < rows; at++) {
        bool silent = relevance[at] == 0 || !(call->out[at] > 0), doubled = tile[at * m] < 0;
        room->sums[at] = (struct ocelot_pooled){.shares = 1};
        narrowed(call->in + at * d, narrow.center, d, room->x + at * d);
        if (silent || doubled)
            memset(w + at * m, 0, m * sizeof *w);
        else
            room->sums[at] = single->pooled_weights(p->profile, p->parameters, tile + at * m, narrow.weights, m, call->out[at],
                                                    ocelot_pooled_distance_low(call, call->out[at]), w + at * m);
        if (!silent && doubled)
            waiting.rows[waiting.count++] = at;
        if (waiting.count == TOGETHER)
            exact_relevance(call, &waiting, room, back);
    }
    if (waiting.count > 0)
        exact_relevance(call, &waiting, room, back);
}

void ocelot_pooled_distance_relevance_narrow(const struct ocelot_pair_call *call, const double *relevance, double *back,
                                             struct ocelot_ledger_entry *first, struct ocelot_ledger_entry *second)
{
    const struct ocelot_distance_params *p = call->first->params;
    size_t d = width_of(call->first), rows = call->rows * p->positions;
    struct narrow narrow = narrow_of(call->first, call->narrow);
    struct room room = room_of(call);
    const float *tile = (const void *)call->middle;
    float *w = (void *)call->shares;
    weights_of(call, relevance, &room, w, back);
    for (size_t at = 0; at < rows; at++)
        room.unit[at] =
            ocelot_pooled_distance_enter(relevance[at], call->out[at], &room.sums[at], &first[at / p->positions], &second[at / p->positions]);
    call->kernels->single->weighted_square(&narrow.u, room.x, w, rows, room.back);
    for (size_t at = 0; at < rows; at++)
        for (size_t i = 0; i < d; i++) {
            double value = tile[at * p->count] < 0 ? back[at * d + i] : (double)room.back[at * d + i];
            back[at * d + i] = room.unit[at] * (room.unit[at] == 0 ? 0 : value);
        }
}

void ocelot_pooled_distance_widen(const struct ocelot_pair_call *call, size_t row, double *phi)
{
    const struct ocelot_distance_params *p = call->first->params;
    const float *tile = (const void *)call->middle;
    for (size_t at = row * p->positions; at < (row + 1) * p->positions; at++, phi += p->count) {
        if (tile[at * p->count] < 0)
            exact_phi(call, call->in + at * width_of(call->first), 1, phi);
        for (size_t j = 0; tile[at * p->count] >= 0 && j < p->count; j++)
            phi[j] = p->profile->phi(p->parameters, (double)tile[at * p->count + j]);
    }
}
