/* What rows are disturbed with: values that stand for normal, blocks, small noise, and paths. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "ocelot/evaluation.h"

enum { PER_PIXEL = 4 }; /* steps of an image that moves by one pixel */

/* What a replacement is made from. */
struct source {
    const struct ocelot_evaluation *evaluation;
    const struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    struct ocelot_background background;
    size_t features;
};

static enum ocelot_status with_expected(const struct source *source, const double *row, double *out, struct ocelot_error *err)
{
    return ocelot_expected(source->plan, source->workspace, row, NULL, source->features, out, err);
}

static enum ocelot_status with_nearest(const struct source *source, const double *row, double *out, struct ocelot_error *err)
{
    struct ocelot_decision decision;
    struct ocelot_explanation result = {.decision = &decision};
    out[0] = NAN; /* and all others, by ocelot_explain, where the model has none */
    result.nearest = out;
    return ocelot_explain(source->plan, source->workspace, row, 1, &result, err);
}

/* The mean of the background, without one of the rows that are judged. */
static enum ocelot_status with_mean(const struct source *source, const double *row, double *out, struct ocelot_error *err)
{
    const struct ocelot_evaluate_rows *rows = &source->evaluation->rows;
    const struct ocelot_background *background = &source->background;
    (void)row;
    (void)err;
    memset(out, 0, source->features * sizeof *out);
    for (size_t k = 0; k < background->count; k++) {
        for (size_t i = 0; i < source->features; i++) {
            out[i] += background->weights[k] * background->rows[k * source->features + i];
        }
    }
    for (size_t k = 0; k < rows->count && background->count == 0; k++) {
        for (size_t i = 0; i < source->features; i++) {
            out[i] += rows->values[k * source->features + i] / (double)rows->count;
        }
    }
    return OCELOT_OK;
}

/* The row of the background that is nearest, in units of `scale`. */
static enum ocelot_status with_neighbour(const struct source *source, const double *row, double *out, struct ocelot_error *err)
{
    const struct ocelot_evaluate_rows *rows = &source->evaluation->rows;
    const double *scale = rows->scale + (size_t)(row - rows->values), *best = NULL;
    double least = INFINITY;
    for (size_t k = 0; k < source->background.count; k++) {
        const double *other = source->background.rows + k * source->features;
        double square = 0;
        for (size_t i = 0; i < source->features; i++) {
            double step = scale[i] > 0 ? (other[i] - row[i]) / scale[i] : 0;
            square += step * step;
        }
        if (square < least) {
            least = square;
            best = other;
        }
    }
    if (!best) {
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "--replace neighbour needs rows of normal data: give them with --background FILE");
    }
    memcpy(out, best, source->features * sizeof *out);
    return OCELOT_OK;
}

static enum ocelot_status with_zero(const struct source *source, const double *row, double *out, struct ocelot_error *err)
{
    (void)row;
    (void)err;
    memset(out, 0, source->features * sizeof *out);
    return OCELOT_OK;
}

static const struct {
    const char *name;
    enum ocelot_status (*fill)(const struct source *source, const double *row, double *out, struct ocelot_error *err);
} replacements[] = {{"expected", with_expected}, {"nearest", with_nearest}, {"mean", with_mean}, {"neighbour", with_neighbour}, {"zero", with_zero}};

enum { REPLACEMENTS = sizeof replacements / sizeof *replacements };

/* All rows; *whole is false where a value does not exist for this model. */
static enum ocelot_status replace_with(const struct source *source, size_t kind, bool *whole, struct ocelot_error *err)
{
    const struct ocelot_evaluate_rows *rows = &source->evaluation->rows;
    enum ocelot_status status = OCELOT_OK;
    *whole = true;
    for (size_t r = 0; r < rows->count && !status && *whole; r++) {
        double *out = rows->replacement + r * source->features;
        status = replacements[kind].fill(source, rows->values + r * source->features, out, err);
        for (size_t i = 0; i < source->features && !status; i++) {
            *whole = *whole && isfinite(out[i]);
        }
    }
    return status;
}

/* As asked; else what the other features lead one to expect, where the model knows, else zero for networks and means for the rest. */
static enum ocelot_status choose_replacement(const struct source *source, struct ocelot_evaluate_rows *rows, struct ocelot_error *err)
{
    const char *asked = source->evaluation->settings->replace;
    bool network = source->evaluation->info.type && strcmp(source->evaluation->info.type, "network") == 0, whole = false;
    const char *const order[] = {asked ? asked : "expected", asked ? NULL : network ? "zero" : "mean"};
    enum ocelot_status status = OCELOT_OK;
    for (size_t n = 0; n < 2 && !status && !whole && order[n]; n++) {
        for (size_t k = 0; k < REPLACEMENTS; k++) {
            if (strcmp(replacements[k].name, order[n]) == 0) {
                rows->replace = replacements[k].name;
                status = replace_with(source, k, &whole, err);
            }
        }
    }
    if (!status && !whole) {
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "--replace %s: this model has no such values; take mean or zero", rows->replace);
    }
    return status;
}

/* What one is for each feature: its normal range where the model knows one, else the row's own range of values, as pixels have. */
static void fill_scale(const struct ocelot_evaluation *evaluation)
{
    const struct ocelot_evaluate_rows *rows = &evaluation->rows;
    size_t features = evaluation->info.features;
    for (size_t r = 0; r < rows->count; r++) {
        const double *row = rows->values + r * features;
        double low = row[0], high = row[0];
        for (size_t i = 1; i < features; i++) {
            low = fmin(low, row[i]);
            high = fmax(high, row[i]);
        }
        for (size_t i = 0; i < features; i++) {
            struct ocelot_feature feature = ocelot_model_feature(evaluation->model, i);
            bool known = rows->height == 0 && isfinite(feature.low) && isfinite(feature.high);
            rows->scale[r * features + i] = known ? feature.high - feature.low : high - low;
        }
    }
}

/* Groups, where there are any. Else in tables every feature by itself, in images squares of `block` pixels, all channels together. */
static bool fill_blocks(const struct ocelot_evaluation *evaluation, struct ocelot_evaluate_rows *rows)
{
    size_t features = evaluation->info.features, side = evaluation->settings->block;
    rows->block = ocelot_allocate(features, sizeof *rows->block);
    if (!rows->block) {
        return false;
    }
    if (evaluation->groups.count) {
        memcpy(rows->block, evaluation->groups.of, features * sizeof *rows->block);
        rows->blocks = evaluation->groups.count;
        return true;
    }
    size_t least = rows->height < rows->width ? rows->height : rows->width;
    side = rows->height == 0 ? 1 : side ? side : least / 7 ? least / 7 : 1;
    size_t across = rows->height ? (rows->width + side - 1) / side : 0, down = rows->height ? (rows->height + side - 1) / side : 0;
    for (size_t i = 0; i < features; i++) {
        size_t pixel = rows->height ? i % (rows->height * rows->width) : 0;
        rows->block[i] = rows->height ? pixel / rows->width / side * across + pixel % rows->width / side : i;
    }
    rows->blocks = rows->height ? across * down : features;
    return true;
}

/* The row at which the path of row r ends. */
static const double *path_end(const struct ocelot_evaluate_rows *rows, size_t features, size_t r)
{
    return rows->count > 1 ? rows->values + (r + 1) % rows->count * features : rows->replacement + r * features;
}

/* How far feature i lies from normal at either end of the first row's path, in units of its scale. */
static double unusual(const struct ocelot_evaluate_rows *rows, const double *end, size_t i)
{
    double begin = fabs(rows->values[i] - rows->replacement[i]), there = fabs(end[i] - rows->replacement[i]);
    return rows->scale[i] > 0 ? fmax(begin, there) / rows->scale[i] : 0;
}

/* The features that are drawn: the most unusual ones. */
static void choose_parts(const struct ocelot_evaluation *evaluation, struct ocelot_evaluate_rows *rows)
{
    size_t features = evaluation->info.features;
    const double *end = path_end(rows, features, 0);
    rows->parts = rows->height ? 4 : 0;
    for (size_t n = 0; !rows->height && n + 1 < OCELOT_EVALUATE_PARTS && n < features; n++) {
        double most = -1;
        size_t best = 0;
        for (size_t i = 0; i < features; i++) {
            bool taken = false;
            for (size_t k = 0; k < rows->parts; k++) {
                taken = taken || rows->part[k] == i;
            }
            if (!taken && unusual(rows, end, i) > most) {
                most = unusual(rows, end, i);
                best = i;
            }
        }
        rows->part[rows->parts++] = best;
    }
    rows->parts += !rows->height && rows->parts < features;
}

size_t ocelot_evaluate_part(const struct ocelot_evaluate_rows *rows, size_t i)
{
    if (rows->height) {
        size_t pixel = i % (rows->height * rows->width), y = pixel / rows->width, x = pixel % rows->width;
        return (y >= rows->height / 2 ? 2U : 0U) + (x >= rows->width / 2 ? 1U : 0U);
    }
    for (size_t k = 0; k < rows->parts; k++) {
        if (k + 1 < OCELOT_EVALUATE_PARTS && rows->part[k] == i) {
            return k;
        }
    }
    return rows->parts - 1;
}

/* Pixel (y, x) of a plane, between pixels by straight lines; beyond the edge it is the edge. */
static double between(const double *line, size_t width, double x)
{
    double place = fmin(fmax(x, 0), (double)(width - 1)), whole = floor(place), share = place - whole;
    size_t left = (size_t)whole, right = left + 1 < width ? left + 1 : left;
    return share > 0 ? (1 - share) * line[left] + share * line[right] : line[left];
}

void ocelot_evaluate_path(const struct ocelot_evaluate_rows *rows, size_t features, size_t r, double *out)
{
    const double *row = rows->values + r * features, *end = path_end(rows, features, r);
    size_t steps = rows->points - 1, lines = rows->height ? features / rows->width : 0;
    for (size_t k = 0; k < rows->points; k++) {
        double share = (double)k / (double)steps, shift = ((double)k - (double)steps / 2) / PER_PIXEL;
        for (size_t i = 0; i < features && !lines; i++) {
            out[k * features + i] = row[i] + share * (end[i] - row[i]);
        }
        for (size_t y = 0; y < lines; y++) {
            for (size_t x = 0; x < rows->width; x++) {
                out[k * features + y * rows->width + x] = between(row + y * rows->width, rows->width, (double)x - shift);
            }
        }
    }
}

enum ocelot_status ocelot_evaluate_prepare(struct ocelot_evaluation *evaluation, struct ocelot_error *err)
{
    struct ocelot_evaluate_rows *rows = &evaluation->rows;
    const struct ocelot_contender own = {.name = NULL};
    size_t features = evaluation->info.features, size = 0;
    struct source source = {.evaluation = evaluation, .features = features};
    struct ocelot_plan *plan = NULL;
    if (!ocelot_size_multiply(rows->count, features, &size) || !(rows->replacement = ocelot_allocate(size, sizeof *rows->replacement)) ||
        !(rows->scale = ocelot_allocate(size, sizeof *rows->scale)) || !fill_blocks(evaluation, rows)) {
        return ocelot_fail_memory(err, "the rows");
    }
    rows->points = evaluation->settings->steps ? evaluation->settings->steps + 1 : 0;
    rows->disturbed = rows->count < evaluation->settings->disturbed ? rows->count : evaluation->settings->disturbed;
    fill_scale(evaluation);
    enum ocelot_status status = ocelot_evaluate_plan(evaluation, &own, SIZE_MAX, 0, &plan, err);
    status = status ? status : ocelot_workspace_create(plan, &source.workspace, err);
    if (!status) {
        source.plan = plan;
        source.background = ocelot_view_background(plan);
        status = choose_replacement(&source, rows, err);
    }
    if (!status) {
        choose_parts(evaluation, rows);
    }
    ocelot_workspace_free(source.workspace);
    ocelot_plan_free(plan);
    return status;
}
