/* A file of groups: lines `group,feature`. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "io/csv_fields.h"
#include "io/source.h"
#include "stream/feed.h"
#include "stream/groups.h"
#include "stream/names.h"

enum { LINE_MOST = 1 << 20 };

struct named {
    const char *name;
    size_t feature;
};

struct reading {
    struct ocelot_groups *groups;
    struct ocelot_group_entries *entries;
    struct ocelot_source *source;
    struct named *features; /* by name */
    size_t *line_of;        /* [features] where each was named, 0 = nowhere */
    bool unnamed;           /* f1, f2, ... */
};

static int compare(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static const struct named *find(const struct reading *reading, const char *name)
{
    const struct named wanted = {.name = name};
    return bsearch(&wanted, reading->features, reading->groups->features, sizeof *reading->features, compare);
}

/* The feature of that name; of models that know LIBSVM's indices only, 3 is f3. */
static const struct named *find_feature(const struct reading *reading, const char *name, struct ocelot_text *room)
{
    const struct named *found = find(reading, name);
    if (found || !reading->unnamed) {
        return found;
    }
    ocelot_text_clear(room);
    ocelot_text_string(room, "f");
    ocelot_text_string(room, name);
    return room->failed ? NULL : find(reading, room->bytes);
}

static enum ocelot_status refuse(const struct reading *reading, size_t line, const char *what, const char *found, struct ocelot_error *err)
{
    return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: %s%.100s", ocelot_source_name(reading->source), line, what, found);
}

/* One line that is no comment, whose fields are texts. */
static enum ocelot_status take_pair(struct reading *reading, const struct ocelot_line *line, const char *group, const char *name,
                                    struct ocelot_text *room, struct ocelot_error *err)
{
    struct ocelot_groups *groups = reading->groups;
    if (line->number == 1 && strcmp(group, "group") == 0 && strcmp(name, "feature") == 0) {
        return OCELOT_OK;
    }
    if (!*group || !*name) {
        return refuse(reading, line->number, *group ? "the feature's name is empty" : "the group's name is empty", "", err);
    }
    const struct named *found = find_feature(reading, name, room);
    if (room->failed) {
        return ocelot_fail_memory(err, "the groups");
    }
    if (!found) {
        return refuse(reading, line->number, "the model has no feature called ", name, err);
    }
    size_t before = reading->line_of[found->feature];
    if (before) {
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: feature %.100s is in a group already, by line %zu", ocelot_source_name(reading->source),
                           line->number, name, before);
    }
    reading->line_of[found->feature] = line->number;
    reading->entries->entry[reading->entries->count++] =
        (struct ocelot_group_entry){.name = groups->texts.length, .feature = found->feature, .line = line->number};
    ocelot_text_append(&groups->texts, group, strlen(group) + 1);
    return groups->texts.failed ? ocelot_fail_memory(err, "the groups") : OCELOT_OK;
}

static enum ocelot_status take_line(struct reading *reading, const struct ocelot_line *line, struct ocelot_text fields[3], struct ocelot_error *err)
{
    struct ocelot_csv_cursor cursor = ocelot_csv_begin(line, ',');
    struct ocelot_csv_field field;
    size_t count = 0;
    if (line->length && line->text[0] == '#') {
        return OCELOT_OK;
    }
    while (ocelot_csv_next(&cursor, &field)) {
        if (field.broken) {
            return refuse(reading, line->number, "something stands between a closing quote and the comma", "", err);
        }
        if (count < 2) {
            ocelot_text_clear(&fields[count]);
            ocelot_text_string(&fields[count], "");
            ocelot_csv_text(&field, &fields[count]);
        }
        count++;
    }
    if (fields[0].failed || fields[1].failed) {
        return ocelot_fail_memory(err, "the groups");
    }
    if (count != 2) {
        return ocelot_fail(err, OCELOT_E_FORMAT, "%s:%zu: found %zu field%s, expected two: group,feature", ocelot_source_name(reading->source),
                           line->number, count, count == 1 ? "" : "s");
    }
    return take_pair(reading, line, fields[0].bytes, fields[1].bytes, &fields[2], err);
}

/* Two columns of one name could not be told apart. */
static enum ocelot_status check_names(const struct reading *reading, struct ocelot_error *err)
{
    for (size_t k = 0; k < reading->entries->count; k++) {
        const struct ocelot_group_entry *entry = &reading->entries->entry[k];
        const struct named *same = find(reading, reading->groups->texts.bytes + entry->name);
        if (same && !reading->line_of[same->feature]) {
            return refuse(reading, entry->line, "the group has the name of a feature that is in no group: ", same->name, err);
        }
    }
    return reading->entries->count ? OCELOT_OK
                                   : ocelot_fail(err, OCELOT_E_FORMAT, "%s: found no line group,feature", ocelot_source_name(reading->source));
}

static enum ocelot_status read_all(struct reading *reading, struct ocelot_error *err)
{
    struct ocelot_lines lines = {.source = reading->source, .max = LINE_MOST, .delimiter = ','};
    struct ocelot_text fields[3] = {{0}, {0}, {0}};
    enum ocelot_status status = OCELOT_OK;
    while (!status) {
        struct ocelot_line line;
        enum ocelot_next next = OCELOT_NEXT_END;
        status = ocelot_lines_peek_filled(&lines, true, &line, &next, err);
        if (status || next != OCELOT_NEXT_ROW) {
            break;
        }
        status = take_line(reading, &line, fields, err);
        ocelot_lines_take(&lines, &line);
    }
    for (size_t k = 0; k < 3; k++) {
        ocelot_text_free(&fields[k]);
    }
    return status ? status : check_names(reading, err);
}

enum ocelot_status ocelot_groups_read(struct ocelot_groups *groups, struct ocelot_group_entries *entries, const char *path,
                                      const struct ocelot_model *model, struct ocelot_error *err)
{
    struct reading reading = {.groups = groups, .entries = entries, .unnamed = ocelot_names_none(model)};
    enum ocelot_status status = OCELOT_OK;
    reading.features = ocelot_allocate(groups->features, sizeof *reading.features);
    reading.line_of = ocelot_allocate(groups->features, sizeof *reading.line_of);
    if (!reading.features || !reading.line_of) {
        status = ocelot_fail_memory(err, "the groups");
        goto done;
    }
    for (size_t i = 0; i < groups->features; i++) {
        reading.features[i] = (struct named){.name = ocelot_model_feature(model, i).name, .feature = i};
    }
    qsort(reading.features, groups->features, sizeof *reading.features, compare);
    status = ocelot_source_open(path, &reading.source, err);
    status = status ? status : read_all(&reading, err);
    ocelot_source_close(reading.source);
done:
    free(reading.features);
    free(reading.line_of);
    return status;
}
