#include "kernels/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"

/* Doubles go first behind the head, so that everything is aligned. */
enum { HEAD = 128 };

/* The coordinates that are not 0, `most` of them; returns their number. Most numbers are zeros, eight at a time. */
static size_t list_point(const double *point, size_t size, size_t most, uint32_t *feature, double *value)
{
    enum { SOME = 8 };
    size_t found = 0;
    for (size_t i = 0; i < size; i += SOME) {
        size_t n = size - i < SOME ? size - i : SOME;
        uint64_t bits[SOME] = {0}, any = 0;
        if (n == SOME)
            memcpy(bits, point + i, sizeof bits);
        else
            memcpy(bits, point + i, n * sizeof *bits);
        for (size_t l = 0; l < SOME; l++)
            any |= bits[l];
        for (size_t l = 0; any && l < n && found < most; l++)
            if (point[i + l] != 0) {
                feature[found] = (uint32_t)(i + l);
                value[found++] = point[i + l];
            }
    }
    return found;
}

/* Makes room for `more` entries behind `used` ones. */
static bool reserve(struct ocelot_entries *entries, size_t used, size_t more, size_t *capacity)
{
    size_t wanted = more <= SIZE_MAX / 2 - used ? used + more : SIZE_MAX;
    if (wanted <= *capacity)
        return true;
    wanted = used < SIZE_MAX / 2 - wanted ? wanted + used : wanted;
    uint32_t *feature = ocelot_reallocate(entries->feature, wanted, sizeof *feature);
    entries->feature = feature ? feature : entries->feature;
    double *value = ocelot_reallocate(entries->value, wanted, sizeof *value);
    entries->value = value ? value : entries->value;
    *capacity = feature && value ? wanted : *capacity;
    return feature && value;
}

bool ocelot_entries_list(const double *points, size_t count, size_t size, struct ocelot_entries *out)
{
    size_t capacity = 0, used = 0;
    struct ocelot_entries entries = {.start = ocelot_allocate(count + 1, sizeof *entries.start)};
    bool good = entries.start && size <= UINT32_MAX;
    for (size_t j = 0; good && j < count; j++) {
        good = reserve(&entries, used, size, &capacity);
        if (good)
            used += list_point(points + j * size, size, size, entries.feature + used, entries.value + used);
        entries.start[j + 1] = used;
    }
    if (good)
        *out = entries;
    else
        ocelot_entries_free(&entries);
    return good;
}

void ocelot_entries_free(struct ocelot_entries *entries)
{
    free(entries->start);
    free(entries->feature);
    free(entries->value);
    *entries = (struct ocelot_entries){.start = NULL};
}

bool ocelot_sparse_fits(size_t entries, size_t count, size_t size)
{
    return entries < UINT32_MAX && count < UINT32_MAX && size < UINT32_MAX;
}

bool ocelot_sparse_pays(size_t entries, size_t count, size_t size)
{
    const size_t least = 128; /* features: below that, rows of the dense copy are a few registers */
    return size >= least && ocelot_sparse_fits(entries, count, size) && entries / size < count / 3;
}

static size_t blocks_of(size_t size)
{
    return (size + OCELOT_SPARSE_BLOCK - 1) / OCELOT_SPARSE_BLOCK;
}

size_t ocelot_sparse_bytes(size_t entries, size_t count, size_t size)
{
    size_t doubles = 2 * entries + count, numbers = 2 * entries + count + size + 2;
    return HEAD + doubles * sizeof(double) + numbers * sizeof(uint32_t) + size + blocks_of(size) * OCELOT_SPARSE_SHORT;
}

/* Where all rows of w of a tile, and lists of the features that its rows hold, find room. */
size_t ocelot_sparse_room(size_t count, size_t size)
{
    return OCELOT_SPARSE_ROWS * (count + (size + 1) / 2);
}

/* Columns from rows: the points come in order. `column` [d + 1] is first counted in, then where each column's next entry goes. */
static void fill_columns(const struct ocelot_sparse *s, size_t count, size_t size, uint32_t *column, uint32_t *unit, double *value)
{
    memset(column, 0, (size + 1) * sizeof *column);
    for (size_t e = 0; e < s->entries; e++)
        column[s->feature[e]]++;
    uint32_t next = 0;
    for (size_t i = 0; i <= size; i++) {
        uint32_t length = i < size ? column[i] : 0;
        column[i] = next;
        next += length;
    }
    for (size_t j = 0; j < count; j++)
        for (size_t e = s->row[j]; e < s->row[j + 1]; e++) {
            size_t to = column[s->feature[e]]++;
            unit[to] = (uint32_t)j;
            value[to] = s->coordinate[e];
        }
    memmove(column + 1, column, size * sizeof *column); /* each stands at its end by now, where the next begins */
    column[0] = 0;
}

/* Features of a block by length of column, equal ones as they come: loops over columns then seldom end unforeseen. */
static void fill_order(const uint32_t *column, size_t size, uint8_t *order, uint8_t *shorter)
{
    memset(shorter, 0, blocks_of(size) * OCELOT_SPARSE_SHORT);
    for (size_t first = 0; first < size; first += OCELOT_SPARSE_BLOCK)
        for (size_t i = first; i < size && i < first + OCELOT_SPARSE_BLOCK; i++) {
            uint8_t *sorted = order + first;
            size_t at = i - first, length = column[i + 1] - column[i];
            for (size_t l = length; l < OCELOT_SPARSE_SHORT; l++)
                shorter[first / OCELOT_SPARSE_BLOCK * OCELOT_SPARSE_SHORT + l]++;
            for (; at > 0 && column[first + sorted[at - 1] + 1] - column[first + sorted[at - 1]] > length; at--)
                sorted[at] = sorted[at - 1];
            sorted[at] = (uint8_t)(i - first);
        }
}

/* Point j of a list; returns the number of its entries. */
static size_t take_point(const struct ocelot_entries *listed, size_t j, uint32_t *feature, double *value)
{
    size_t start = listed->start[j], count = listed->start[j + 1] - start;
    memcpy(feature, listed->feature + start, count * sizeof *feature);
    memcpy(value, listed->value + start, count * sizeof *value);
    return count;
}

void ocelot_sparse_make(const double *points, const struct ocelot_entries *listed, size_t entries, size_t count, size_t size, void *to)
{
    struct ocelot_sparse *s = to;
    double *value = (void *)((unsigned char *)to + HEAD), *coordinate = value + entries, *square = coordinate + entries;
    uint32_t *unit = (void *)(square + count), *feature = unit + entries, *column = feature + entries, *row = column + size + 1;
    uint8_t *order = (void *)(row + count + 1), *shorter = order + size;
    size_t found = 0;
    for (size_t j = 0; j < count; j++) {
        row[j] = (uint32_t)found;
        square[j] = 0;
        found += listed ? take_point(listed, j, feature + found, coordinate + found)
                        : list_point(points + j * size, size, entries - found, feature + found, coordinate + found);
        for (size_t e = row[j]; e < found; e++)
            square[j] += coordinate[e] * coordinate[e];
    }
    row[count] = (uint32_t)found;
    *s = (struct ocelot_sparse){.entries = found,
                                .column = column,
                                .order = order,
                                .shorter = shorter,
                                .unit = unit,
                                .value = value,
                                .row = row,
                                .feature = feature,
                                .coordinate = coordinate,
                                .square = square};
    fill_columns(s, count, size, column, unit, value);
    fill_order(column, size, order, shorter);
}
