#include "io/batch.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

void ocelot_batch_begin(struct ocelot_batch *batch, size_t width)
{
    batch->count = 0;
    batch->width = width;
    batch->has_id = false;
    batch->has_label = false;
    ocelot_text_clear(&batch->text);
}

bool ocelot_batch_full(const struct ocelot_batch *batch, size_t width)
{
    return batch->count > 0 && (width > OCELOT_BATCH_VALUES || (batch->count + 1) > OCELOT_BATCH_VALUES / (width > 0 ? width : 1));
}

static bool reserve_values(struct ocelot_batch *batch, size_t rows, size_t width)
{
    size_t need;
    if (!ocelot_size_multiply(rows, width, &need))
        return false;
    if (need <= batch->value_capacity && batch->values != NULL)
        return true;
    size_t capacity = batch->value_capacity < SIZE_MAX / 2 && batch->value_capacity * 2 > need ? batch->value_capacity * 2 : need;
    double *values = ocelot_reallocate(batch->values, capacity > 0 ? capacity : 1, sizeof *values);
    if (values == NULL)
        return false;
    batch->values = values;
    batch->value_capacity = capacity;
    return true;
}

static bool reserve_row(struct ocelot_batch *batch)
{
    if (batch->count < batch->row_capacity)
        return true;
    size_t capacity = batch->row_capacity > 0 ? batch->row_capacity * 2 : 64;
    struct ocelot_batch_mark *marks = ocelot_reallocate(batch->marks, capacity, sizeof *marks);
    if (marks != NULL)
        batch->marks = marks;
    double *label = ocelot_reallocate(batch->label, capacity, sizeof *label);
    if (label != NULL)
        batch->label = label;
    const char **pointers = ocelot_reallocate(batch->pointers, capacity, 3 * sizeof *pointers);
    if (pointers != NULL)
        batch->pointers = pointers;
    if (marks == NULL || label == NULL || pointers == NULL)
        return false;
    batch->row_capacity = capacity;
    return true;
}

double *ocelot_batch_row(struct ocelot_batch *batch, double fill)
{
    if (!reserve_row(batch) || !reserve_values(batch, batch->count + 1, batch->width))
        return NULL;
    size_t row = batch->count++;
    batch->marks[row] = (struct ocelot_batch_mark){0};
    batch->label[row] = (double)NAN;
    double *values = batch->values + row * batch->width;
    for (size_t i = 0; i < batch->width; i++)
        values[i] = fill;
    return values;
}

bool ocelot_batch_widen(struct ocelot_batch *batch, size_t shift, size_t width)
{
    if (width == batch->width && shift == 0)
        return true;
    if (!reserve_values(batch, batch->count, width))
        return false;
    for (size_t row = batch->count; row-- > 0;) { /* from the last one on, so that nothing is overwritten before it was moved */
        double *to = batch->values + row * width;
        memmove(to + shift, batch->values + row * batch->width, batch->width * sizeof *to);
        for (size_t i = 0; i < shift; i++)
            to[i] = 0.0;
        for (size_t i = shift + batch->width; i < width; i++)
            to[i] = 0.0;
    }
    batch->width = width;
    return true;
}

static size_t keep(struct ocelot_batch *batch, const char *bytes, size_t length)
{
    size_t place = batch->text.length + 1;
    ocelot_text_append(&batch->text, bytes, length);
    ocelot_text_append(&batch->text, "", 1);
    return place;
}

void ocelot_batch_error(struct ocelot_batch *batch, const char *sentence)
{
    if (batch->marks[batch->count - 1].error == 0)
        batch->marks[batch->count - 1].error = keep(batch, sentence, strlen(sentence));
}

void ocelot_batch_id(struct ocelot_batch *batch, const char *bytes, size_t length)
{
    batch->has_id = true;
    batch->marks[batch->count - 1].id = keep(batch, bytes, length);
}

void ocelot_batch_label(struct ocelot_batch *batch, double value, const char *bytes, size_t length)
{
    batch->has_label = true;
    batch->label[batch->count - 1] = value;
    batch->marks[batch->count - 1].label = keep(batch, bytes, length);
}

enum ocelot_status ocelot_batch_finish(struct ocelot_batch *batch, struct ocelot_row_batch *out, struct ocelot_error *err)
{
    if (batch->text.failed || !reserve_row(batch)) /* also without rows the arrays exist */
        return ocelot_fail_memory(err, "a batch of rows");
    const char **error = batch->pointers, **id = error + batch->row_capacity, **label = id + batch->row_capacity;
    for (size_t row = 0; row < batch->count; row++) {
        const struct ocelot_batch_mark *mark = &batch->marks[row];
        error[row] = mark->error > 0 ? batch->text.bytes + mark->error - 1 : NULL;
        id[row] = mark->id > 0 ? batch->text.bytes + mark->id - 1 : NULL;
        label[row] = mark->label > 0 ? batch->text.bytes + mark->label - 1 : NULL;
    }
    *out = (struct ocelot_row_batch){.count = batch->count,
                                     .width = batch->width,
                                     .values = batch->values,
                                     .error = error,
                                     .id = batch->has_id ? id : NULL,
                                     .label = batch->has_label ? batch->label : NULL,
                                     .label_text = batch->has_label ? label : NULL};
    return OCELOT_OK;
}

void ocelot_batch_free(struct ocelot_batch *batch)
{
    free(batch->values);
    free(batch->marks);
    free(batch->label);
    free(batch->pointers);
    ocelot_text_free(&batch->text);
    *batch = (struct ocelot_batch){0};
}
