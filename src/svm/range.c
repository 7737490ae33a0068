#include "svm/range.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/size.h"
#include "svm/file.h"
#include "svm/scan.h"

/* The scaling of one feature, as it stands in the file. */
struct entry {
    long index;
    double center, factor;
};

struct entries {
    struct entry *list;
    size_t count, capacity;
    const char *scaling; /* its name in the model's description */
    bool drops;          /* features that the file does not name are dropped; else they are left as they are */
    size_t lines;        /* of a file in which line n is feature n */
};

static enum ocelot_status push(struct ocelot_scan *scan, struct entries *entries, struct entry entry)
{
    if (!isfinite(entry.center) || !isfinite(entry.factor))
        return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found a scaling that overflows, expected a wider range", scan->name, scan->line);
    if (entries->count == entries->capacity) {
        size_t capacity = entries->capacity ? 2 * entries->capacity : 64;
        struct entry *list = ocelot_reallocate(entries->list, capacity, sizeof *list);
        if (!list)
            return ocelot_fail_memory(scan->err, "the scaling");
        entries->list = list;
        entries->capacity = capacity;
    }
    entries->list[entries->count++] = entry;
    return OCELOT_OK;
}

/* Two numbers that must differ, in ascending order. */
static enum ocelot_status take_interval(struct ocelot_scan *scan, const char *what, double *low, double *high)
{
    enum ocelot_status status = ocelot_scan_number(scan, what, low);
    if (status == OCELOT_OK)
        status = ocelot_scan_number(scan, what, high);
    if (status == OCELOT_OK && !(*low <= *high))
        return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found %s with a lower bound above the upper one, expected them in order", scan->name,
                           scan->line, what);
    return status == OCELOT_OK ? ocelot_scan_end(scan) : status;
}

static enum ocelot_status next_line(struct ocelot_scan *scan, const char *expected)
{
    return ocelot_scan_filled_line(scan) ? OCELOT_OK : ocelot_scan_fail(scan, NULL, "%s", expected);
}

/* `lower upper` of the features, and for the optional block of the labels, whose lines are checked and skipped. */
static enum ocelot_status take_bounds(struct ocelot_scan *scan, bool labels, double *lower, double *upper)
{
    double low, high;
    struct ocelot_word word;
    enum ocelot_status status = OCELOT_OK;
    if (labels) {
        status = next_line(scan, "the bounds of the scaled labels");
        if (status == OCELOT_OK)
            status = take_interval(scan, "the bounds of the scaled labels", &low, &high);
        if (status == OCELOT_OK)
            status = next_line(scan, "the range of the labels");
        if (status == OCELOT_OK)
            status = take_interval(scan, "the range of the labels", &low, &high);
        if (status == OCELOT_OK)
            status = next_line(scan, "x");
        if (status == OCELOT_OK && (!ocelot_scan_word(scan, &word) || !ocelot_word_is(word, "x")))
            status = ocelot_scan_fail(scan, &word, "x");
        if (status == OCELOT_OK)
            status = ocelot_scan_end(scan);
    }
    if (status == OCELOT_OK)
        status = next_line(scan, "the bounds of the scaled features, lower upper");
    if (status == OCELOT_OK)
        status = take_interval(scan, "the bounds of the scaled features", lower, upper);
    if (status == OCELOT_OK && *lower == *upper)
        return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found equal bounds of the scaled features, expected lower < upper", scan->name,
                           scan->line);
    return status;
}

/* The lines `index min max` of svm-scale. A feature with min = max is one that svm-scale drops. */
static enum ocelot_status read_svm_scale(struct ocelot_scan *scan, struct ocelot_word first, struct entries *entries)
{
    double lower = 0, upper = 0;
    long long index = 0, last = -1;
    enum ocelot_status status = ocelot_scan_end(scan);
    entries->scaling = "range file";
    entries->drops = true;
    if (status == OCELOT_OK)
        status = take_bounds(scan, ocelot_word_is(first, "y"), &lower, &upper);
    while (status == OCELOT_OK && ocelot_scan_filled_line(scan)) {
        double low = 0, high = 0;
        status = ocelot_scan_integer(scan, "index of a feature", last + 1, INT_MAX - 1, &index);
        if (status == OCELOT_OK)
            status = take_interval(scan, "the range of a feature", &low, &high);
        last = index;
        if (status == OCELOT_OK && low < high)
            status = push(scan, entries, (struct entry){(long)index, low - lower * ((high - low) / (upper - lower)), (upper - lower) / (high - low)});
    }
    return status;
}

/* The lines `center scale` of R's e1071: line n is feature n, and one left empty is not scaled. The first filled line is the current one. */
static enum ocelot_status read_e1071(struct ocelot_scan *scan, struct entries *entries)
{
    enum ocelot_status status = OCELOT_OK;
    entries->scaling = "e1071 scale file";
    do {
        double center = 0, scale = 0;
        status = ocelot_scan_number(scan, "center", &center);
        if (status == OCELOT_OK)
            status = ocelot_scan_number(scan, "scale", &scale);
        if (status == OCELOT_OK)
            status = ocelot_scan_end(scan);
        if (status == OCELOT_OK && !(scale > 0))
            return ocelot_fail(scan->err, OCELOT_E_FORMAT, "%s:%zu: found a scale that is not positive, expected center and scale > 0", scan->name,
                               scan->line);
        if (status == OCELOT_OK)
            status = push(scan, entries, (struct entry){(long)scan->line, center, 1 / scale});
    } while (status == OCELOT_OK && ocelot_scan_filled_line(scan));
    entries->lines = scan->line;
    return status;
}

static enum ocelot_status read_entries(struct ocelot_scan *scan, struct entries *entries)
{
    struct ocelot_word word;
    if (!ocelot_scan_filled_line(scan))
        return OCELOT_OK; /* an empty .scale file: nothing is scaled */
    struct ocelot_scan before = *scan;
    ocelot_scan_word(scan, &word);
    if (ocelot_word_is(word, "x") || ocelot_word_is(word, "y"))
        return read_svm_scale(scan, word, entries);
    *scan = before;
    if (*word.text != '-' && *word.text != '+' && *word.text != '.' && !(*word.text >= '0' && *word.text <= '9'))
        return ocelot_scan_fail(scan, &word, "x or y (a range file of svm-scale) or lines of center and scale (a .scale file of R's e1071)");
    return read_e1071(scan, entries);
}

/* A support vector that is not 0 where the file drops the feature was not scaled by this file. */
static enum ocelot_status check_dropped(const struct ocelot_machine *m, size_t i, const char *name, struct ocelot_error *err)
{
    for (size_t j = 0; j < m->count; j++)
        if (m->support[j * m->width + i] != 0)
            return ocelot_fail(err, OCELOT_E_FORMAT,
                               "%s:1: found no range for feature %ld, expected one, as support vector %zu has it (is this the model's range file?)",
                               name, m->first + (long)i, j + 1);
    return OCELOT_OK;
}

/* A model trained on scaled rows kept their quantiles; beside raw values they must be raw. */
static void unscale_quantiles(struct ocelot_machine *m)
{
    double *quantiles[] = {m->card.low, m->card.median, m->card.high};
    for (size_t k = 0; k < sizeof quantiles / sizeof *quantiles; k++)
        for (size_t i = 0; quantiles[k] && i < m->width; i++)
            quantiles[k][i] = ocelot_machine_raw(m, i, quantiles[k][i]);
}

static enum ocelot_status apply(struct ocelot_machine *m, const struct entries *entries, const char *name, size_t limit, struct ocelot_error *err)
{
    long last = entries->list[entries->count - 1].index, first = entries->list[0].index;
    long model_last = m->first + (long)m->width - 1;
    enum ocelot_status status = ocelot_machine_widen(m, first < m->first ? first : m->first, last > model_last ? last : model_last, limit, err);
    if (status != OCELOT_OK)
        return status;
    if (!entries->drops && (m->first != 1 || entries->lines < m->width))
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: found %zu lines, expected one for each of the %zu features of the model", name,
                           entries->lines, entries->lines, m->width);
    double *center = ocelot_allocate(m->width, sizeof *center), *factor = ocelot_allocate(m->width, sizeof *factor);
    char *scaling = ocelot_allocate(32, 1);
    if (!center || !factor || !scaling) {
        free(center);
        free(factor);
        free(scaling);
        return ocelot_fail_memory(err, "the scaling");
    }
    for (size_t k = 0; entries->scaling[k]; k++)
        scaling[k] = entries->scaling[k];
    free(m->card.center);
    free(m->card.factor);
    free(m->card.scaling);
    m->card.center = center;
    m->card.factor = factor;
    m->card.scaling = scaling;
    m->absent_factor = entries->drops ? 0 : 1;
    for (size_t i = 0; i < m->width; i++)
        factor[i] = m->absent_factor;
    for (size_t k = 0; k < entries->count; k++) {
        size_t i = (size_t)(entries->list[k].index - m->first);
        center[i] = entries->list[k].center;
        factor[i] = entries->list[k].factor;
    }
    for (size_t i = 0; status == OCELOT_OK && i < m->width; i++)
        if (factor[i] == 0)
            status = check_dropped(m, i, name, err);
    unscale_quantiles(m);
    return status;
}

enum ocelot_status ocelot_range_apply_memory(struct ocelot_machine *machine, const char *bytes, size_t size, const char *name, size_t memory_limit,
                                             struct ocelot_error *err)
{
    struct ocelot_scan scan = ocelot_scan_open(bytes, size, name, err);
    struct entries entries = {0};
    enum ocelot_status status = read_entries(&scan, &entries);
    if (status == OCELOT_OK && entries.drops && entries.count == 0)
        status = ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: found no feature, expected lines of index, min and max", name, scan.line);
    if (status == OCELOT_OK && entries.count > 0 && machine->card.center)
        status = ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: the model brings its own scaling (%s); a range file is for models that have none", name,
                             machine->card.scaling);
    if (status == OCELOT_OK && entries.count > 0)
        status = apply(machine, &entries, name, memory_limit, err);
    free(entries.list);
    return status;
}

enum ocelot_status ocelot_range_apply(struct ocelot_machine *machine, const char *path, size_t memory_limit, struct ocelot_error *err)
{
    char *bytes;
    size_t size;
    enum ocelot_status status = ocelot_file_read(path, memory_limit, &bytes, &size, err);
    if (status != OCELOT_OK)
        return status;
    status = ocelot_range_apply_memory(machine, bytes, size, path, memory_limit, err);
    free(bytes);
    return status;
}
