#include "stream/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"

static enum ocelot_status add(struct ocelot_names *names, const char *text, size_t length, struct ocelot_error *err)
{
    names->names[names->count] = ocelot_copy_text(text, length);
    if (!names->names[names->count]) {
        return ocelot_fail_memory(err, "column names");
    }
    names->count++;
    return OCELOT_OK;
}

enum ocelot_status ocelot_names_split(struct ocelot_names *names, const struct ocelot_option_list *list, struct ocelot_error *err)
{
    size_t most = list->count;
    for (size_t k = 0; k < list->count; k++) {
        for (const char *c = list->text[k]; *c; c++) {
            most += *c == ',';
        }
    }
    names->names = ocelot_allocate(most, sizeof *names->names);
    if (!names->names) {
        return ocelot_fail_memory(err, "column names");
    }
    for (size_t k = 0; k < list->count; k++) {
        for (const char *text = list->text[k];; text++) {
            size_t length = strcspn(text, ",");
            enum ocelot_status status = length ? add(names, text, length, err) : OCELOT_OK;
            if (status) {
                return status;
            }
            text += length;
            if (!*text) {
                break;
            }
        }
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_names_features(struct ocelot_names *names, const struct ocelot_model *model, struct ocelot_error *err)
{
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    names->names = ocelot_allocate(info.features, sizeof *names->names);
    if (!names->names) {
        return ocelot_fail_memory(err, "column names");
    }
    for (size_t i = 0; i < info.features; i++) {
        const char *name = ocelot_model_feature(model, i).name;
        enum ocelot_status status = add(names, name, strlen(name), err);
        if (status) {
            return status;
        }
    }
    return OCELOT_OK;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum ocelot_status ocelot_names_match(const struct ocelot_names *names, const struct ocelot_model *model, bool *match, struct ocelot_error *err)
{
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    *match = names->count == info.features;
    if (!*match) {
        return OCELOT_OK;
    }
    const char **ours = ocelot_allocate(names->count, sizeof *ours), **theirs = ocelot_allocate(names->count, sizeof *theirs);
    enum ocelot_status status = OCELOT_OK;
    if (!ours || !theirs) {
        status = ocelot_fail_memory(err, "column names");
        goto done;
    }
    for (size_t i = 0; i < names->count; i++) {
        ours[i] = names->names[i];
        theirs[i] = ocelot_model_feature(model, i).name;
    }
    qsort(ours, names->count, sizeof *ours, compare);
    qsort(theirs, names->count, sizeof *theirs, compare);
    for (size_t i = 0; *match && i < names->count; i++) {
        *match = strcmp(ours[i], theirs[i]) == 0;
    }
done:
    free(ours);
    free(theirs);
    return status;
}

void ocelot_names_free(struct ocelot_names *names)
{
    for (size_t k = 0; k < names->count; k++) {
        free(names->names[k]);
    }
    free(names->names);
    *names = (struct ocelot_names){0};
}

bool ocelot_names_none(const struct ocelot_model *model)
{
    struct ocelot_model_info info;
    ocelot_model_describe(model, &info);
    for (size_t i = 0; i < info.features; i++) {
        struct ocelot_feature feature = ocelot_model_feature(model, i);
        char name[32];
        snprintf(name, sizeof name, "f%ld", feature.index);
        if (strcmp(name, feature.name) != 0) {
            return false;
        }
    }
    return true;
}
