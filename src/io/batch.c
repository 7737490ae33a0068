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

bool ocelot_batch_full(const struct ocelot_batch *batch, size_t size)
{
    if (batch->count > 0 && batch->listed)
        return size > OCELOT_BATCH_VALUES || batch->start[batch->count] > OCELOT_BATCH_VALUES - size;
    return batch->count > 0 && (size > OCELOT_BATCH_VALUES || (batch->count + 1) > OCELOT_BATCH_VALUES / (size > 0 ? size : 1));
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
    size_t *start = batch->listed ? ocelot_reallocate(batch->start, capacity + 1, sizeof *start) : NULL;
    if (start != NULL)
        batch->start = start;
    if (marks == NULL || label == NULL || pointers == NULL || (batch->listed && start == NULL))
        return false;
    batch->row_capacity = capacity;
    return true;
}

/* The row's number. */
static size_t begin_row(struct ocelot_batch *batch)
{
    size_t row = batch->count++;
    batch->marks[row] = (struct ocelot_batch_mark){0};
    batch->label[row] = (double)NAN;
    return row;
}

double *ocelot_batch_row(struct ocelot_batch *batch, double fill)
{
    if (!reserve_row(batch) || !reserve_values(batch, batch->count + 1, batch->width))
        return NULL;
    double *values = batch->values + begin_row(batch) * batch->width;
    for (size_t i = 0; i < batch->width; i++)
        values[i] = fill;
    return values;
}

bool ocelot_batch_list(struct ocelot_batch *batch, size_t entries, size_t *at)
{
    if (!reserve_row(batch))
        return false;
    size_t first = batch->count > 0 ? batch->start[batch->count] : 0, need;
    if (!ocelot_size_add(first, entries, &need) || !reserve_values(batch, need, 1))
        return false;
    if (batch->feature_capacity < batch->value_capacity) {
        uint32_t *features = ocelot_reallocate(batch->features, batch->value_capacity, sizeof *features);
        if (features == NULL)
            return false;
        batch->features = features;
        batch->feature_capacity = batch->value_capacity;
    }
    *at = batch->start[begin_row(batch)] = first;
    batch->start[batch->count] = need;
    return true;
}

bool ocelot_batch_widen(struct ocelot_batch *batch, size_t shift, size_t width)
{
    if (width == batch->width && shift == 0)
        return true;
    for (size_t e = 0; batch->listed && batch->count > 0 && e < batch->start[batch->count]; e++)
        batch->features[e] += (uint32_t)shift;
    if (batch->listed) {
        batch->width = width;
        return true;
    }
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
                                     .values = batch->listed ? NULL : batch->values,
                                     .entries = {.start = batch->start, .feature = batch->features, .value = batch->values},
                                     .error = error,
                                     .id = batch->has_id ? id : NULL,
                                     .label = batch->has_label ? batch->label : NULL,
                                     .label_text = batch->has_label ? label : NULL};
    return OCELOT_OK;
}

void ocelot_batch_free(struct ocelot_batch *batch)
{
    free(batch->values);
    free(batch->features);
    free(batch->start);
    free(batch->marks);
    free(batch->label);
    free(batch->pointers);
    ocelot_text_free(&batch->text);
    *batch = (struct ocelot_batch){0};
}
