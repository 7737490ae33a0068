#include "svm/vectors.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"

static enum ocelot_status push(struct ocelot_vectors *vectors, int index, double value, struct ocelot_error *err)
{
    if (vectors->count == vectors->capacity) {
        size_t capacity = vectors->capacity ? 2 * vectors->capacity : 256;
        struct ocelot_vectors_entry *entries = ocelot_reallocate(vectors->entries, capacity, sizeof *entries);
        if (!entries)
            return ocelot_fail_memory(err, "the support vectors");
        vectors->entries = entries;
        vectors->capacity = capacity;
    }
    vectors->entries[vectors->count++] = (struct ocelot_vectors_entry){value, index};
    return OCELOT_OK;
}

/* One `index:value` of a line, written as nearly all are. False, with nothing taken, where it is not, the end of the line included: take_entry says
 * what it is then. */
static bool take_plain_entry(struct ocelot_scan *scan, int *index, double *value)
{
    const char *p = scan->at, *stop = scan->stop;
    while (p < stop && (*p == ' ' || *p == '\t'))
        p++;
    p = ocelot_entry_parse(p, stop, index, value);
    if (!p || (p < stop && *p != ' ' && *p != '\t') || !isfinite(*value))
        return false;
    scan->at = p;
    return true;
}

/* Any `index:value` of a line; false at its end or on an error, which is then in *status. */
static bool take_entry(struct ocelot_scan *scan, long long *index, double *value, enum ocelot_status *status)
{
    struct ocelot_word word;
    *status = OCELOT_OK;
    if (!ocelot_scan_word(scan, &word))
        return false;
    const char *end = word.text + word.length, *colon = memchr(word.text, ':', word.length);
    double number = 0;
    if (!colon || ocelot_integer_parse(word.text, colon, index) != colon || *index < 0 || *index >= INT_MAX)
        *status = ocelot_scan_fail(scan, &word, "index:value with a whole index from 0 to %d", INT_MAX - 1);
    else if (ocelot_number_parse(colon + 1, end, &number) != end || !isfinite(number))
        *status = ocelot_scan_fail(scan, &word, "index:value with a finite value");
    *value = number;
    return *status == OCELOT_OK;
}

static bool precomputed(const struct ocelot_header *header)
{
    return strcmp(header->kernel_word, "precomputed") == 0;
}

/* The coefficients that open an SV line. */
static enum ocelot_status take_coefficients(struct ocelot_scan *scan, const struct ocelot_header *header, struct ocelot_vectors *vectors)
{
    enum ocelot_status status = OCELOT_OK;
    for (int k = 0; k + 1 < header->nr_class && status == OCELOT_OK; k++) {
        double value = 0;
        struct ocelot_scan before = *scan;
        struct ocelot_word word;
        status = ocelot_scan_number(scan, "coefficient of a support vector", &value);
        if (status == OCELOT_OK && header->type->role == OCELOT_ROLE_ONE_CLASS && value < 0) {
            ocelot_scan_word(&before, &word);
            return ocelot_scan_fail(&before, &word, "a coefficient of at least 0 in a one-class model");
        }
        if (status == OCELOT_OK)
            status = push(vectors, -1 - k, value, scan->err);
    }
    return status;
}

/* The `0:n` that every SV line of a precomputed file has in front. */
static enum ocelot_status take_serial(struct ocelot_scan *scan, struct ocelot_vectors *vectors)
{
    struct ocelot_scan before = *scan;
    struct ocelot_word word = {NULL, 0};
    long long index = 0;
    double value = 0;
    enum ocelot_status status;
    if (take_entry(scan, &index, &value, &status) && index == 0 && value >= 1 && value < INT_MAX && value == floor(value)) {
        if ((long)value > vectors->highest_serial)
            vectors->highest_serial = (long)value;
        return push(vectors, OCELOT_VECTORS_SERIAL, value, scan->err);
    }
    if (status != OCELOT_OK)
        return status;
    bool found = ocelot_scan_word(&before, &word);
    return ocelot_scan_fail(&before, found ? &word : NULL, "0:n, the serial number of a training row, as kernel_type is precomputed");
}

/* The next line, which must be an SV line with an end. */
static enum ocelot_status open_line(struct ocelot_scan *scan, const struct ocelot_header *header, long long done)
{
    struct ocelot_scan ahead;
    struct ocelot_word word;
    if (!ocelot_scan_line(scan))
        return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found the end of the file after %lld SV lines, expected total_sv, %lld", scan->name,
                           scan->line, done, header->total_sv);
    ahead = *scan;
    if (!ocelot_scan_word(&ahead, &word))
        return ocelot_scan_fail(scan, NULL, "SV line %lld of %lld", done + 1, header->total_sv);
    if (word.text[0] == '#' || ocelot_word_is(word, "svm_type"))
        return ocelot_scan_fail(scan, &word, "SV line %lld of %lld", done + 1, header->total_sv);
    if (!scan->terminated)
        return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found a last SV line without a line end (is the file cut off?), expected a line end",
                           scan->name, scan->line);
    return OCELOT_OK;
}

/* The features of an SV line, from where the coefficients end; `last` is the index before them. */
static enum ocelot_status take_features(struct ocelot_scan *scan, long long last, struct ocelot_vectors *vectors)
{
    enum ocelot_status status = OCELOT_OK;
    for (;;) {
        int plain = 0;
        double value = 0;
        long long index = 0;
        if (take_plain_entry(scan, &plain, &value))
            index = plain;
        else if (!take_entry(scan, &index, &value, &status))
            return status;
        if (index <= last)
            return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found index %lld after %lld, expected ascending indices", scan->name, scan->line,
                               index, last);
        last = index;
        if (index < vectors->lowest)
            vectors->lowest = (long)index;
        if (index > vectors->highest)
            vectors->highest = (long)index;
        status = push(vectors, (int)index, value, scan->err);
        if (status != OCELOT_OK)
            return status;
    }
}

enum ocelot_status ocelot_vectors_read(struct ocelot_scan *scan, const struct ocelot_header *header, struct ocelot_vectors *vectors)
{
    bool serials = precomputed(header);
    vectors->lowest = LONG_MAX;
    vectors->highest = -1;
    for (long long j = 0; j < header->total_sv; j++) {
        enum ocelot_status status = open_line(scan, header, j);
        if (status == OCELOT_OK)
            status = take_coefficients(scan, header, vectors);
        if (status == OCELOT_OK && serials)
            status = take_serial(scan, vectors);
        if (status == OCELOT_OK)
            status = take_features(scan, serials ? 0 : -1, vectors);
        if (status != OCELOT_OK)
            return status;
    }
    return OCELOT_OK;
}

void ocelot_vectors_lay_out(const struct ocelot_vectors *vectors, const struct ocelot_header *header, const double *rows,
                            struct ocelot_machine *machine)
{
    long first = precomputed(header) ? 1 : machine->first;
    size_t j = 0, lines = 0;
    double *point = machine->support;
    for (const struct ocelot_vectors_entry *entry = vectors->entries, *end = entry + vectors->count; entry < end; entry++) {
        if (entry->index >= 0 && !rows) {
            point[entry->index - first] = entry->value;
        } else if (entry->index == OCELOT_VECTORS_SERIAL && rows) {
            memcpy(point, rows + ((size_t)entry->value - 1) * machine->width, machine->width * sizeof *point);
        } else if (entry->index < 0 && entry->index != OCELOT_VECTORS_SERIAL) {
            j = entry->index == -1 ? lines++ : j;
            point = machine->support + j * machine->width;
            machine->coefficients[(size_t)(-1 - entry->index) * machine->count + j] = entry->value;
        }
    }
}

bool ocelot_vectors_entries(const struct ocelot_vectors *vectors, const struct ocelot_header *header, const struct ocelot_machine *machine,
                            struct ocelot_entries *out)
{
    long first = precomputed(header) ? 1 : machine->first;
    bool kept = false, drops = machine->type->role == OCELOT_ROLE_ONE_CLASS;
    size_t points = 0, used = 0;
    struct ocelot_entries entries = {.start = ocelot_allocate(machine->count + 1, sizeof *entries.start),
                                     .feature = ocelot_allocate(vectors->count, sizeof *entries.feature),
                                     .value = ocelot_allocate(vectors->count, sizeof *entries.value)};
    if (!entries.start || !entries.feature || !entries.value) {
        ocelot_entries_free(&entries);
        return false;
    }
    for (const struct ocelot_vectors_entry *entry = vectors->entries, *end = entry + vectors->count; entry < end; entry++) {
        if (entry->index == -1) {
            kept = !drops || entry->value != 0;
            points += kept;
        } else if (entry->index >= 0 && kept && entry->value != 0) {
            entries.feature[used] = (uint32_t)(entry->index - first);
            entries.value[used++] = entry->value;
        }
        entries.start[points] = used;
    }
    *out = entries;
    return true;
}

void ocelot_vectors_release(struct ocelot_vectors *vectors)
{
    free(vectors->entries);
    *vectors = (struct ocelot_vectors){0};
}
