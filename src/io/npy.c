/* NumPy .npy, versions 1 to 3. A 1-D array is one row; of others, a row is everything behind the first axis. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "io/elements.h"
#include "io/npy_header.h"
#include "io/row_format.h"

enum { HEADER_MAX = 1 << 20, BLOCK_VALUES = 1 << 20, BLOCK_ROWS = 1024 };

/* Fortran order keeps the rows' values far apart: a block of rows is gathered at a time. */
struct npy {
    struct ocelot_array array;
    bool fortran;
    uint64_t offset;      /* of the data */
    size_t *column;       /* [width] place of value i of a row in memory order, in columns */
    double *block;        /* [block_rows][width] */
    unsigned char *bytes; /* [block_rows] elements */
    size_t block_rows, block_first, block_count;
};

static bool recognise(const char *bytes, size_t length, bool whole)
{
    (void)whole;
    return length >= 6 && memcmp(bytes, "\223NUMPY", 6) == 0;
}

/* Value i of a row counts its axes with the last one fastest; memory has the first one fastest. */
static void order_columns(const struct ocelot_array *array, size_t *column)
{
    for (size_t i = 0; i < array->width; i++) {
        size_t rest = i, place = 0, stride = array->width;
        for (size_t axis = array->rank - 1; axis > 0; axis--) {
            stride /= array->shape[axis];
            place += rest % array->shape[axis] * stride;
            rest /= array->shape[axis];
        }
        column[i] = place;
    }
}

static enum ocelot_status open_fortran(struct npy *npy, struct ocelot_rows *rows, struct ocelot_error *err)
{
    if (!ocelot_source_seekable(rows->source))
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                           "%s: an array in Fortran order can only be read from a plain file, not through a pipe or gzip; save it with "
                           "numpy.ascontiguousarray",
                           ocelot_source_name(rows->source));
    npy->block_rows = BLOCK_VALUES / npy->array.width;
    npy->block_rows = npy->block_rows > BLOCK_ROWS ? BLOCK_ROWS : npy->block_rows < 1 ? 1 : npy->block_rows;
    npy->column = ocelot_allocate(npy->array.width, sizeof *npy->column);
    npy->block = ocelot_allocate(npy->array.width, npy->block_rows * sizeof *npy->block);
    npy->bytes = ocelot_allocate(npy->block_rows, npy->array.element->size);
    if (npy->column == NULL || npy->block == NULL || npy->bytes == NULL)
        return ocelot_fail_memory(err, "a block of rows");
    order_columns(&npy->array, npy->column);
    return OCELOT_OK;
}

/* Magic, version and the length of the header text; *lead receives the bytes before that text. */
static enum ocelot_status read_lead(struct ocelot_rows *rows, size_t *lead, size_t *length, struct ocelot_error *err)
{
    const char *name = ocelot_source_name(rows->source);
    struct ocelot_window window;
    enum ocelot_status status = ocelot_source_peek(rows->source, 12, true, &window, err);
    if (status != OCELOT_OK)
        return status;
    if (window.length < 12 || !recognise(window.bytes, window.length, false))
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: is not a .npy file, or cut off", name);
    unsigned char bytes[12];
    memcpy(bytes, window.bytes, sizeof bytes);
    if (bytes[6] < 1 || bytes[6] > 3)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "%s: .npy version %d.%d; versions 1 to 3 are read", name, bytes[6], bytes[7]);
    *lead = bytes[6] == 1 ? 10 : 12;
    *length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[6] > 1)
        *length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (*length > HEADER_MAX)
        return ocelot_fail(err, OCELOT_E_LIMIT, "%s: a .npy header of %zu bytes; at most %d are read", name, *length, HEADER_MAX);
    return OCELOT_OK;
}

static enum ocelot_status npy_open(struct ocelot_rows *rows, const struct ocelot_rows_options *options, struct ocelot_error *err)
{
    struct npy *npy = ocelot_allocate(1, sizeof *npy);
    struct ocelot_window window;
    size_t lead = 0, length = 0;
    rows->state = npy;
    if (npy == NULL)
        return ocelot_fail_memory(err, "input");
    enum ocelot_status status = read_lead(rows, &lead, &length, err);
    if (status == OCELOT_OK)
        status = ocelot_source_peek(rows->source, lead + length, true, &window, err);
    if (status != OCELOT_OK)
        return status;
    if (window.length < lead + length)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: the .npy header is cut off", ocelot_source_name(rows->source));
    status = ocelot_npy_header(window.bytes + lead, length, ocelot_source_name(rows->source), &npy->array, &npy->fortran, err);
    if (status != OCELOT_OK)
        return status;
    ocelot_source_take(rows->source, lead + length);
    npy->offset = lead + length;
    if (npy->array.rank == 1) {
        npy->fortran = false;
        ocelot_array_line(&npy->array, options->width);
    }
    status = ocelot_array_open(&npy->array, rows, options->width, err);
    if (status == OCELOT_OK && npy->fortran)
        status = open_fortran(npy, rows, err);
    return status;
}

static enum ocelot_status read_block(struct npy *npy, struct ocelot_rows *rows, struct ocelot_error *err)
{
    const struct ocelot_array *array = &npy->array;
    size_t left = array->shape[0] - array->passed, size = array->element->size;
    npy->block_first = array->passed;
    npy->block_count = left < npy->block_rows ? left : npy->block_rows;
    for (size_t i = 0; i < array->width; i++) {
        uint64_t place = ((uint64_t)array->shape[0] * npy->column[i] + array->passed) * size;
        enum ocelot_status status = ocelot_source_at(rows->source, npy->offset + place, npy->bytes, npy->block_count * size, err);
        if (status != OCELOT_OK)
            return status;
        ocelot_elements_read(array->element, array->swapped, npy->bytes, npy->block_count, npy->block + i, array->width);
    }
    return OCELOT_OK;
}

static enum ocelot_status read_fortran(struct npy *npy, struct ocelot_rows *rows, enum ocelot_next *next, struct ocelot_error *err)
{
    struct ocelot_array *array = &npy->array;
    *next = array->passed == array->shape[0] ? OCELOT_NEXT_END : ocelot_batch_full(&rows->batch, array->width) ? OCELOT_NEXT_FULL : OCELOT_NEXT_ROW;
    if (*next != OCELOT_NEXT_ROW)
        return OCELOT_OK;
    if (array->passed >= npy->block_first + npy->block_count) {
        enum ocelot_status status = read_block(npy, rows, err);
        if (status != OCELOT_OK)
            return status;
    }
    double *values = ocelot_batch_row(&rows->batch, 0.0);
    if (values == NULL)
        return ocelot_fail_memory(err, "a batch of rows");
    memcpy(values, npy->block + (array->passed - npy->block_first) * array->width, array->width * sizeof *values);
    ocelot_array_check(rows, array->passed, values);
    array->passed++;
    return OCELOT_OK;
}

static enum ocelot_status npy_read(struct ocelot_rows *rows, bool patient, enum ocelot_next *next, struct ocelot_error *err)
{
    struct npy *npy = rows->state;
    return npy->fortran ? read_fortran(npy, rows, next, err) : ocelot_array_read(&npy->array, rows, patient, next, err);
}

static void npy_close(struct ocelot_rows *rows)
{
    struct npy *npy = rows->state;
    if (npy == NULL)
        return;
    free(npy->column);
    free(npy->block);
    free(npy->bytes);
    free(npy);
}

const struct ocelot_row_format ocelot_row_format_npy = {
    .name = "npy",
    .summary = "NumPy arrays, one row along the first axis",
    .recognise = recognise,
    .open = npy_open,
    .read = npy_read,
    .close = npy_close,
};
