#include "stream/feed.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/size.h"
#include "shell/command.h"
#include "stream/names.h"

/* What a batch holds that the reader does not. */
struct store {
    double *values;
    size_t capacity;
    const char **errors; /* [rows] when prepared */
    size_t rows;
};

struct ocelot_feed {
    struct ocelot_rows *rows;
    const struct ocelot_model *model; /* NULL = any rows */
    char *path;                       /* of the rows */
    size_t features;                  /* of the model */
    size_t *map;                      /* [features] column of the reader, or NULL = as they come */
    bool sparse;                      /* LIBSVM indices */
    long first, last;                 /* of a row, when sparse; last < first while nothing is known */
    struct store store, other;        /* of the batch being read and of the one before */
    struct ocelot_image_list pictures;
    bool prepared; /* rows are bytes of pictures, to be preprocessed */
    struct ocelot_preprocess preprocess;
    size_t shape[3];
};

/* Column i of the reader by name, SIZE_MAX where there is none. */
static size_t find_column(const struct ocelot_rows *rows, const char *name)
{
    size_t width = ocelot_rows_width(rows);
    for (size_t i = 0; i < width; i++) {
        const char *column = ocelot_rows_column(rows, i);
        if (column && strcmp(column, name) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* A model without names and a file whose header has f1, f2, ... in whatever order: matched by name. */
static enum ocelot_status match_names(struct ocelot_feed *feed, struct ocelot_error *err)
{
    size_t *map = ocelot_allocate(feed->features, sizeof *map);
    if (!map) {
        return ocelot_fail_memory(err, "the columns");
    }
    for (size_t i = 0; i < feed->features; i++) {
        map[i] = find_column(feed->rows, ocelot_model_feature(feed->model, i).name);
        if (map[i] == SIZE_MAX) {
            free(map);
            return OCELOT_OK;
        }
    }
    feed->map = map;
    return OCELOT_OK;
}

/* A NumPy array of as many values may still have them in another order: channels last. */
static enum ocelot_status match_shape(const struct ocelot_feed *feed, const char *path, struct ocelot_error *err)
{
    const size_t *found = NULL, *want = feed->shape;
    if (want[1] == 0 || ocelot_rows_shape(feed->rows, &found) != 3 || memcmp(found, want, sizeof feed->shape) == 0) {
        return OCELOT_OK;
    }
    return ocelot_fail(err, OCELOT_E_SHAPE, "%s: rows are %zux%zux%zu, the network takes %zux%zux%zu (channels, height, width)", path, found[0],
                       found[1], found[2], want[0], want[1], want[2]);
}

static enum ocelot_status match(struct ocelot_feed *feed, const char *path, bool chosen, struct ocelot_error *err)
{
    const char *format = ocelot_rows_format(feed->rows);
    feed->sparse = strcmp(format, "libsvm") == 0;
    feed->prepared = feed->prepared && !feed->sparse;
    if (!feed->model || feed->sparse) {
        return OCELOT_OK;
    }
    bool table = strcmp(format, "csv") == 0 || strcmp(format, "tsv") == 0;
    if (table && !chosen && ocelot_names_none(feed->model)) {
        enum ocelot_status status = match_names(feed, err);
        if (status || feed->map) {
            return status;
        }
    }
    size_t width = ocelot_rows_width(feed->rows);
    if (feed->prepared && strcmp(format, "idx") == 0) {
        return OCELOT_OK;
    }
    feed->prepared = false;
    if (width == feed->features) {
        return match_shape(feed, path, err);
    }
    return ocelot_fail(err, OCELOT_E_SHAPE, "%s: found %zu feature columns, expected the model's %zu%s", path, width, feed->features,
                       table ? "; --label, --id and --drop take columns out, --columns names the ones to use" : "");
}

static enum ocelot_status open_again(struct ocelot_feed *feed, struct ocelot_error *err)
{
    struct ocelot_rows_options options = {.format = ocelot_rows_format(feed->rows)};
    ocelot_rows_close(feed->rows);
    feed->rows = NULL;
    return ocelot_rows_open(feed->path, &options, &feed->rows, err);
}

/* Only where some indices are not the model's all is read, as rows that make others wider must not be broken. */
enum ocelot_status ocelot_feed_look_ahead(struct ocelot_feed *feed, struct ocelot_error *err)
{
    struct stat about;
    long first = 1, last = 0;
    if (!feed->sparse || !feed->model || strcmp(feed->path, "-") == 0 || stat(feed->path, &about) || !S_ISREG(about.st_mode)) {
        return OCELOT_OK;
    }
    bool known = feed->first <= 1 && ocelot_rows_reach(feed->rows, &first, &last, NULL) == OCELOT_OK;
    known = known && (last < first || (first >= feed->first && last <= feed->last));
    enum ocelot_status status = open_again(feed, err);
    if (known || status) {
        return status;
    }
    ocelot_feed_list(feed);
    ocelot_feed_bound(feed, OCELOT_ROW_FIT);
    struct ocelot_row_batch batch = {.count = 1};
    while (!status && batch.count) {
        status = ocelot_feed_read(feed, 256, &batch, err);
    }
    return status ? status : open_again(feed, err);
}

static enum ocelot_status open_rows(struct ocelot_feed *feed, const char *path, const struct ocelot_reader_settings *settings,
                                    struct ocelot_error *err)
{
    static const struct ocelot_reader_settings defaults;
    settings = settings ? settings : &defaults;
    struct ocelot_names drop = {0}, columns = {0};
    struct ocelot_rows_options options = {.format = settings->input_format,
                                          .header = settings->header && strcmp(settings->header, "auto") != 0 ? settings->header : NULL,
                                          .label = settings->label,
                                          .id = settings->id,
                                          .width = feed->features};
    enum ocelot_status status = ocelot_feed_delimiter(settings->delimiter, &options.delimiter, err);
    status = status ? status : ocelot_gallery_preprocess(&settings->gallery, feed->model, &feed->preprocess, &feed->prepared, err);
    feed->prepared = feed->prepared && feed->shape[1];
    options.width = feed->prepared && ocelot_gallery_given(&settings->gallery) ? 0 : options.width; /* not known before the format is */
    bool chosen = settings->columns.count > 0;
    status = status ? status : ocelot_names_split(&drop, &settings->drop, err);
    bool named = feed->model && !ocelot_names_none(feed->model), same = !chosen;
    if (!status && chosen) {
        status = ocelot_names_split(&columns, &settings->columns, err);
        status = status || !named ? status : ocelot_names_match(&columns, feed->model, &same, err);
    }
    if (!status && named && same) { /* the model knows the order of its own names */
        ocelot_names_free(&columns);
        status = ocelot_names_features(&columns, feed->model, err);
        options.columns_by_position = !chosen;
    }
    options.drop = (const char *const *)drop.names;
    options.drop_count = drop.count;
    options.columns = columns.count ? (const char *const *)columns.names : NULL;
    options.column_count = columns.count;
    status = status ? status : ocelot_rows_open(path, &options, &feed->rows, err);
    status = status ? status : match(feed, path, chosen, err);
    if (!status && !(feed->path = ocelot_copy_text(path, strlen(path)))) {
        status = ocelot_fail_memory(err, "the data's name");
    }
    ocelot_names_free(&drop);
    ocelot_names_free(&columns);
    return status;
}

static enum ocelot_status open_pictures(struct ocelot_feed *feed, const char *const *paths, size_t count,
                                        const struct ocelot_reader_settings *settings, struct ocelot_error *err)
{
    static const struct ocelot_gallery_settings defaults;
    enum ocelot_status status = ocelot_image_list_make(&feed->pictures, paths, count, err);
    return status ? status : ocelot_gallery_open(&feed->pictures, settings ? &settings->gallery : &defaults, feed->model, &feed->rows, err);
}

enum ocelot_status ocelot_feed_open_all(const char *const *paths, size_t count, const struct ocelot_reader_settings *settings,
                                        const struct ocelot_model *model, struct ocelot_feed **out, struct ocelot_error *err)
{
    struct ocelot_feed *feed = ocelot_allocate(1, sizeof *feed);
    if (!feed) {
        return ocelot_fail_memory(err, "the data");
    }
    feed->model = model;
    feed->first = 1;
    feed->last = 0;
    if (model) {
        struct ocelot_model_info info;
        ocelot_model_describe(model, &info);
        feed->features = info.features;
        feed->first = ocelot_model_feature(model, 0).index;
        feed->last = ocelot_model_feature(model, info.features - 1).index;
    }
    ocelot_gallery_shape(model, feed->shape);
    bool pictures = count > 1;
    enum ocelot_status status = OCELOT_OK;
    if (!pictures && !(settings && settings->input_format)) {
        status = ocelot_image_list_recognise(paths[0], &pictures, err);
    }
    if (!status) {
        status = pictures ? open_pictures(feed, paths, count, settings, err) : open_rows(feed, paths[0], settings, err);
    }
    if (status) {
        ocelot_feed_close(feed);
        return status;
    }
    *out = feed;
    return OCELOT_OK;
}

static void release(struct store *store)
{
    free(store->errors);
    free(store->values);
}

void ocelot_feed_close(struct ocelot_feed *feed)
{
    if (feed) {
        ocelot_rows_close(feed->rows);
        ocelot_image_list_free(&feed->pictures);
        free(feed->map);
        free(feed->path);
        release(&feed->store);
        release(&feed->other);
        free(feed);
    }
}

static enum ocelot_status reserve(struct store *store, size_t rows, size_t width, struct ocelot_error *err)
{
    size_t wanted = 0;
    if (!ocelot_size_multiply(rows, width, &wanted)) {
        return ocelot_fail_memory(err, "a batch of rows");
    }
    if (wanted > store->capacity || rows > store->rows) {
        release(store);
        *store = (struct store){.values = ocelot_allocate(wanted, sizeof *store->values), .errors = ocelot_allocate(rows, sizeof *store->errors)};
        if (!store->values || !store->errors) {
            return ocelot_fail_memory(err, "a batch of rows");
        }
        store->capacity = wanted;
        store->rows = rows;
    }
    return OCELOT_OK;
}

/* Lays the values of LIBSVM rows out from the feed's first index to its last. */
static enum ocelot_status spread(struct ocelot_feed *feed, struct ocelot_row_batch *batch, struct ocelot_error *err)
{
    long first = 0, last = 0;
    ocelot_rows_indices(feed->rows, &first, &last);
    if (batch->width) {
        feed->first = first < feed->first ? first : feed->first;
        feed->last = last > feed->last ? last : feed->last;
    }
    size_t width = feed->last < feed->first ? 0 : (size_t)(feed->last - feed->first) + 1;
    size_t shift = batch->width ? (size_t)(first - feed->first) : 0;
    if (width == batch->width || !batch->values) { /* entries count from feed->first */
        batch->width = width;
        return OCELOT_OK;
    }
    enum ocelot_status status = reserve(&feed->store, batch->count, width, err);
    if (status) {
        return status;
    }
    for (size_t r = 0; r < batch->count; r++) {
        double *row = feed->store.values + r * width;
        for (size_t i = 0; i < width; i++) {
            row[i] = 0;
        }
        if (batch->width) {
            memcpy(row + shift, batch->values + r * batch->width, batch->width * sizeof *row);
        }
    }
    batch->values = feed->store.values;
    batch->width = width;
    return OCELOT_OK;
}

static enum ocelot_status reorder(struct ocelot_feed *feed, struct ocelot_row_batch *batch, struct ocelot_error *err)
{
    enum ocelot_status status = reserve(&feed->store, batch->count, feed->features, err);
    if (status) {
        return status;
    }
    for (size_t r = 0; r < batch->count; r++) {
        for (size_t i = 0; i < feed->features; i++) {
            feed->store.values[r * feed->features + i] = batch->values[r * batch->width + feed->map[i]];
        }
    }
    batch->values = feed->store.values;
    batch->width = feed->features;
    return OCELOT_OK;
}

/* Rows of bytes through the preprocessing; a row that has none is a row with an error. */
static enum ocelot_status prepare(struct ocelot_feed *feed, struct ocelot_row_batch *batch, struct ocelot_error *err)
{
    const size_t *extents = NULL;
    size_t rank = ocelot_rows_shape(feed->rows, &extents);
    enum ocelot_status status = reserve(&feed->store, batch->count, feed->features, err);
    for (size_t r = 0; r < batch->count && !status; r++) {
        struct ocelot_error trouble = {0};
        feed->store.errors[r] = batch->error ? batch->error[r] : NULL;
        status = ocelot_gallery_prepare(&feed->preprocess, batch->values + r * batch->width, extents, rank, feed->shape,
                                        feed->store.values + r * feed->features, &trouble);
        if (status == OCELOT_E_VALUE) {
            feed->store.errors[r] = feed->store.errors[r] ? feed->store.errors[r] : "a pixel is not a whole number from 0 to 255";
            status = OCELOT_OK;
        }
        status = status ? ocelot_fail(err, status, "%s", trouble.message) : OCELOT_OK;
    }
    batch->values = feed->store.values;
    batch->width = feed->features;
    batch->error = feed->store.errors;
    return status;
}

enum ocelot_status ocelot_feed_read(struct ocelot_feed *feed, size_t max, struct ocelot_row_batch *batch, struct ocelot_error *err)
{
    struct store free_one = feed->other;
    feed->other = feed->store;
    feed->store = free_one;
    enum ocelot_status status = ocelot_rows_read(feed->rows, max, batch, err);
    if (status || batch->count == 0) {
        return status;
    }
    return feed->prepared ? prepare(feed, batch, err) : feed->sparse ? spread(feed, batch, err) : feed->map ? reorder(feed, batch, err) : OCELOT_OK;
}

void ocelot_feed_list(struct ocelot_feed *feed)
{
    if (feed->sparse) {
        ocelot_rows_list(feed->rows, feed->first);
    }
}

void ocelot_feed_bound(struct ocelot_feed *feed, enum ocelot_row_bounds bounds)
{
    if (feed->sparse && feed->model) {
        ocelot_rows_bound(feed->rows, feed->first, feed->last, bounds);
    }
}

void ocelot_feed_indices(const struct ocelot_feed *feed, long *first, long *last)
{
    *first = feed->first;
    *last = feed->last;
}

bool ocelot_feed_sparse(const struct ocelot_feed *feed)
{
    return feed->sparse;
}

const struct ocelot_rows *ocelot_feed_rows(const struct ocelot_feed *feed)
{
    return feed->rows;
}

static bool mapped(const struct ocelot_feed *feed, size_t column)
{
    for (size_t i = 0; i < feed->features; i++) {
        if (feed->map[i] == column) {
            return true;
        }
    }
    return false;
}

void ocelot_feed_remark(const struct ocelot_feed *feed, const struct ocelot_program *program)
{
    enum { NAMED = 8 };
    struct ocelot_text names = {0};
    size_t count = 0;
    for (size_t i = 0; i < ocelot_rows_ignored(feed->rows); i++) {
        if (count++ < NAMED) {
            ocelot_text_format(&names, "%s%s", count > 1 ? ", " : "", ocelot_rows_ignored_column(feed->rows, i));
        }
    }
    for (size_t i = 0; feed->map && i < ocelot_rows_width(feed->rows); i++) {
        if (!mapped(feed, i) && count++ < NAMED) {
            ocelot_text_format(&names, "%s%s", count > 1 ? ", " : "", ocelot_rows_column(feed->rows, i));
        }
    }
    if (count && !names.failed) {
        ocelot_remark(program, "columns that the model does not know are ignored: %s%s", names.bytes, count > NAMED ? ", ..." : "");
    }
    ocelot_text_free(&names);
}
