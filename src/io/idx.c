/* IDX, the format of MNIST: 0 0 type rank, big-endian 32-bit extents, values. A 1-D array is one row; of others, a row is everything behind
 * the first extent. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "io/elements.h"
#include "io/row_format.h"

static bool recognise(const char *bytes, size_t length, bool whole)
{
    (void)whole;
    return length >= 4 && bytes[0] == 0 && bytes[1] == 0 && ocelot_element_coded((unsigned char)bytes[2]) != NULL && bytes[3] >= 1 &&
           bytes[3] <= OCELOT_ARRAY_RANK;
}

static enum ocelot_status idx_open(struct ocelot_rows *rows, const struct ocelot_rows_options *options, struct ocelot_error *err)
{
    struct ocelot_array *array = ocelot_allocate(1, sizeof *array);
    const char *name = ocelot_source_name(rows->source);
    struct ocelot_window window;
    rows->state = array;
    if (array == NULL)
        return ocelot_fail_memory(err, "input");
    enum ocelot_status status = ocelot_source_peek(rows->source, 4, true, &window, err);
    if (status != OCELOT_OK)
        return status;
    if (!recognise(window.bytes, window.length, window.end))
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: is not an IDX file: two zero bytes, a type from 8 to 14 and a rank from 1 on are expected",
                           name);
    array->element = ocelot_element_coded((unsigned char)window.bytes[2]);
    array->rank = (unsigned char)window.bytes[3];
    array->swapped = !ocelot_big_endian();
    size_t header = 4 + 4 * array->rank;
    status = ocelot_source_peek(rows->source, header, true, &window, err);
    if (status != OCELOT_OK)
        return status;
    if (window.length < header)
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s: the header is cut off: %zu bytes where %zu are expected", name, window.length, header);
    for (size_t i = 0; i < array->rank; i++) {
        unsigned char extent[4];
        memcpy(extent, window.bytes + 4 + 4 * i, 4);
        array->shape[i] = (size_t)extent[0] << 24 | (size_t)extent[1] << 16 | (size_t)extent[2] << 8 | extent[3];
    }
    ocelot_source_take(rows->source, header);
    ocelot_array_line(array, options->width);
    return ocelot_array_open(array, rows, options->width, err);
}

static enum ocelot_status idx_read(struct ocelot_rows *rows, bool patient, enum ocelot_next *next, struct ocelot_error *err)
{
    return ocelot_array_read(rows->state, rows, patient, next, err);
}

static void idx_close(struct ocelot_rows *rows)
{
    free(rows->state);
}

const struct ocelot_row_format ocelot_row_format_idx = {
    .name = "idx",
    .summary = "IDX arrays, such as MNIST's images",
    .recognise = recognise,
    .open = idx_open,
    .read = idx_read,
    .close = idx_close,
};
