#include "svm/vectors.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/number.h"

/* One `index:value` of a line; false at its end or on an error, which is then in *status. */
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

/* The coefficients that open an SV line; stored in [classes-1][count] when `store` is given. */
static enum ocelot_status take_coefficients(struct ocelot_scan *scan, const struct ocelot_header *header, double *store, size_t count)
{
    for (long long k = 0; k + 1 < header->nr_class; k++) {
        double value = 0;
        struct ocelot_scan before = *scan;
        struct ocelot_word word;
        enum ocelot_status status = ocelot_scan_number(scan, "coefficient of a support vector", &value);
        if (status != OCELOT_OK)
            return status;
        if (header->type->role == OCELOT_ROLE_ONE_CLASS && value < 0) {
            ocelot_scan_word(&before, &word);
            return ocelot_scan_fail(&before, &word, "a coefficient of at least 0 in a one-class model");
        }
        if (store)
            store[(size_t)k * count] = value;
    }
    return OCELOT_OK;
}

/* The `0:n` that every SV line of a precomputed file has in front. */
static enum ocelot_status take_serial(struct ocelot_scan *scan, long *serial)
{
    struct ocelot_scan before = *scan;
    struct ocelot_word word = {NULL, 0};
    long long index = 0;
    double value = 0;
    enum ocelot_status status;
    if (take_entry(scan, &index, &value, &status) && index == 0 && value >= 1 && value < INT_MAX && value == floor(value)) {
        *serial = (long)value;
        return OCELOT_OK;
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

enum ocelot_status ocelot_vectors_survey(struct ocelot_scan *scan, const struct ocelot_header *header, struct ocelot_vectors_survey *survey)
{
    *survey = (struct ocelot_vectors_survey){.lowest = LONG_MAX, .highest = -1};
    for (long long j = 0; j < header->total_sv; j++) {
        enum ocelot_status status = open_line(scan, header, j);
        if (status == OCELOT_OK)
            status = take_coefficients(scan, header, NULL, 0);
        long serial = 0;
        if (status == OCELOT_OK && precomputed(header))
            status = take_serial(scan, &serial);
        if (serial > survey->highest_serial)
            survey->highest_serial = serial;
        long long index = 0, last = precomputed(header) ? 0 : -1;
        double value;
        while (status == OCELOT_OK && take_entry(scan, &index, &value, &status)) {
            if (index <= last)
                return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found index %lld after %lld, expected ascending indices", scan->name,
                                   scan->line, index, last);
            last = index;
            if (index < survey->lowest)
                survey->lowest = (long)index;
            if (index > survey->highest)
                survey->highest = (long)index;
        }
        if (status != OCELOT_OK)
            return status;
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_vectors_read(struct ocelot_scan *scan, const struct ocelot_header *header, const double *rows,
                                       struct ocelot_machine *machine)
{
    long first = precomputed(header) ? 1 : machine->first;
    for (size_t j = 0; j < machine->count; j++) {
        double *point = machine->support + j * machine->width;
        enum ocelot_status status = open_line(scan, header, (long long)j);
        if (status == OCELOT_OK)
            status = take_coefficients(scan, header, machine->coefficients + j, machine->count);
        long serial = 0;
        if (status == OCELOT_OK && precomputed(header))
            status = take_serial(scan, &serial);
        if (status != OCELOT_OK)
            return status;
        if (rows) {
            memcpy(point, rows + (size_t)(serial - 1) * machine->width, machine->width * sizeof *point);
            continue;
        }
        long long index = 0;
        double value;
        while (take_entry(scan, &index, &value, &status))
            point[index - first] = value;
        if (status != OCELOT_OK)
            return status;
    }
    return OCELOT_OK;
}
