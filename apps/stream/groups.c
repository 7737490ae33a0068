#include "stream/groups.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"
#include "stream/gallery.h"

/* Appends the entry of a feature, whose group's name the caller then appends to the texts, with its terminator. */
static void enter(struct ocelot_groups *groups, struct ocelot_group_entries *entries, size_t feature)
{
    entries->entry[entries->count++] = (struct ocelot_group_entry){.name = groups->texts.length, .feature = feature};
}

static enum ocelot_status by_prefix(struct ocelot_groups *groups, struct ocelot_group_entries *entries, const char *separator,
                                    const struct ocelot_model *model, struct ocelot_error *err)
{
    if (!*separator) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--groups prefix:SEP: what separates a group's name from the rest is missing, such as prefix:_");
    }
    entries->keep_lone = true;
    for (size_t i = 0; i < groups->features; i++) {
        const char *name = ocelot_model_feature(model, i).name, *end = strstr(name, separator);
        if (end == name) {
            continue; /* nothing stands before it */
        }
        enter(groups, entries, i); /* without a separator: the feature called as the group belongs to it, too */
        ocelot_text_append(&groups->texts, name, end ? (size_t)(end - name) : strlen(name));
        ocelot_text_append(&groups->texts, "", 1);
    }
    return OCELOT_OK;
}

/* A whole number from 1 behind the colon. */
static enum ocelot_status read_count(const char *text, const char *kind, size_t *out, struct ocelot_error *err)
{
    long long number = 0;
    const char *end = text + strlen(text);
    if (ocelot_integer_parse(text, end, &number) != end || number < 1 || number > 1000000000) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "--groups %s:N: found \"%.40s\", expected a whole number from 1", kind, text);
    }
    *out = (size_t)number;
    return OCELOT_OK;
}

static enum ocelot_status by_block(struct ocelot_groups *groups, struct ocelot_group_entries *entries, const char *text,
                                   const struct ocelot_model *model, struct ocelot_error *err)
{
    size_t block = 1;
    enum ocelot_status status = read_count(text, "blocks", &block, err);
    entries->keep_lone = true;
    for (size_t i = 0; i < groups->features && !status; i++) {
        size_t first = i - i % block, last = groups->features - first < block ? groups->features - 1 : first + block - 1;
        enter(groups, entries, i);
        ocelot_text_string(&groups->texts, ocelot_model_feature(model, first).name);
        ocelot_text_string(&groups->texts, "..");
        ocelot_text_string(&groups->texts, ocelot_model_feature(model, last).name);
        ocelot_text_append(&groups->texts, "", 1);
    }
    return status;
}

static enum ocelot_status by_patch(struct ocelot_groups *groups, struct ocelot_group_entries *entries, const char *text,
                                   const struct ocelot_model *model, struct ocelot_error *err)
{
    size_t side = 1, shape[3];
    enum ocelot_status status = read_count(text, "patches", &side, err);
    ocelot_gallery_shape(model, shape);
    if (!status && shape[0] * shape[1] * shape[2] != groups->features) {
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                           "--groups patches: the model does not say that its rows are pictures; blocks:N groups "
                           "consecutive features of any row, and a file says which belong together");
    }
    entries->keep_lone = true;
    for (size_t i = 0; i < groups->features && !status; i++) {
        size_t row = i / shape[2] % shape[1], column = i % shape[2];
        enter(groups, entries, i);
        ocelot_text_format(&groups->texts, "patch %zu,%zu", row / side, column / side);
        ocelot_text_append(&groups->texts, "", 1);
    }
    return status;
}

static enum ocelot_status by_segment(struct ocelot_groups *groups, struct ocelot_group_entries *entries, const char *text,
                                     const struct ocelot_model *model, struct ocelot_error *err)
{
    (void)groups;
    (void)entries;
    (void)text;
    (void)model;
    return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                       "--groups superpixels: segments differ from picture to picture, groups are those of all rows; methods that "
                       "segment pictures take --set segments=N, and --groups patches:N takes squares");
}

/* What the text before a colon means; anything else is a file. */
static const struct {
    const char *word;
    enum ocelot_status (*fill)(struct ocelot_groups *groups, struct ocelot_group_entries *entries, const char *text, const struct ocelot_model *model,
                               struct ocelot_error *err);
} kinds[] = {{"prefix:", by_prefix}, {"blocks:", by_block}, {"patches:", by_patch}, {"superpixels", by_segment}};

static int by_name(const void *a, const void *b)
{
    const struct ocelot_group_entry *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->feature > y->feature) - (x->feature < y->feature);
}

/* Runs of equal names are groups; `leader` [features] receives the first feature of each feature's group, `entry_of` [features] an entry of the group
 * or SIZE_MAX where the feature is called by its own name. */
static void gather(const struct ocelot_group_entries *entries, size_t features, size_t *leader, size_t *entry_of)
{
    for (size_t i = 0; i < features; i++) {
        leader[i] = i;
        entry_of[i] = SIZE_MAX;
    }
    for (size_t k = 0, next; k < entries->count; k = next) {
        for (next = k; next < entries->count && strcmp(entries->entry[next].text, entries->entry[k].text) == 0; next++) {
            leader[entries->entry[next].feature] = entries->entry[k].feature;
        }
        if (next - k > 1 || !entries->keep_lone) {
            entry_of[entries->entry[k].feature] = k;
        }
    }
}

static void number(struct ocelot_groups *groups, const struct ocelot_group_entries *entries, const size_t *leader, const size_t *entry_of,
                   const struct ocelot_model *model)
{
    for (size_t i = 0; i < groups->features; i++) {
        if (leader[i] == i) {
            groups->of[i] = groups->count++;
            groups->first[groups->of[i]] = i;
            groups->names[groups->of[i]] = entry_of[i] == SIZE_MAX ? ocelot_model_feature(model, i).name : entries->entry[entry_of[i]].text;
        }
        groups->of[i] = groups->of[leader[i]]; /* the leader is the first: it has its number */
        groups->size[groups->of[i]]++;
    }
}

static enum ocelot_status settle(struct ocelot_groups *groups, struct ocelot_group_entries *entries, const struct ocelot_model *model,
                                 struct ocelot_error *err)
{
    size_t d = groups->features;
    size_t *leader = ocelot_allocate(d, sizeof *leader), *entry_of = ocelot_allocate(d, sizeof *entry_of);
    enum ocelot_status status = OCELOT_OK;
    if (!leader || !entry_of || groups->texts.failed) {
        status = ocelot_fail_memory(err, "the groups");
        goto done;
    }
    for (size_t k = 0; k < entries->count; k++) {
        entries->entry[k].text = groups->texts.bytes + entries->entry[k].name; /* which no longer move */
    }
    qsort(entries->entry, entries->count, sizeof *entries->entry, by_name);
    gather(entries, d, leader, entry_of);
    number(groups, entries, leader, entry_of, model);
done:
    free(leader);
    free(entry_of);
    return status;
}

enum ocelot_status ocelot_groups_make(struct ocelot_groups *groups, const char *text, const struct ocelot_model *model, struct ocelot_error *err)
{
    struct ocelot_model_info info;
    struct ocelot_group_entries entries = {0};
    size_t kind = 0;
    ocelot_model_describe(model, &info);
    groups->features = info.features;
    groups->of = ocelot_allocate(info.features, sizeof *groups->of);
    groups->size = ocelot_allocate(info.features, sizeof *groups->size);
    groups->first = ocelot_allocate(info.features, sizeof *groups->first);
    groups->names = ocelot_allocate(info.features, sizeof *groups->names);
    entries.entry = ocelot_allocate(info.features, sizeof *entries.entry);
    if (!groups->of || !groups->size || !groups->first || !groups->names || !entries.entry) {
        free(entries.entry);
        return ocelot_fail_memory(err, "the groups");
    }
    while (kind < sizeof kinds / sizeof *kinds && strncmp(text, kinds[kind].word, strlen(kinds[kind].word)) != 0) {
        kind++;
    }
    enum ocelot_status status = kind < sizeof kinds / sizeof *kinds ? kinds[kind].fill(groups, &entries, text + strlen(kinds[kind].word), model, err)
                                                                    : ocelot_groups_read(groups, &entries, text, model, err);
    status = status ? status : settle(groups, &entries, model, err);
    if (!status && entries.keep_lone && groups->count == groups->features && groups->features > 1) {
        status = ocelot_fail(err, OCELOT_E_ARGUMENT, "--groups %.60s: no two features come together", text);
    }
    free(entries.entry);
    return status;
}

void ocelot_groups_free(struct ocelot_groups *groups)
{
    free(groups->of);
    free(groups->size);
    free(groups->first);
    free(groups->names);
    ocelot_text_free(&groups->texts);
    *groups = (struct ocelot_groups){0};
}

/* Groups are numbered by their first feature, which is never before the group's own place: so all of these may work in place. */
void ocelot_groups_pick(const struct ocelot_groups *groups, const double *values, double *out)
{
    for (size_t k = 0; k < groups->count; k++) {
        out[k] = groups->size[k] == 1 ? values[groups->first[k]] : (double)NAN;
    }
}

void ocelot_groups_sum(const struct ocelot_groups *groups, const double *values, double *out)
{
    for (size_t i = 0; i < groups->features; i++) {
        size_t group = groups->of[i];
        out[group] = i == groups->first[group] ? values[i] : out[group] + values[i];
    }
}

void ocelot_groups_level(const struct ocelot_groups *groups, double *values, double *room)
{
    ocelot_groups_sum(groups, values, room);
    for (size_t i = 0; i < groups->features; i++) {
        values[i] = room[groups->of[i]] / (double)groups->size[groups->of[i]];
    }
}
