#include "analysis/deletion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/background.h"
#include "base/error.h"
#include "base/size.h"

/* What a reference is made from. */
struct source {
    const struct ocelot_deletion *deletion;
    const struct ocelot_mask *mask;
    const struct ocelot_plan *plan;
    struct ocelot_workspace *workspace;
    const double *row;
    double *scratch;
};

struct ocelot_deletion_kind {
    const char *name;
    bool (*is_there)(const struct ocelot_deletion *deletion, const struct ocelot_mask *mask);
    void (*fill)(const struct source *source, double *out);
    const char *missing; /* why it is not */
};

static bool has_expected(const struct ocelot_deletion *deletion, const struct ocelot_mask *mask)
{
    (void)mask;
    return deletion->is_expected;
}

static bool has_image(const struct ocelot_deletion *deletion, const struct ocelot_mask *mask)
{
    (void)deletion;
    return mask->height > 0;
}

static bool has_mean(const struct ocelot_deletion *deletion, const struct ocelot_mask *mask)
{
    (void)mask;
    return deletion->mean != NULL;
}

static bool always(const struct ocelot_deletion *deletion, const struct ocelot_mask *mask)
{
    (void)deletion, (void)mask;
    return true;
}

static void fill_expected(const struct source *source, double *out)
{
    if (ocelot_expected(source->plan, source->workspace, source->row, NULL, source->mask->features, out, NULL) != OCELOT_OK)
        memcpy(out, source->row, source->mask->features * sizeof *out); /* rows that are not finite do not come here */
}

static void fill_blur(const struct source *source, double *out)
{
    ocelot_mask_blur(source->mask, source->row, source->deletion->blur, source->scratch, out);
}

static void fill_mean(const struct source *source, double *out)
{
    memcpy(out, source->deletion->mean, source->mask->features * sizeof *out);
}

static void fill_zero(const struct source *source, double *out)
{
    memset(out, 0, source->mask->features * sizeof *out);
}

/* In the order in which auto asks. */
static const struct ocelot_deletion_kind kinds[] = {
    {"expected", has_expected, fill_expected, "this model does not tell what it expects of a feature; use reference=mean with background rows"},
    {"blur", has_image, fill_blur, "rows of this model are not images; use reference=expected or mean"},
    {"mean", has_mean, fill_mean, "it needs background rows: rows of normal data (--background FILE)"},
    {"zero", always, fill_zero, ""},
};

/* Whether the model has expected values for every feature: asked at a row of zeros. */
static enum ocelot_status probe(const struct ocelot_plan *plan, size_t features, bool *is_expected, struct ocelot_error *err)
{
    struct ocelot_workspace *workspace = NULL;
    double *row = ocelot_allocate(features, 2 * sizeof *row), *out = row ? row + features : NULL;
    enum ocelot_status status = row ? ocelot_workspace_create(plan, &workspace, err) : ocelot_fail_memory(err, "a row");
    if (status == OCELOT_OK)
        status = ocelot_expected(plan, workspace, row, NULL, features, out, err);
    *is_expected = status == OCELOT_OK;
    for (size_t i = 0; *is_expected && out && i < features; i++)
        *is_expected = isfinite(out[i]);
    ocelot_workspace_free(workspace);
    free(row);
    return status;
}

enum ocelot_status ocelot_deletion_choose(const struct ocelot_plan *plan, const char *name, const struct ocelot_mask *mask, double blur,
                                          struct ocelot_deletion *out, struct ocelot_error *err)
{
    bool automatic = strcmp(name, "auto") == 0;
    *out = (struct ocelot_deletion){.blur = blur > 0 ? blur : fmax(1, (double)(mask->height > mask->width ? mask->height : mask->width) / 8)};
    enum ocelot_status status = probe(plan, mask->features, &out->is_expected, err);
    if (status != OCELOT_OK)
        return status;
    if (ocelot_view_background(plan).count > 0) {
        out->mean = ocelot_allocate(mask->features, sizeof *out->mean);
        if (!out->mean)
            return ocelot_fail_memory(err, "the background's mean");
        ocelot_background_moments(plan, out->mean, NULL);
    }
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && !out->kind; k++) {
        bool is_there = kinds[k].is_there(out, mask);
        if (is_there && (automatic || strcmp(name, kinds[k].name) == 0))
            out->kind = &kinds[k];
        else if (!automatic && strcmp(name, kinds[k].name) == 0)
            return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "meaningful-perturbation, reference=%s: %s", name, kinds[k].missing);
    }
    return OCELOT_OK;
}

void ocelot_deletion_clear(struct ocelot_deletion *deletion)
{
    free(deletion->mean);
    deletion->mean = NULL;
}

void ocelot_deletion_reference(const struct ocelot_deletion *deletion, const struct ocelot_mask *mask, const struct ocelot_plan *plan,
                               struct ocelot_workspace *workspace, const double *row, double *scratch, double *out)
{
    struct source source = {.deletion = deletion, .mask = mask, .plan = plan, .workspace = workspace, .row = row};
    source.scratch = scratch;
    deletion->kind->fill(&source, out);
}
