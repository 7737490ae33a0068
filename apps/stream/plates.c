#include "stream/plates.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "base/size.h"
#include "io/heat_map.h"
#include "shell/output.h"

struct ocelot_plates {
    const struct ocelot_plate_settings *settings;
    const struct ocelot_colour_map *colours;
    struct ocelot_preprocess preprocess;
    bool undo; /* rows were preprocessed: the picture can be had back */
    char *folder;
    size_t shape[3];
    double scale; /* fixed, or the largest so far; NaN = each its own */
    bool shared;
    FILE *spool;
    struct ocelot_sheet sheet;
    size_t left_out;
    struct ocelot_text names; /* of files written, each terminated */
};

/* In front of a frame: then the id, the map, the picture's bytes. */
struct head {
    size_t row, id_length;
    double scale; /* the picture's own */
};

static void begin_nothing(const struct ocelot_record_context *context, size_t rows, struct ocelot_text *out)
{
    (void)context;
    (void)rows;
    (void)out;
}

static void write_nothing(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    (void)context;
    (void)record;
    (void)out;
}

const struct ocelot_format ocelot_format_png = {.name = "png", .summary = "a heat map a picture", .begin = begin_nothing, .record = write_nothing};

static enum ocelot_status make_folder(const char *path, struct ocelot_error *err)
{
    struct stat about;
    if (mkdir(path, 0777) && errno != EEXIST) {
        return ocelot_fail(err, OCELOT_E_IO, "%s: cannot be made: %s", path, strerror(errno));
    }
    if (stat(path, &about) || !S_ISDIR(about.st_mode)) {
        return ocelot_fail(err, OCELOT_E_IO, "%s: is no folder, which --format png writes into", path);
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_plates_open(const struct ocelot_plate_settings *settings, const struct ocelot_reader_settings *reader,
                                      const struct ocelot_model *model, const char *folder, struct ocelot_plates **out, struct ocelot_error *err)
{
    struct ocelot_plates *plates = ocelot_allocate(1, sizeof *plates);
    if (!plates) {
        return ocelot_fail_memory(err, "the heat maps");
    }
    plates->settings = settings;
    plates->colours = ocelot_colour_map_find(settings->colour_map);
    plates->shared = strcmp(settings->scale, "shared") == 0;
    plates->scale = plates->shared ? 0 : (double)NAN;
    ocelot_number_parse(settings->scale, settings->scale + strlen(settings->scale), &plates->scale);
    ocelot_gallery_shape(model, plates->shape);
    enum ocelot_status status = ocelot_gallery_preprocess(&reader->gallery, model, &plates->preprocess, &plates->undo, err);
    if (!status && folder) {
        status = make_folder(folder, err);
        plates->folder = ocelot_copy_text(folder, strlen(folder));
        status = status ? status : plates->folder ? OCELOT_OK : ocelot_fail_memory(err, "the heat maps");
    }
    if (!status && plates->shared) {
        plates->spool = tmpfile();
        status = plates->spool ? OCELOT_OK : ocelot_fail(err, OCELOT_E_IO, "no temporary file for the heat maps: %s", strerror(errno));
    }
    if (status) {
        ocelot_plates_close(plates);
        return status;
    }
    *out = plates;
    return OCELOT_OK;
}

void ocelot_plates_shape(struct ocelot_plates *plates, const size_t *shape, size_t rank, size_t features)
{
    if (plates->shape[1] == 0 && (rank == 2 || rank == 3)) {
        plates->shape[0] = rank == 3 ? shape[0] : 1;
        plates->shape[1] = shape[rank - 2];
        plates->shape[2] = shape[rank - 1];
    }
    if (plates->shape[0] * plates->shape[1] * plates->shape[2] != features) {
        plates->shape[1] = 0;
    }
}

/* Rows that nobody preprocessed: from their smallest value, black, to their largest, white. */
static enum ocelot_status guess_picture(const double *values, const size_t shape[3], struct ocelot_image *out, struct ocelot_error *err)
{
    size_t count = shape[0] * shape[1] * shape[2];
    double low = values[0], high = values[0];
    for (size_t k = 1; k < count; k++) {
        low = fmin(low, values[k]);
        high = fmax(high, values[k]);
    }
    struct ocelot_preprocess stretch = {.pixel_scale = 1};
    for (size_t c = 0; c < OCELOT_CHANNELS; c++) {
        stretch.deviation[c] = high > low ? 255 / (high - low) : 1;
        stretch.mean[c] = -low * stretch.deviation[c];
    }
    return ocelot_preprocess_undo(&stretch, values, shape, out, err);
}

static enum ocelot_status picture_of(const struct ocelot_plates *plates, const double *values, struct ocelot_image *out, struct ocelot_error *err)
{
    const size_t *shape = plates->shape, first[3] = {1, shape[1], shape[2]};
    if (shape[0] != 1 && shape[0] != OCELOT_CHANNELS) {
        return guess_picture(values, first, out, err); /* no colours: the first channel */
    }
    return plates->undo ? ocelot_preprocess_undo(&plates->preprocess, values, shape, out, err) : guess_picture(values, shape, out, err);
}

enum ocelot_status ocelot_plates_frame(const struct ocelot_plates *plates, const struct ocelot_record *record, struct ocelot_text *out,
                                       struct ocelot_error *err)
{
    size_t pixels = plates->shape[1] * plates->shape[2];
    if (record->error) {
        return OCELOT_OK;
    }
    if (pixels == 0) {
        return ocelot_fail(err, OCELOT_E_SHAPE, "rows are no pictures: heat maps need pictures, or rows of the shape height x width");
    }
    struct ocelot_image image = {0};
    struct head head = {.row = record->row, .id_length = record->id ? strlen(record->id) : 0};
    double *map = ocelot_allocate(pixels, sizeof *map);
    if (!map) {
        return ocelot_fail_memory(err, "a heat map");
    }
    ocelot_heat_sum(record->relevance, plates->shape, map);
    enum ocelot_status status = ocelot_heat_scale(map, pixels, plates->settings->percentile, &head.scale, err);
    status = status ? status : picture_of(plates, record->values, &image, err);
    if (!status) {
        ocelot_text_append(out, (const char *)&head, sizeof head);
        ocelot_text_append(out, record->id ? record->id : "", head.id_length);
        ocelot_text_append(out, (const char *)map, pixels * sizeof *map);
        for (size_t k = 0; k < pixels; k++) {
            for (size_t c = 0; c < 3; c++) {
                ocelot_text_append(out, (const char *)image.pixels + k * image.channels + (image.channels == 3 ? c : 0), 1);
            }
        }
        status = out->failed ? ocelot_fail_memory(err, "a heat map") : OCELOT_OK;
    }
    ocelot_image_free(&image);
    free(map);
    return status;
}

static bool taken(const struct ocelot_text *names, const char *name)
{
    for (size_t at = 0; at < names->length; at += strlen(names->bytes + at) + 1) {
        if (strcmp(names->bytes + at, name) == 0) {
            return true;
        }
    }
    return false;
}

/* FOLDER/coffee_heat.png; row17_heat.png without an id; coffee_heat-2.png where a coffee of another ending was before. */
static void name_file(struct ocelot_plates *plates, size_t row, const char *id, struct ocelot_text *path)
{
    struct ocelot_text stem = {0}, name = {0};
    const char *dot = id ? strrchr(id, '.') : NULL;
    size_t length = id ? (dot && dot > id ? (size_t)(dot - id) : strlen(id)) : 0;
    for (size_t k = 0; k < length; k++) {
        ocelot_text_append(&stem, id[k] == '/' || (unsigned char)id[k] < ' ' ? "_" : id + k, 1);
    }
    if (length == 0) {
        ocelot_text_format(&stem, "row%zu", row);
    }
    ocelot_text_string(&stem, plates->settings->overlay ? "_overlay" : "_heat");
    for (size_t n = 1; !stem.failed && !name.failed && (n == 1 || taken(&plates->names, name.bytes)); n++) {
        ocelot_text_clear(&name);
        ocelot_text_string(&name, stem.bytes);
        if (n > 1) {
            ocelot_text_format(&name, "-%zu", n);
        }
    }
    ocelot_text_clear(path);
    ocelot_text_string(path, plates->folder);
    ocelot_text_string(path, "/");
    ocelot_text_string(path, name.bytes ? name.bytes : "");
    ocelot_text_string(path, ".png");
    ocelot_text_string(&plates->names, name.bytes ? name.bytes : "");
    ocelot_text_append(&plates->names, "", 1);
    path->failed = path->failed || stem.failed || name.failed || plates->names.failed;
    ocelot_text_free(&stem);
    ocelot_text_free(&name);
}

static enum ocelot_status write_png(const struct ocelot_picture *picture, const char *path, struct ocelot_error *err)
{
    struct ocelot_text png = {0};
    struct ocelot_output output = {0};
    enum ocelot_status status = ocelot_picture_png(picture, &png, err);
    status = status ? status : ocelot_output_open(&output, path, false, err);
    status = status ? status : ocelot_output_write(&output, &png, err);
    status = status ? status : ocelot_output_finish(&output, err);
    ocelot_output_discard(&output);
    ocelot_text_free(&png);
    return status;
}

static enum ocelot_status draw(struct ocelot_plates *plates, const struct head *head, const char *id, const double *map,
                               const struct ocelot_image *image, struct ocelot_error *err)
{
    struct ocelot_picture heat = {0};
    struct ocelot_text path = {0};
    double scale = isnan(plates->scale) ? head->scale : plates->scale;
    enum ocelot_status status = plates->settings->overlay ? ocelot_heat_overlay(map, image, scale, plates->colours, &heat, err)
                                                          : ocelot_heat_picture(map, image->height, image->width, scale, plates->colours, &heat, err);
    if (!status && plates->folder) {
        name_file(plates, head->row, id, &path);
        status = path.failed ? ocelot_fail_memory(err, "the name of a heat map") : write_png(&heat, path.bytes, err);
    }
    if (!status && plates->settings->sheet) {
        bool full = false;
        status = ocelot_sheet_add(&plates->sheet, image, &heat, &full, err);
        plates->left_out += full;
    }
    ocelot_picture_free(&heat);
    ocelot_text_free(&path);
    return status;
}

/* One frame from wherever it lies into memory of its own. */
static enum ocelot_status draw_bytes(struct ocelot_plates *plates, const struct head *head, const char *bytes, struct ocelot_error *err)
{
    size_t pixels = plates->shape[1] * plates->shape[2];
    double *map = ocelot_allocate(pixels, sizeof *map);
    unsigned char *colours = ocelot_allocate(pixels, 3);
    char *id = ocelot_copy_text(bytes, head->id_length);
    enum ocelot_status status = OCELOT_E_MEMORY;
    if (!map || !colours || !id) {
        ocelot_fail_memory(err, "a heat map");
    } else {
        memcpy(map, bytes + head->id_length, pixels * sizeof *map);
        memcpy(colours, bytes + head->id_length + pixels * sizeof *map, 3 * pixels);
        const struct ocelot_image image = {.pixels = colours, .height = plates->shape[1], .width = plates->shape[2], .channels = 3};
        status = draw(plates, head, head->id_length ? id : NULL, map, &image, err);
    }
    free(map);
    free(colours);
    free(id);
    return status;
}

enum ocelot_status ocelot_plates_take(struct ocelot_plates *plates, const struct ocelot_text *frames, struct ocelot_error *err)
{
    size_t body = plates->shape[1] * plates->shape[2] * (sizeof(double) + 3);
    enum ocelot_status status = OCELOT_OK;
    for (size_t at = 0; at < frames->length && !status;) {
        struct head head;
        memcpy(&head, frames->bytes + at, sizeof head);
        size_t size = sizeof head + head.id_length + body;
        if (plates->shared) {
            plates->scale = fmax(plates->scale, head.scale);
            status = fwrite(frames->bytes + at, 1, size, plates->spool) == size
                         ? OCELOT_OK
                         : ocelot_fail(err, OCELOT_E_IO, "the temporary file of the heat maps cannot be written: %s", strerror(errno));
        } else {
            status = draw_bytes(plates, &head, frames->bytes + at + sizeof head, err);
        }
        at += size;
    }
    return status;
}

static enum ocelot_status draw_spool(struct ocelot_plates *plates, struct ocelot_error *err)
{
    size_t body = plates->shape[1] * plates->shape[2] * (sizeof(double) + 3);
    struct head head;
    enum ocelot_status status = OCELOT_OK;
    rewind(plates->spool);
    while (!status && fread(&head, sizeof head, 1, plates->spool) == 1) {
        char *bytes = ocelot_allocate(head.id_length + body, 1);
        if (!bytes) {
            return ocelot_fail_memory(err, "a heat map");
        }
        status = fread(bytes, 1, head.id_length + body, plates->spool) == head.id_length + body
                     ? draw_bytes(plates, &head, bytes, err)
                     : ocelot_fail(err, OCELOT_E_IO, "the temporary file of the heat maps cannot be read");
        free(bytes);
    }
    return status;
}

enum ocelot_status ocelot_plates_finish(struct ocelot_plates *plates, size_t *left_out, struct ocelot_error *err)
{
    enum ocelot_status status = plates->shared ? draw_spool(plates, err) : OCELOT_OK;
    struct ocelot_picture sheet = {0};
    if (!status && plates->settings->sheet) {
        status = ocelot_sheet_picture(&plates->sheet, &sheet, err);
        status = status ? status : write_png(&sheet, plates->settings->sheet, err);
        ocelot_picture_free(&sheet);
    }
    *left_out = plates->left_out;
    return status;
}

double ocelot_plates_scale(const struct ocelot_plates *plates)
{
    return plates->scale;
}

void ocelot_plates_close(struct ocelot_plates *plates)
{
    if (plates) {
        if (plates->spool) {
            fclose(plates->spool);
        }
        ocelot_sheet_free(&plates->sheet);
        ocelot_text_free(&plates->names);
        free(plates->folder);
        free(plates);
    }
}
