/* Part of a fast body (body.h): what the other features lead one to expect, of all features of several rows at once.
 *
 *   expected_i = sum_j p_j e^(g (x_i - u_ij)^2) u_ij / sum_j p_j e^(g (x_i - u_ij)^2)
 *
 * is a mean in which rows and support vectors meet nowhere but in one product. With u = c + v t, t from -1 to 1 over the support vectors' range, the
 * weights are, but for a factor that cancels, p e^(b t^2) e^(a t), where b = g v^2 belongs to the feature and a = -2 g v (x - c) to feature and row.
 * The series of e^(a t) in Chebyshev polynomials, c_k = 2 I_k(a) (I_0(a) for k = 0), ends after n terms where a is small, and what is left to sum
 * over support vectors does not know x: M_k = sum_j p_j e^(b t_j^2) T_k(t_j),   mean t ~ sum_k d_k M_k / sum_k c_k M_k,   d_k = (c_(k-1) + c_(k+1)) /
 * 2, for t T_k = (T_(k-1) + T_(k+1)) / 2 So a term costs n multiplications and additions, a matrix product of the shares of all rows with a table
 * that a feature makes for a block of support vectors, in place of an exponential. By Miller's recurrence c_k = 2 (a / 2)^k / k! S_k, S_(k-1) = S_k +
 * (a / 2)^2 / (k (k + 1)) S_(k+1), up to a factor. */
#ifndef OCELOT_KERNELS_EXPECTED_ROWS_H
#define OCELOT_KERNELS_EXPECTED_ROWS_H

#include <math.h>

#include "kernels/tiles.h"

/* Numbers of terms for which there is code, and up to which |a| the rest of both series, over the least that e^(a t) can be, is 5e-11 of the range.
 * The first `exact` of them are summed in double. The others are small beside them: their part is at most (a / 2)^exact / exact! of the range, below
 * 4e-4, of which rounding to float takes 2^-24 and sums of BLOCK / WIDTH floats little more, before they are added up in double. */
enum {
    MOST_PART = 8,
    MOST_TERMS = 16,
    MOST_TILE = 8,
    SOME_TERMS = 8,  /* of one precision, of features that are summed together */
    SHARING = 48,    /* rows at once */
    BLOCK = 384,     /* support vectors whose tables and shares stay in the first-level cache */
    LATE_BLOCKS = 2, /* after so many sums of floats are added up in double */
    WIDE_LANES = LANES == 1 ? 1 : 2 * LANES
};
static const struct {
    size_t exact, rest;
    double most;
} series[] = {{3, 3, 0.051}, {4, 4, 0.240}, {4, 5, 0.396}, {4, 6, 0.591}, {6, 6, 1.07}, {8, 8, 2.31}};

struct moments_feature {
    size_t number;
    double center, extent, twist, bend; /* c, v, -2 g v, b */
};

/* Tables of a few features for a block of support vectors, and the sums of SHARING rows. Loads do not cross lines of the cache. */
struct moments {
    double sums[SOME_TERMS * SHARING * LANES];           /* [features][rows][exact][LANES] */
    double late_sums[SOME_TERMS * SHARING * WIDE_LANES]; /* [features][rows][rest][WIDE_LANES] */
    float late[SOME_TERMS * SHARING * WIDE_LANES];       /* the same of a few blocks */
    double table[SOME_TERMS * BLOCK];                    /* [features][BLOCK / LANES][exact][LANES] */
    float late_table[SOME_TERMS * BLOCK];                /* [features][BLOCK / WIDE_LANES][rest][WIDE_LANES] */
    double tail[SHARING * LANES];                        /* [rows][LANES]: shares of the last few support vectors with zeros behind them */
    struct moments_feature feature[SOME_TERMS];
    size_t count;
};

/* A register's value that has to stay in one. */
#if defined(__GNUC__) && defined(__x86_64__)
#define KEEP(value) __asm__("" : "+v"(value))
#else
#define KEEP(value) (void)(value)
#endif

/* Rows that share what they load: so many that their sums stay in registers, and that go without rest into SHARING. */
INLINE size_t tile_of(size_t terms)
{
    const size_t most = (PANEL_ROWS * PANEL_VECTORS + 1) / terms;
    return most >= 8 ? 8 : most >= 6 ? 6 : most == 5 ? 4 : most ? most : 1;
}

#define REAL double
#define OF(name) name
#define WIDTH LANES
#include "kernels/moments_body.h"
#undef REAL
#undef OF
#undef WIDTH
#define REAL float
#define OF(name) name##_single
#define WIDTH WIDE_LANES
#include "kernels/moments_body.h"
#undef REAL
#undef OF
#undef WIDTH

/* T_k of LANES support vectors from T_0 and t. `exact` and `rest` are constants after inlining, here and below. */
INLINE void write_terms(size_t exact, size_t rest, vector t, vector first, double *table, float *late)
{
    vector before = first, now = first * t, twice = t + t;
    store(table, before);
    for (size_t k = 1; k < exact + rest; k++) {
        vector next = twice * now - before;
        double line[LANES];
        store(k < exact ? table + k * LANES : line, now);
        for (size_t l = 0; k >= exact && l < LANES; l++)
            late[(k - exact) * WIDE_LANES + l] = (float)line[l];
        before = now;
        now = next;
    }
}

/* e^z for the z that the longest series allows, 0 to 1.2, to 4e-12: Taylor's polynomial at z / 4, squared twice. */
INLINE double short_exponential(double z)
{
    double q = z / 4, p = 1.0 / 362880;
    p = p * q + 1.0 / 40320;
    p = p * q + 1.0 / 5040;
    p = p * q + 1.0 / 720;
    p = p * q + 1.0 / 120;
    p = p * q + 1.0 / 24;
    p = p * q + 1.0 / 6;
    p = p * q + 0.5;
    p = (p * q + 1) * q + 1;
    return p * p * (p * p);
}

/* e^(b t^2) T_k(t) of `count` support vectors, a multiple of PANEL, from `start` on. */
INLINE void make_table(size_t exact, size_t rest, const struct moments_feature *f, const struct ocelot_packed *u, size_t start, size_t count,
                       double *table, float *late)
{
    double inverse = f->extent > 0 ? 1 / f->extent : 0;
    for (size_t j = 0; j < count; j += PANEL) {
        const double *column = u->panels + (start + j) * u->size + f->number * PANEL;
        double t[PANEL], weight[PANEL];
        for (size_t l = 0; l < PANEL; l++) {
            double at = (column[l] - f->center) * inverse;
            at = at < 1 ? at : 1; /* padding may be anywhere */
            t[l] = at > -1 ? at : -1;
            weight[l] = short_exponential(f->bend * (t[l] * t[l]));
        }
        for (size_t v = 0; v < PANEL_VECTORS; v++) {
            size_t place = j + v * LANES;
            write_terms(exact, rest, load(t + v * LANES), load(weight + v * LANES), table + place * exact,
                        late + place / WIDE_LANES * WIDE_LANES * rest + place % WIDE_LANES);
        }
    }
}

/* c_k and d_k of LANES rows. */
INLINE void find_series(size_t terms, vector a, double below[][LANES], double above[][LANES])
{
    vector half = a / 2, square = half * half, power = {0}, s[MOST_TERMS + 10], c[MOST_TERMS + 2];
    power += 1;
    s[terms + 8] = s[terms + 9] = power;
    for (size_t k = terms + 8; k > 0; k--)
        s[k - 1] = s[k] + square * (1 / (double)(k * (k + 1))) * s[k + 1];
    for (size_t k = 0; k <= terms; k++) {
        c[k] = power * s[k];
        power *= half * ((k ? 1 : 2) / (double)(k + 1));
    }
    for (size_t k = 0; k < terms; k++) {
        store(below[k], c[k]);
        store(above[k], k ? c[k - 1] * (k > 1 ? 0.5 : 1) + c[k + 1] / 2 : c[1] / 2);
    }
}

/* Rows of one call. late [rows][stride]: the shares in float, with zeros behind them. */
struct sharing {
    const struct ocelot_packed *u;
    const double *x, *p;
    const float *late;
    size_t rows, stride;
    double *out;
};

/* The means of feature k of those at hand from the sums, NaN where |a| is too large. */
INLINE void find_means(size_t exact, size_t rest, const struct sharing *call, const struct moments *m, size_t k, double most)
{
    const struct moments_feature *f = &m->feature[k];
    const double *sums = m->sums + k * call->rows * exact * LANES, *late = m->late_sums + k * call->rows * rest * WIDE_LANES;
    for (size_t first = 0; first < call->rows; first += LANES) {
        double a[LANES] = {0}, below[MOST_TERMS][LANES], above[MOST_TERMS][LANES];
        size_t some = least_of(LANES, call->rows - first);
        for (size_t l = 0; l < some; l++)
            a[l] = f->twist * (call->x[(first + l) * call->u->size + f->number] - f->center);
        find_series(exact + rest, load(a), below, above);
        for (size_t l = 0; l < some; l++, sums += exact * LANES, late += rest * WIDE_LANES) {
            vector weighted = {0}, sum = {0};
            for (size_t n = 0; n < exact + rest; n++) {
                vector value = load(n < exact ? sums + n * LANES : late + (n - exact) * WIDE_LANES);
                value += WIDE_LANES > LANES && n >= exact ? load(late + (n - exact) * WIDE_LANES + LANES) : (vector){0};
                weighted += above[n][l] * value;
                sum += below[n][l] * value;
            }
            double mean = f->center + f->extent * (sum_places(weighted) / sum_places(sum));
            call->out[(first + l) * call->u->size + f->number] = fabs(a[l]) <= most ? mean : (double)NAN;
        }
    }
}

/* Adds one block of support vectors to the sums: each precision in turn, rows by rows, so that a few rows' shares serve all features at hand. */
INLINE void add_block(size_t exact, size_t rest, const struct sharing *call, size_t start, struct moments *m)
{
    const struct ocelot_packed *u = call->u;
    const size_t whole = u->count / LANES * LANES, count = least_of(BLOCK, u->count - start);
    const size_t full = start < whole ? least_of(BLOCK, whole - start) / LANES : 0, tile = tile_of(exact), late_tile = tile_of(rest);
    for (size_t k = 0; k < m->count; k++)
        make_table(exact, rest, &m->feature[k], u, start, round_up(count, PANEL), m->table + k * exact * BLOCK, m->late_table + k * rest * BLOCK);
    for (size_t b = 0; b < call->rows; b += tile)
        for (size_t k = 0; k < m->count; k++) {
            double *sums = m->sums + (k * call->rows + b) * exact * LANES;
            const double *table = m->table + k * exact * BLOCK;
            add_rows(exact, tile, table, call->p + b * u->count + start, u->count, call->rows - b, full, sums);
            if (full * LANES < count)
                add_rows(exact, tile, table + full * exact * LANES, m->tail + b * LANES, LANES, call->rows - b, 1, sums);
        }
    for (size_t b = 0; b < call->rows; b += late_tile)
        for (size_t k = 0; k < m->count; k++)
            add_rows_single(rest, late_tile, m->late_table + k * rest * BLOCK, call->late + b * call->stride + start, call->stride, call->rows - b,
                            round_up(count, WIDE_LANES) / WIDE_LANES, m->late + (k * call->rows + b) * rest * WIDE_LANES);
}

/* The features at hand, whose series are of one length. */
INLINE void expect_features(size_t exact, size_t rest, const struct sharing *call, double most, struct moments *m)
{
    const size_t sums = m->count * call->rows * exact * LANES, late = m->count * call->rows * rest * WIDE_LANES;
    memset(m->sums, 0, sums * sizeof *m->sums);
    memset(m->late_sums, 0, late * sizeof *m->late_sums);
    memset(m->late, 0, late * sizeof *m->late);
    for (size_t j = 0; j < call->u->count; j += BLOCK) {
        add_block(exact, rest, call, j, m);
        if (j / BLOCK % LATE_BLOCKS < LATE_BLOCKS - 1 && j + BLOCK < call->u->count)
            continue;
        for (size_t n = 0; n < late; n++) {
            m->late_sums[n] += (double)m->late[n];
            m->late[n] = 0;
        }
    }
    for (size_t k = 0; k < m->count; k++)
        find_means(exact, rest, call, m, k, most);
    m->count = 0;
}

static void expect_terms(size_t n, const struct sharing *call, struct moments *m)
{
    const double most = series[n].most;
    if (n == 0)
        expect_features(3, 3, call, most, m);
    else if (n == 1)
        expect_features(4, 4, call, most, m);
    else if (n == 2)
        expect_features(4, 5, call, most, m);
    else if (n == 3)
        expect_features(4, 6, call, most, m);
    else if (n == 4)
        expect_features(6, 6, call, most, m);
    else
        expect_features(8, 8, call, most, m);
}

/* The series by the feature's range alone, long enough for rows within it, so that rows do not depend on their neighbours. */
static size_t choose_series(double bend)
{
    size_t n = 0;
    while (n < sizeof series / sizeof *series && !(2 * bend <= series[n].most))
        n++;
    return n;
}

/* All features of up to SHARING rows, those with series of one length a few at a time. */
static void expect_rows(const struct sharing *call, double gamma, const double *low, const double *high, struct moments *m)
{
    const size_t kinds = sizeof series / sizeof *series;
    m->count = 0;
    for (size_t n = 0; n <= kinds; n++) {
        size_t part = n == kinds ? 1 : series[n].exact > series[n].rest ? series[n].exact : series[n].rest;
        for (size_t i = 0; i < call->u->size; i++) {
            double extent = high[i] / 2 - low[i] / 2;
            if (choose_series(gamma * extent * extent) != n)
                continue;
            for (size_t b = 0; n == kinds && b < call->rows; b++)
                call->out[b * call->u->size + i] = (double)NAN;
            if (n < kinds)
                m->feature[m->count++] = (struct moments_feature){i, low[i] + extent, extent, -2 * gamma * extent, gamma * extent * extent};
            if (m->count == SOME_TERMS / part)
                expect_terms(n, call, m);
        }
        if (m->count > 0)
            expect_terms(n, call, m);
    }
}

/* The shares in float, with zeros behind them, and those behind the last whole register in double likewise. */
static void copy_shares(const double *p, size_t count, size_t rows, size_t stride, double *tail, float *late)
{
    const size_t whole = count / LANES * LANES;
    for (size_t b = 0; b < rows; b++) {
        memcpy(tail + b * LANES, p + b * count + whole, (count - whole) * sizeof *tail);
        for (size_t j = 0; j < count; j++)
            late[b * stride + j] = (float)p[b * count + j];
        memset(late + b * stride + count, 0, (stride - count) * sizeof *late);
    }
}

static size_t expected_room(size_t rows, size_t m)
{
    return sizeof(struct moments) + least_of(rows, SHARING) * round_up(m, WIDE_LANES) * sizeof(float);
}

static void expected_of_rows(const struct ocelot_packed *u, const double *x, const double *p, size_t rows, double gamma, const double *low,
                             const double *high, void *room, double *out)
{
    struct moments *m = room;
    float *late = (float *)(m + 1);
    for (size_t n = 0; u->sparse && n < rows * u->size; n++)
        out[n] = (double)NAN;
    memset(m->tail, 0, sizeof m->tail);
    memset(m->late_table, 0, sizeof m->late_table); /* its last register may be half written: what is multiplied by zeros must be numbers */
    for (size_t start = 0; !u->sparse && start < rows; start += SHARING) {
        struct sharing call = {.u = u,
                               .x = x + start * u->size,
                               .p = p + start * u->count,
                               .late = late,
                               .rows = least_of(SHARING, rows - start),
                               .stride = round_up(u->count, WIDE_LANES),
                               .out = out + start * u->size};
        copy_shares(call.p, u->count, call.rows, call.stride, m->tail, late);
        expect_rows(&call, gamma, low, high, m);
    }
}

#endif
