/* Feature groups, --groups: several features that count as one, such as the sensors of a machine or the columns of a one-hot code. */
#ifndef OCELOT_STREAM_GROUPS_H
#define OCELOT_STREAM_GROUPS_H

#include "base/text.h"
#include "ocelot/model.h"

/* Every feature is in one group; features that nobody named stand alone. Groups are numbered by their first feature. */
struct ocelot_groups {
    size_t features, count;
    size_t *of;           /* [features] */
    size_t *size, *first; /* [count] number of features, and the first of them */
    const char **names;   /* [count] of a feature that stands alone its own, which is the model's; else into `texts` */
    struct ocelot_text texts;
};

/* `text` is one of: prefix:SEP, features that share what stands before the first SEP in their names; blocks:N, N consecutive features; patches:N,
 * squares of N x N pixels with all their channels (models whose rows are pictures); else a file of lines `group,feature`: CSV, in which empty
 * lines, lines that begin with # and a first line `group,feature` say nothing. Messages about the file begin with FILE:LINE. Start zeroed; free also
 * after failure. The model must outlive the groups. */
OCELOT_MUST_USE enum ocelot_status ocelot_groups_make(struct ocelot_groups *groups, const char *text, const struct ocelot_model *model,
                                                      struct ocelot_error *err);
void ocelot_groups_free(struct ocelot_groups *groups);

/* out [count] = sums over the members of values [features]. In place is allowed: values and out may be the same. */
void ocelot_groups_sum(const struct ocelot_groups *groups, const double *values, double *out);

/* out [count] = values of features that stand alone, NaN for the others. In place is allowed. */
void ocelot_groups_pick(const struct ocelot_groups *groups, const double *values, double *out);

/* values [features]: each becomes the mean over its group, so that sums stay. `room` [count]. */
void ocelot_groups_level(const struct ocelot_groups *groups, double *values, double *room);

/* --- the kinds of texts, for groups.c ------------------------------------------------------------------------------------------------ */

/* One feature and the group that it belongs to. */
struct ocelot_group_entry {
    size_t name; /* where the group's name begins in `texts` */
    const char *text;
    size_t feature;
    size_t line; /* of the file, or 0 */
};

struct ocelot_group_entries {
    struct ocelot_group_entry *entry; /* [features], of which `count` are there */
    size_t count;
    bool keep_lone; /* a group of one is called as its feature */
};

/* Reads a file of lines `group,feature`. */
OCELOT_MUST_USE enum ocelot_status ocelot_groups_read(struct ocelot_groups *groups, struct ocelot_group_entries *entries, const char *path,
                                                      const struct ocelot_model *model, struct ocelot_error *err);

#endif
