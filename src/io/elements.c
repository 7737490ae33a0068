#include "io/elements.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/size.h"

#define READER(name, type)                                                                                                                           \
    static double name(const unsigned char *bytes)                                                                                                   \
    {                                                                                                                                                \
        type value;                                                                                                                                  \
        memcpy(&value, bytes, sizeof value);                                                                                                         \
        return (double)value;                                                                                                                        \
    }

READER(read_f8, double)
READER(read_f4, float)
READER(read_i8, int64_t)
READER(read_i4, int32_t)
READER(read_i2, int16_t)
READER(read_i1, int8_t)
READER(read_u8, uint64_t)
READER(read_u4, uint32_t)
READER(read_u2, uint16_t)
READER(read_u1, uint8_t)

static double read_b1(const unsigned char *bytes)
{
    return *bytes != 0 ? 1.0 : 0.0;
}

static const struct ocelot_element elements[] = {
    {"f8", 0x0e, 8, read_f8}, {"f4", 0x0d, 4, read_f4}, {"i8", 0, 8, read_i8}, {"i4", 0x0c, 4, read_i4},
    {"i2", 0x0b, 2, read_i2}, {"i1", 0x09, 1, read_i1}, {"u8", 0, 8, read_u8}, {"u4", 0, 4, read_u4},
    {"u2", 0, 2, read_u2},    {"u1", 0x08, 1, read_u1}, {"b1", 0, 1, read_b1},
};
enum { ELEMENTS = sizeof elements / sizeof elements[0] };

const struct ocelot_element *ocelot_element_named(const char *name, size_t length)
{
    for (size_t i = 0; i < ELEMENTS; i++)
        if (length == 2 && memcmp(elements[i].name, name, 2) == 0)
            return &elements[i];
    return NULL;
}

const struct ocelot_element *ocelot_element_coded(unsigned char code)
{
    for (size_t i = 0; i < ELEMENTS; i++)
        if (code != 0 && elements[i].idx == code)
            return &elements[i];
    return NULL;
}

bool ocelot_big_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 0;
}

void ocelot_elements_read(const struct ocelot_element *element, bool swapped, const void *bytes, size_t count, double *out, size_t step)
{
    const unsigned char *at = bytes;
    unsigned char turned[8];
    for (size_t i = 0; i < count; i++, at += element->size, out += step) {
        for (size_t k = 0; swapped && k < element->size; k++)
            turned[k] = at[element->size - 1 - k];
        *out = element->value(swapped ? turned : at);
    }
}

void ocelot_array_line(struct ocelot_array *array, size_t width)
{
    if (array->rank != 1)
        return;
    array->rank = 2;
    array->shape[1] = width == 1 ? 1 : array->shape[0];
    array->shape[0] = width == 1 ? array->shape[0] : 1;
}

enum ocelot_status ocelot_array_open(struct ocelot_array *array, struct ocelot_rows *rows, size_t width, struct ocelot_error *err)
{
    const char *name = ocelot_source_name(rows->source);
    size_t values = 0, bytes = 0;
    bool fits = true;
    array->width = 1;
    for (size_t i = 1; i < array->rank; i++)
        fits = fits && ocelot_size_multiply(array->width, array->shape[i], &array->width);
    fits = fits && ocelot_size_multiply(array->width, array->shape[0], &values) && ocelot_size_multiply(values, array->element->size, &bytes);
    if (!fits || array->width > OCELOT_ROW_FEATURES || bytes > INT64_MAX / 2)
        return ocelot_fail(err, OCELOT_E_LIMIT, "%s: the array's shape is too large; a row may have %d values", name, OCELOT_ROW_FEATURES);
    if (array->width == 0)
        return ocelot_fail(err, OCELOT_E_SHAPE, "%s: the rows of the array have no values", name);
    if (width > 0 && array->width != width)
        return ocelot_fail(err, OCELOT_E_SHAPE, "%s: rows of %zu value%s where %zu %s expected", name, array->width, array->width == 1 ? "" : "s",
                           width, width == 1 ? "is" : "are");
    rows->width = array->width;
    rows->total = (long long)array->shape[0];
    rows->rank = array->rank > 1 ? array->rank - 1 : 1;
    rows->height = array->rank > 2 ? array->shape[array->rank - 2] : 0;
    rows->breadth = array->rank > 2 ? array->shape[array->rank - 1] : 0;
    for (size_t i = 1; i < array->rank && i <= OCELOT_ROW_RANK; i++)
        rows->shape[i - 1] = array->shape[i];
    return OCELOT_OK;
}

void ocelot_array_check(struct ocelot_rows *rows, size_t row, const double *values)
{
    for (size_t i = 0; i < rows->width; i++) {
        if (isfinite(values[i]))
            continue;
        struct ocelot_error sentence = {0};
        char text[OCELOT_NUMBER_SIZE];
        (void)ocelot_number_print(text, values[i]);
        (void)ocelot_fail(&sentence, OCELOT_E_VALUE, "%s: row %zu: value %zu of the row is not a finite number (%s)",
                          ocelot_source_name(rows->source), row, i + 1, text);
        ocelot_batch_error(&rows->batch, sentence.message);
        return;
    }
}

/* Behind the last row: nothing may follow. A pipe that just stays open is not waited for. */
static enum ocelot_status array_end(struct ocelot_rows *rows, enum ocelot_next *next, struct ocelot_error *err)
{
    struct ocelot_window window;
    *next = OCELOT_NEXT_END;
    enum ocelot_status status = ocelot_source_peek(rows->source, 1, false, &window, err);
    if (status == OCELOT_OK && window.length > 0)
        status = ocelot_fail(err, OCELOT_E_FORMAT, "%s: other bytes follow the %lld rows that the header announces", ocelot_source_name(rows->source),
                             rows->total);
    return status;
}

enum ocelot_status ocelot_array_read(struct ocelot_array *array, struct ocelot_rows *rows, bool patient, enum ocelot_next *next,
                                     struct ocelot_error *err)
{
    struct ocelot_window window;
    size_t bytes = array->width * array->element->size;
    *next = OCELOT_NEXT_ROW;
    if (array->passed == array->shape[0])
        return array_end(rows, next, err);
    if (ocelot_batch_full(&rows->batch, array->width)) {
        *next = OCELOT_NEXT_FULL;
        return OCELOT_OK;
    }
    enum ocelot_status status = ocelot_source_peek(rows->source, bytes, patient, &window, err);
    if (status != OCELOT_OK)
        return status;
    if (window.length < bytes && !window.end) {
        *next = OCELOT_NEXT_WAIT;
        return OCELOT_OK;
    }
    if (window.length < bytes)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: the file is cut off in row %zu of %zu", ocelot_source_name(rows->source), array->passed,
                           array->shape[0]);
    double *values = ocelot_batch_row(&rows->batch, 0.0);
    if (values == NULL)
        return ocelot_fail_memory(err, "a batch of rows");
    ocelot_elements_read(array->element, array->swapped, window.bytes, array->width, values, 1);
    ocelot_array_check(rows, array->passed, values);
    ocelot_source_take(rows->source, bytes);
    array->passed++;
    return OCELOT_OK;
}
