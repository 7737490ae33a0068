#include "io/image_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "io/row_format.h"

struct pictures {
    const struct ocelot_image_list *list;
    struct ocelot_preprocess preprocess;
    size_t shape[3];
};

static enum ocelot_status read_row(struct ocelot_rows *rows, bool patient, enum ocelot_next *next, struct ocelot_error *err)
{
    struct pictures *pictures = rows->state;
    struct ocelot_image image = {0};
    struct ocelot_error trouble = {0};
    size_t k = rows->passed + rows->batch.count;
    (void)patient;
    *next = k == pictures->list->count ? OCELOT_NEXT_END : ocelot_batch_full(&rows->batch, rows->width) ? OCELOT_NEXT_FULL : OCELOT_NEXT_ROW;
    if (*next != OCELOT_NEXT_ROW)
        return OCELOT_OK;
    const char *path = pictures->list->path[k], *id = pictures->list->id[k];
    double *values = ocelot_batch_row(&rows->batch, 0.0);
    if (values == NULL)
        return ocelot_fail_memory(err, "a batch of rows");
    ocelot_batch_id(&rows->batch, id, strlen(id));
    enum ocelot_status status = ocelot_image_read(path, &image, &trouble);
    if (status == OCELOT_OK)
        status = ocelot_preprocess_apply(&pictures->preprocess, &image, path, pictures->shape, values, &trouble);
    ocelot_image_free(&image);
    if (status == OCELOT_E_MEMORY)
        return ocelot_fail(err, status, "%s", trouble.message);
    if (status != OCELOT_OK)
        ocelot_batch_error(&rows->batch, trouble.message);
    return OCELOT_OK;
}

static void close_rows(struct ocelot_rows *rows)
{
    free(rows->state);
}

/* Not in the table of rows.c: pictures are opened by their list. */
static const struct ocelot_row_format format = {.name = "pictures", .summary = "PNG, JPEG and PNM files", .read = read_row, .close = close_rows};

/* The size of the first picture that can be read, after what resize and crop make of it by numbers of their own. */
static enum ocelot_status look_first(struct pictures *pictures, struct ocelot_error *err)
{
    const struct ocelot_preprocess *p = &pictures->preprocess;
    struct ocelot_image image = {0};
    enum ocelot_status status = ocelot_image_read(pictures->list->path[0], &image, err);
    if (status != OCELOT_OK)
        return status;
    size_t *shape = pictures->shape;
    shape[0] = shape[0] > 0 ? shape[0] : p->channels != NULL ? (strcmp(p->channels, "grey") == 0 ? 1 : 3) : image.channels;
    shape[1] = p->crop_height > 0 ? p->crop_height : p->height > 0 ? p->height : image.height;
    shape[2] = p->crop_width > 0 ? p->crop_width : p->width > 0 ? p->width : image.width;
    ocelot_image_free(&image);
    return OCELOT_OK;
}

enum ocelot_status ocelot_rows_open_images(const struct ocelot_image_list *list, const struct ocelot_preprocess *preprocess, const size_t shape[3],
                                           struct ocelot_rows **out, struct ocelot_error *err)
{
    struct ocelot_rows *rows = ocelot_allocate(1, sizeof *rows);
    struct pictures *pictures = ocelot_allocate(1, sizeof *pictures);
    size_t pixels = 0;
    if (rows == NULL || pictures == NULL) {
        free(rows);
        free(pictures);
        return ocelot_fail_memory(err, "the pictures");
    }
    rows->format = &format;
    rows->state = pictures;
    rows->total = (long long)list->count;
    *pictures = (struct pictures){.list = list, .preprocess = *preprocess, .shape = {shape[0], shape[1], shape[2]}};
    enum ocelot_status status = pictures->shape[1] == 0 ? look_first(pictures, err) : OCELOT_OK;
    if (status == OCELOT_OK && (!ocelot_size_multiply(pictures->shape[1], pictures->shape[2], &pixels) ||
                                !ocelot_size_multiply(pixels, pictures->shape[0], &rows->width) || rows->width > OCELOT_ROW_FEATURES))
        status = ocelot_fail(err, OCELOT_E_LIMIT, "pictures of %zu x %zu pixels make rows of more than %d values: give --resize", pictures->shape[1],
                             pictures->shape[2], OCELOT_ROW_FEATURES);
    rows->rank = 3;
    memcpy(rows->shape, pictures->shape, sizeof pictures->shape);
    if (status != OCELOT_OK)
        ocelot_rows_close(rows);
    else
        *out = rows;
    return status;
}
