#include "io/csv_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/size.h"
#include "io/excerpt.h"

/* The names in order, so that thousands of columns are found quickly. */
struct entry {
    const char *name;
    size_t column;
};

struct search {
    const struct ocelot_csv_columns *columns;
    const char *where;
    struct entry *sorted; /* [columns->count] */
    bool *taken;          /* [columns->count] by an option */
};

bool ocelot_csv_columns_add(struct ocelot_csv_columns *columns, const char *name, size_t length)
{
    if ((columns->count & (columns->count - 1)) == 0) { /* room doubles at each power of two */
        size_t room;
        if (!ocelot_size_multiply(columns->count > 0 ? columns->count : 1, 2, &room))
            return false;
        char **names = ocelot_reallocate(columns->name, room, sizeof *names);
        if (names == NULL)
            return false;
        columns->name = names;
    }
    char made[32];
    if (name == NULL || length == 0) {
        int written = snprintf(made, sizeof made, "f%zu", columns->count + 1);
        name = made;
        length = (size_t)written;
    }
    char *copy = ocelot_copy_text(name, length);
    if (copy == NULL)
        return false;
    columns->name[columns->count++] = copy;
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : (left->column > right->column) - (left->column < right->column);
}

/* First entry called `name`, or NULL; *again is set when there is another. */
static const struct entry *lookup(const struct search *search, const char *name, bool *again)
{
    size_t low = 0, high = search->columns->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(search->sorted[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == search->columns->count || strcmp(search->sorted[low].name, name) != 0)
        return NULL;
    *again = low + 1 < search->columns->count && strcmp(search->sorted[low + 1].name, name) == 0;
    return &search->sorted[low];
}

/* "'a', 'b', 'c', ... (12 columns)" */
struct list {
    char text[256];
};
static struct list list_names(const struct ocelot_csv_columns *columns)
{
    struct list list = {{0}};
    size_t used = 0;
    for (size_t i = 0; i < columns->count; i++) {
        struct ocelot_excerpt name = ocelot_excerpt_string(columns->name[i]);
        size_t length = strlen(name.text);
        if (used + length + 2 > sizeof list.text - 40) {
            (void)snprintf(list.text + used, sizeof list.text - used, ", ... (%zu columns)", columns->count);
            break;
        }
        used += (size_t)snprintf(list.text + used, sizeof list.text - used, "%s%s", used > 0 ? ", " : "", name.text);
    }
    return list;
}

static enum ocelot_status missing(const struct search *search, const char *name, size_t others, struct ocelot_error *err)
{
    char more[40] = "";
    if (others > 0)
        (void)snprintf(more, sizeof more, " (and %zu other%s)", others, others == 1 ? "" : "s");
    return ocelot_fail(err, OCELOT_E_SHAPE, "%s: column %s%s is missing; the file has %s%s", search->where, ocelot_excerpt_string(name).text, more,
                       list_names(search->columns).text, search->columns->named ? "" : " (no header)");
}

static enum ocelot_status twice(const struct search *search, const char *name, struct ocelot_error *err)
{
    return ocelot_fail(err, OCELOT_E_FORMAT, "%s: two columns are called %s; rename one, or leave both out with --drop", search->where,
                       ocelot_excerpt_string(name).text);
}

/* A column for label, id or nothing: by name, else by its number counted from 1. */
static enum ocelot_status choose(const struct search *search, const char *name, size_t *column, struct ocelot_error *err)
{
    bool again = false;
    long long number = 0;
    const struct entry *entry = lookup(search, name, &again);
    const char *end = name + strlen(name);
    if (again)
        return twice(search, name, err);
    if (entry != NULL)
        *column = entry->column;
    else if (ocelot_integer_parse(name, end, &number) == end && number >= 1 && (unsigned long long)number <= search->columns->count)
        *column = (size_t)number - 1;
    else
        return missing(search, name, 0, err);
    search->taken[*column] = true;
    return OCELOT_OK;
}

static enum ocelot_status drop(const struct search *search, const char *name, struct ocelot_error *err)
{
    size_t column;
    bool again = false;
    const struct entry *entry = lookup(search, name, &again);
    if (!again)
        return choose(search, name, &column, err);
    for (size_t i = (size_t)(entry - search->sorted); i < search->columns->count && strcmp(search->sorted[i].name, name) == 0; i++)
        search->taken[search->sorted[i].column] = true;
    return OCELOT_OK;
}

/* The asked-for columns, by name. */
static enum ocelot_status take_named(struct ocelot_csv_columns *columns, const struct search *search, const struct ocelot_rows_options *options,
                                     struct ocelot_error *err)
{
    const char *absent = NULL;
    size_t absent_count = 0;
    for (size_t i = 0; i < options->column_count; i++) {
        bool again = false;
        const struct entry *entry = lookup(search, options->columns[i], &again);
        if (again)
            return twice(search, options->columns[i], err);
        if (entry == NULL) {
            absent = absent != NULL ? absent : options->columns[i];
            absent_count++;
            continue;
        }
        if (columns->place[entry->column] != OCELOT_CSV_NONE)
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: column %s is asked for twice", search->where,
                               ocelot_excerpt_string(options->columns[i]).text);
        if (search->taken[entry->column] && entry->column != columns->label && entry->column != columns->id)
            return ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: column %s is dropped, but it is a feature%s", search->where,
                               ocelot_excerpt_string(options->columns[i]).text, options->columns_by_position ? " of the model" : "");
        columns->place[entry->column] = i;
        columns->feature[i] = columns->name[entry->column];
    }
    columns->width = options->column_count;
    if (absent != NULL)
        return missing(search, absent, absent_count - 1, err);
    for (size_t i = 0; i < columns->count; i++)
        if (columns->place[i] == OCELOT_CSV_NONE && !search->taken[i])
            columns->ignored[columns->ignored_count++] = columns->name[i];
    return OCELOT_OK;
}

/* Whatever no option took, in the order of the file. */
static enum ocelot_status take_rest(struct ocelot_csv_columns *columns, const struct search *search, const struct ocelot_rows_options *options,
                                    struct ocelot_error *err)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (search->taken[i])
            continue;
        columns->feature[columns->width] = columns->name[i];
        columns->place[i] = columns->width++;
    }
    for (size_t i = 1; i < columns->count; i++) {
        const struct entry *entry = &search->sorted[i];
        if (strcmp(entry->name, entry[-1].name) == 0 && !search->taken[entry->column] && !search->taken[entry[-1].column])
            return twice(search, entry->name, err);
    }
    if (options->columns != NULL && columns->width != options->column_count)
        return ocelot_fail(err, OCELOT_E_SHAPE, "%s: %zu columns where %zu features are expected, and no header to choose by", search->where,
                           columns->width, options->column_count);
    return OCELOT_OK;
}

static enum ocelot_status match(struct ocelot_csv_columns *columns, struct search *search, const struct ocelot_rows_options *options,
                                struct ocelot_error *err)
{
    enum ocelot_status status = OCELOT_OK;
    for (size_t i = 0; i < columns->count; i++) {
        search->sorted[i] = (struct entry){.name = columns->name[i], .column = i};
        columns->place[i] = OCELOT_CSV_NONE;
    }
    qsort(search->sorted, columns->count, sizeof *search->sorted, compare);
    columns->label = columns->id = OCELOT_CSV_NONE;
    if (options->label != NULL)
        status = choose(search, options->label, &columns->label, err);
    if (status == OCELOT_OK && options->id != NULL)
        status = choose(search, options->id, &columns->id, err);
    for (size_t i = 0; status == OCELOT_OK && i < options->drop_count; i++)
        status = drop(search, options->drop[i], err);
    if (status != OCELOT_OK)
        return status;
    if (options->columns != NULL && (columns->named || !options->columns_by_position))
        return take_named(columns, search, options, err);
    return take_rest(columns, search, options, err);
}

enum ocelot_status ocelot_csv_columns_match(struct ocelot_csv_columns *columns, const struct ocelot_rows_options *options, const char *where,
                                            struct ocelot_error *err)
{
    struct search search = {.columns = columns, .where = where};
    size_t features = options->columns != NULL && options->column_count > columns->count ? options->column_count : columns->count;
    columns->place = ocelot_allocate(columns->count, sizeof *columns->place);
    columns->feature = ocelot_allocate(features, sizeof *columns->feature);
    columns->ignored = ocelot_allocate(columns->count, sizeof *columns->ignored);
    search.sorted = ocelot_allocate(columns->count, sizeof *search.sorted);
    search.taken = ocelot_allocate(columns->count, sizeof *search.taken);
    enum ocelot_status status;
    if (columns->place == NULL || columns->feature == NULL || columns->ignored == NULL || search.sorted == NULL || search.taken == NULL)
        status = ocelot_fail_memory(err, "the columns");
    else
        status = match(columns, &search, options, err);
    free(search.sorted);
    free(search.taken);
    return status;
}

void ocelot_csv_columns_free(struct ocelot_csv_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        free(columns->name[i]);
    free(columns->name);
    free(columns->place);
    free(columns->feature);
    free(columns->ignored);
    *columns = (struct ocelot_csv_columns){0};
}
