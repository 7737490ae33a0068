/* Who was to blame, and when. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "ocelot/truth.h"

struct incident {
    size_t first, end, count;
    size_t at; /* in `blamed` of the truth, which moves while it grows */
};

struct ocelot_truth {
    size_t features, count, capacity, blamed_count, blamed_capacity;
    struct incident *incidents; /* in the order of `first` */
    size_t *blamed;
    bool *seen; /* [features] of the incident that is being checked; all false between */
};

enum ocelot_status ocelot_truth_create(size_t features, struct ocelot_truth **out, struct ocelot_error *err)
{
    struct ocelot_truth *truth = ocelot_allocate(1, sizeof *truth);
    if (!truth)
        return ocelot_fail_memory(err, "the truth");
    truth->features = features;
    truth->seen = ocelot_allocate(features, sizeof *truth->seen);
    if (!truth->seen) {
        free(truth);
        return ocelot_fail_memory(err, "the truth");
    }
    *out = truth;
    return OCELOT_OK;
}

void ocelot_truth_free(struct ocelot_truth *truth)
{
    if (truth) {
        free(truth->incidents);
        free(truth->blamed);
        free(truth->seen);
        free(truth);
    }
}

static enum ocelot_status check(struct ocelot_truth *truth, size_t first, size_t end, const size_t *blamed, size_t count, struct ocelot_error *err)
{
    if (first >= end)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "an incident begins at row %zu and ends before row %zu: it has no rows", first, end);
    enum ocelot_status status = OCELOT_OK;
    size_t k = 0;
    for (; k < count && !status; k++) {
        if (blamed[k] >= truth->features)
            status = ocelot_fail(err, OCELOT_E_ARGUMENT, "feature %zu is blamed: there are only 0 to %zu", blamed[k], truth->features - 1);
        else if (truth->seen[blamed[k]])
            status = ocelot_fail(err, OCELOT_E_ARGUMENT, "feature %zu is blamed twice", blamed[k]);
        else
            truth->seen[blamed[k]] = true;
    }
    while (k-- > 0)
        if (blamed[k] < truth->features)
            truth->seen[blamed[k]] = false;
    return status;
}

/* Room for `count` more elements of `size` bytes: the block, perhaps moved, or NULL. */
static void *reserve(void *block, size_t used, size_t count, size_t *capacity, size_t size)
{
    size_t needed = 0, room = *capacity;
    if (!ocelot_size_add(used, count, &needed))
        return NULL;
    if (block && needed <= room)
        return block;
    room = room > needed / 2 ? 2 * room : needed;
    void *more = ocelot_reallocate(block, room ? room : 1, size);
    if (more)
        *capacity = room;
    return more;
}

enum ocelot_status ocelot_truth_add(struct ocelot_truth *truth, size_t first, size_t end, const size_t *blamed, size_t count,
                                    struct ocelot_error *err)
{
    enum ocelot_status status = check(truth, first, end, blamed, count, err);
    if (status)
        return status;
    struct incident *incidents = reserve(truth->incidents, truth->count, 1, &truth->capacity, sizeof *incidents);
    truth->incidents = incidents ? incidents : truth->incidents;
    size_t *all = reserve(truth->blamed, truth->blamed_count, count, &truth->blamed_capacity, sizeof *all);
    truth->blamed = all ? all : truth->blamed;
    if (!incidents || !all)
        return ocelot_fail_memory(err, "the truth");
    size_t place = truth->count++;
    for (; place > 0 && truth->incidents[place - 1].first > first; place--)
        truth->incidents[place] = truth->incidents[place - 1];
    truth->incidents[place] = (struct incident){first, end, count, truth->blamed_count};
    if (count)
        memcpy(truth->blamed + truth->blamed_count, blamed, count * sizeof *blamed);
    truth->blamed_count += count;
    return OCELOT_OK;
}

size_t ocelot_truth_features(const struct ocelot_truth *truth)
{
    return truth->features;
}

size_t ocelot_truth_incidents(const struct ocelot_truth *truth)
{
    return truth->count;
}

struct ocelot_truth_incident ocelot_truth_incident_at(const struct ocelot_truth *truth, size_t k)
{
    const struct incident *incident = &truth->incidents[k];
    return (struct ocelot_truth_incident){incident->first, incident->end, incident->count, truth->blamed + incident->at};
}

bool ocelot_truth_covers(const struct ocelot_truth *truth, size_t row, size_t *from)
{
    while (*from < truth->count && truth->incidents[*from].end <= row)
        ++*from;
    for (size_t k = *from; k < truth->count && truth->incidents[k].first <= row; k++)
        if (row < truth->incidents[k].end)
            return true;
    return false;
}
