/* Part of a fast body (body.h): what the other features lead one to expect, of all features of several rows at once.
 *
 *   expected_i = sum_j p_j e^(g (x_i - u_ij)^2) u_ij / sum_j p_j e^(g (x_i - u_ij)^2)
 *
 * is a mean in which rows and support vectors meet nowhere but in one product. With u = c + v t, t from -1 to 1 over the support vectors' range, the
 * weights are, but for a factor that cancels, p e^(b t^2) e^(a t), where b = g v^2 belongs to the feature and a = -2 g v (x - c) to feature and row.
 * The series of e^(a t) in Chebyshev polynomials, c_k = 2 I_k(a) (I_0(a) for k = 0), ends after n terms where a is small, and what is left to sum
 * over support vectors does not know x: M_k = sum_j p_j e^(b t_j^2) T_k(t_j),   mean t ~ sum_k d_k M_k / sum_k c_k M_k,   d_k = (c_(k-1) + c_(k+1)) /
 * 2, for t T_k = (T_(k-1) + T_(k+1)) / 2. So a term costs n multiplications and additions in place of an exponential, a matrix product of the shares
 * of all rows with a table of M_k's other factors for a block of support vectors, a column for each k and feature (moments_body.h). By Miller's
 * recurrence c_k = 2 (a / 2)^k / k! S_k, S_(k-1) = S_k + (a / 2)^2 / (k (k + 1)) S_(k+1), up to a factor. */
#ifndef OCELOT_KERNELS_EXPECTED_ROWS_H
#define OCELOT_KERNELS_EXPECTED_ROWS_H

#include <math.h>

#include "kernels/squares.h"
#include "kernels/tiles.h"

/* Numbers of terms, and up to which |a| the rest of both series, over the least that e^(a t) can be, is 5e-11 of the range. The first `exact` of them
 * are summed in double. The others are small beside them: their part is at most (a / 2)^exact / exact! of the range, below 4e-4, of which rounding to
 * float takes 2^-24 and sums of ROUND floats, of BLOCK / ROUND such sums and of LATE blocks of them little more, before they are added up in double.
 */
enum {
    MOST_TERMS = 16,
    SHARING = 48,                   /* rows at once: whole tiles of either precision */
    BLOCK = 144,                    /* support vectors, whole panels: a tile's shares of them stay in the first-level cache */
    ROUND = 36,                     /* floats that are summed one by one */
    LATE = 3,                       /* blocks until sums of floats are added up in double */
    COLUMNS = 64,                   /* of tables in double, of features that are summed together: whole tiles */
    LATE_COLUMNS = 80,              /* in float */
    SUM_COLUMNS = LANES,            /* register tile of the products: 24, 12, or 8 sums */
    MORE_COLUMNS = 2 * SUM_COLUMNS, /* of the few sums of a tile of one register */
    SUM_VECTORS = LANES > 2 ? 3 : 4,
    WIDE_LANES = LANES == 1 ? 1 : 2 * LANES
};
static const struct series {
    size_t exact, rest;
    double most;
} series[] = {{3, 3, 0.051}, {4, 4, 0.240}, {4, 5, 0.396}, {4, 6, 0.591}, {6, 6, 1.07}, {8, 8, 2.31}};

/* One of those at hand. */
struct moments_feature {
    const struct series *series;
    size_t number, column, late_column;
    double center, extent, twist, bend; /* c, v, -2 g v, b */
};

/* Tables of a few features for a block of support vectors, and their sums; `stride` rows, those at hand and zeros. */
struct moments {
    double sums[COLUMNS * SHARING];           /* [columns][stride] */
    double late_sums[LATE_COLUMNS * SHARING]; /* [late columns][stride] */
    float late[LATE_COLUMNS * SHARING];       /* the same of a few blocks */
    double table[COLUMNS * BLOCK];            /* [columns][BLOCK] */
    float late_table[LATE_COLUMNS * BLOCK];
    struct moments_feature feature[COLUMNS];
    size_t count, columns, late_columns, stride;
};

/* A register's value that has to stay in one. */
#if defined(__GNUC__) && defined(__x86_64__)
#define KEEP(value) __asm__("" : "+v"(value))
#else
#define KEEP(value) (void)(value)
#endif

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

/* e^(b t^2 - b / 2) by Taylor's polynomial, to 6e-12. `degree` is a constant after inlining, as are `exact` and `rest` below. */
INLINE void find_weights(size_t degree, double bend, const vector *t, vector *weight)
{
    static const double inverse[] = {1,         1,          0.5,         1.0 / 6,      1.0 / 24,      1.0 / 120,
                                     1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800};
    vector z[PANEL_VECTORS];
    for (size_t v = 0; v < PANEL_VECTORS; v++) {
        z[v] = bend * (t[v] * t[v]) - bend / 2;
        weight[v] = z[v] * inverse[degree] + inverse[degree - 1];
    }
    for (size_t n = degree - 1; n > 0; n--)
        for (size_t v = 0; v < PANEL_VECTORS; v++)
            weight[v] = weight[v] * z[v] + inverse[n - 1];
}

/* In float. Compilers split a loop of conversions into halves of registers. */
INLINE void store_late(float *to, vector value)
{
#if defined(__GNUC__)
    float late __attribute__((vector_size(LANES * sizeof(float)))) = __builtin_convertvector(value, __typeof__(late));
#else
    float late = (float)value;
#endif
    memcpy(to, &late, sizeof late);
}

/* e^(b t^2) T_k(t) of one panel of support vectors, a column for each k. What stands behind the last support vector is anything. */
INLINE void make_columns(size_t exact, size_t rest, size_t degree, const struct moments_feature *f, const double *panel, double *table, float *late)
{
    const double scale = f->extent > 0 ? 1 / f->extent : 0;
    vector t[PANEL_VECTORS], before[PANEL_VECTORS], now[PANEL_VECTORS];
    for (size_t v = 0; v < PANEL_VECTORS; v++)
        t[v] = (load(panel + v * LANES) - f->center) * scale;
    find_weights(degree, f->bend, t, now);
    for (size_t v = 0; v < PANEL_VECTORS; v++)
        before[v] = now[v] * t[v]; /* T_-1 = T_1 */
    for (size_t k = 0; k < exact + rest; k++) {
        for (size_t v = 0; v < PANEL_VECTORS; v++) {
            vector next = (t[v] + t[v]) * now[v] - before[v];
            if (k < exact)
                store(table + k * BLOCK + v * LANES, now[v]);
            else
                store_late(late + (k - exact) * BLOCK + v * LANES, now[v]);
            before[v] = now[v];
            now[v] = next;
        }
    }
}

/* Those of a block. */
INLINE void make_table(size_t exact, size_t rest, size_t degree, const struct moments_feature *f, const struct ocelot_packed *u, size_t start,
                       size_t count, struct moments *m)
{
    for (size_t j = 0; j < count; j += PANEL)
        make_columns(exact, rest, degree, f, u->panels + (start + j) * u->size + f->number * PANEL, m->table + f->column * BLOCK + j,
                     m->late_table + f->late_column * BLOCK + j);
}

static void make_any_table(const struct moments_feature *f, const struct ocelot_packed *u, size_t start, size_t count, struct moments *m)
{
    if (f->series == &series[0])
        make_table(3, 3, 4, f, u, start, count, m);
    else if (f->series == &series[1])
        make_table(4, 4, 6, f, u, start, count, m);
    else if (f->series == &series[2])
        make_table(4, 5, 7, f, u, start, count, m);
    else if (f->series == &series[3])
        make_table(4, 6, 7, f, u, start, count, m);
    else if (f->series == &series[4])
        make_table(6, 6, 9, f, u, start, count, m);
    else
        make_table(8, 8, 11, f, u, start, count, m);
}

/* c_k and d_k of LANES rows. What S_k lacks of the terms behind the first few is nothing beside it. */
INLINE void find_series(size_t terms, vector a, vector *below, vector *above)
{
    vector half = a / 2, square = half * half, power = (vector){0} + 1, s[MOST_TERMS + 7], c[MOST_TERMS + 2];
    s[terms + 5] = s[terms + 6] = power;
    for (size_t k = terms + 5; k > 0; k--)
        s[k - 1] = s[k] + square * (1 / (double)(k * (k + 1))) * s[k + 1];
    for (size_t k = 0; k <= terms; k++) {
        c[k] = power * s[k];
        power *= half * ((k ? 1 : 2) / (double)(k + 1));
    }
    for (size_t k = 0; k < terms; k++) {
        below[k] = c[k];
        above[k] = k ? c[k - 1] * (k > 1 ? 0.5 : 1) + c[k + 1] / 2 : c[1] / 2;
    }
}

/* Rows of one call, and their shares in panels. */
struct sharing {
    const struct ocelot_packed *u;
    const double *x;
    const double *shares;
    const float *late;
    size_t rows;
    double *out;
};

/* The means of one feature from its sums, NaN where |a| is too large. */
static void find_means(const struct sharing *call, const struct moments *m, const struct moments_feature *f)
{
    const size_t exact = f->series->exact, terms = exact + f->series->rest, size = call->u->size;
    for (size_t first = 0; first < call->rows; first += LANES) {
        double a[LANES] = {0}, mean[LANES];
        vector below[MOST_TERMS], above[MOST_TERMS], weighted = {0}, sum = {0};
        size_t some = least_of(LANES, call->rows - first);
        for (size_t l = 0; l < some; l++)
            a[l] = f->twist * (call->x[(first + l) * size + f->number] - f->center);
        find_series(terms, load(a), below, above);
        for (size_t n = 0; n < terms; n++) {
            const double *column = n < exact ? m->sums + (f->column + n) * m->stride : m->late_sums + (f->late_column + n - exact) * m->stride;
            vector value = load(column + first);
            weighted += above[n] * value;
            sum += below[n] * value;
        }
        store(mean, f->center + f->extent * (weighted / sum));
        for (size_t l = 0; l < some; l++)
            call->out[(first + l) * size + f->number] = fabs(a[l]) <= f->series->most ? mean[l] : (double)NAN;
    }
}

/* Columns of zeros up to a whole tile. */
static void fill_columns(struct moments *m)
{
    const size_t columns = round_up(m->columns, SUM_COLUMNS), late = round_up(m->late_columns, SUM_COLUMNS);
    memset(m->table + m->columns * BLOCK, 0, (columns - m->columns) * BLOCK * sizeof *m->table);
    memset(m->late_table + m->late_columns * BLOCK, 0, (late - m->late_columns) * BLOCK * sizeof *m->late_table);
    memset(m->sums, 0, columns * m->stride * sizeof *m->sums);
    memset(m->late_sums, 0, late * m->stride * sizeof *m->late_sums);
    memset(m->late, 0, late * m->stride * sizeof *m->late);
    m->columns = columns;
    m->late_columns = late;
}

/* All features at hand. */
static void expect_features(const struct sharing *call, struct moments *m)
{
    const struct ocelot_packed *u = call->u;
    fill_columns(m);
    for (size_t start = 0; start < u->count; start += BLOCK) {
        const size_t count = least_of(BLOCK, u->count - start);
        for (size_t k = 0; k < m->count; k++)
            make_any_table(&m->feature[k], u, start, count, m);
        add_columns(m->table, m->columns, call->shares, u->count, start, count, BLOCK, call->rows, m->stride, m->sums);
        add_columns_single(m->late_table, m->late_columns, call->late, u->count, start, count, ROUND, call->rows, m->stride, m->late);
        if (start / BLOCK % LATE < LATE - 1 && start + BLOCK < u->count)
            continue;
        for (size_t n = 0; n < m->late_columns * m->stride; n++) {
            m->late_sums[n] += (double)m->late[n];
            m->late[n] = 0;
        }
    }
    for (size_t k = 0; k < m->count; k++)
        find_means(call, m, &m->feature[k]);
    m->count = m->columns = m->late_columns = 0;
}

/* The series by the feature's range alone, long enough for rows within it, so that rows do not depend on their neighbours; NULL: none is. */
static const struct series *choose_series(double bend)
{
    for (size_t n = 0; n < sizeof series / sizeof *series; n++)
        if (2 * bend <= series[n].most)
            return &series[n];
    return NULL;
}

/* All features of up to SHARING rows, a few at a time. */
static void expect_rows(const struct sharing *call, double gamma, const double *low, const double *high, struct moments *m)
{
    m->count = m->columns = m->late_columns = 0;
    m->stride = round_up(call->rows, WIDE_LANES);
    for (size_t i = 0; i < call->u->size; i++) {
        const double extent = high[i] / 2 - low[i] / 2;
        const struct series *chosen = choose_series(gamma * extent * extent);
        for (size_t b = 0; !chosen && b < call->rows; b++)
            call->out[b * call->u->size + i] = (double)NAN;
        if (!chosen)
            continue;
        if (m->columns + chosen->exact > COLUMNS || m->late_columns + chosen->rest > LATE_COLUMNS)
            expect_features(call, m);
        m->feature[m->count++] =
            (struct moments_feature){chosen, i, m->columns, m->late_columns, low[i] + extent, extent, -2 * gamma * extent, gamma * extent * extent};
        m->columns += chosen->exact;
        m->late_columns += chosen->rest;
    }
    if (m->count > 0)
        expect_features(call, m);
}

/* p [rows][count] of a register's rows -> a column of a panel, and what is there in float; rows of zeros behind the last. */
static void lay_register(const double *p, size_t count, size_t rows, size_t width, double *panel, size_t late_width, float *late)
{
    for (size_t start = 0; start < count; start += LANES) {
        const size_t end = least_of(start + LANES, count);
        if (rows == LANES && end == start + LANES)
            turn_square(p + start, count, panel + start * width, width);
        else
            for (size_t j = start; j < end; j++)
                for (size_t b = 0; b < LANES; b++)
                    panel[j * width + b] = b < rows ? p[b * count + j] : 0;
        for (size_t j = start; j < end; j++)
            store_late(late + j * late_width, load(panel + j * width));
    }
}

/* p [rows][count] -> panels in both precisions. */
static void lay_shares(const double *p, size_t count, size_t rows, double *panels, float *late_panels)
{
    for (size_t row = 0; row < rows; row += LANES) {
        const size_t first = row / SHEAF * SHEAF, late_first = row / SHEAF_single * SHEAF_single;
        const size_t width = vectors_from(rows, first) * LANES, late_width = vectors_from_single(rows, late_first) * WIDE_LANES;
        float *late = late_panels + late_first * count + (row - late_first);
        lay_register(p + row * count, count, least_of(LANES, rows - row), width, panels + first * count + (row - first), late_width, late);
        for (size_t j = 0; row + LANES >= rows && row + LANES < late_first + late_width && j < count; j++)
            store_late(late + LANES + j * late_width, (vector){0});
    }
}

static size_t shares_at(void)
{
    return round_up(sizeof(struct moments), 64);
}

static size_t expected_room(size_t rows, size_t m)
{
    return shares_at() + round_up(least_of(rows, SHARING), WIDE_LANES) * m * (sizeof(double) + sizeof(float));
}

static void expected_of_rows(const struct ocelot_packed *u, const double *x, const double *p, size_t rows, double gamma, const double *low,
                             const double *high, void *room, double *out)
{
    for (size_t n = 0; u->sparse && n < rows * u->size; n++)
        out[n] = (double)NAN;
    for (size_t start = 0; !u->sparse && start < rows; start += SHARING) {
        const size_t some = least_of(SHARING, rows - start);
        double *shares = (double *)((char *)room + shares_at());
        float *late = (float *)(shares + round_up(some, WIDE_LANES) * u->count);
        struct sharing call = {.u = u, .x = x + start * u->size, .shares = shares, .late = late, .rows = some, .out = out + start * u->size};
        lay_shares(p + start * u->count, u->count, some, shares, late);
        expect_rows(&call, gamma, low, high, room);
    }
}

#endif
