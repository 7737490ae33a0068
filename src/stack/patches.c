#include "stack/patches.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/size.h"
#include "svm/calibrate.h"
#include "svm/patch.h"

static enum ocelot_status check(const double *images, const struct ocelot_split *split, size_t size, struct ocelot_error *err)
{
    size_t total = split->train_count + split->held_count;
    for (size_t i = 0; i < total; i++)
        for (size_t k = 0; k < size; k++)
            if (!isfinite(images[i * size + k]))
                return ocelot_fail(err, OCELOT_E_VALUE, "row %zu, column %zu: found a value that is missing or infinite, expected a number", i + 1,
                                   k + 1);
    return OCELOT_OK;
}

enum ocelot_status ocelot_patches_draw(const struct ocelot_machine_patch *patch, const double *images, const struct ocelot_split *split, size_t seed,
                                       size_t *count, double **out, struct ocelot_error *err)
{
    size_t down, across, total, values, taken = 0, width = ocelot_patch_width(patch), size = ocelot_patch_image(patch);
    struct ocelot_rng rng;
    if (!ocelot_patch_positions(patch, &down, &across) || !ocelot_size_multiply(down * across, split->train_count, &total))
        return ocelot_fail(err, OCELOT_E_SHAPE, "found too many patches");
    *count = total < *count ? total : *count;
    double *patches = ocelot_size_multiply(*count, width, &values) ? ocelot_allocate(values, sizeof *patches) : NULL;
    uint32_t *map = ocelot_allocate(width, sizeof *map);
    enum ocelot_status status = OCELOT_OK;
    if (!patches || !map) {
        status = ocelot_fail_memory(err, "the patches");
        goto done;
    }
    status = check(images, split, size, err);
    ocelot_rng_seed(&rng, seed);
    /* each of what is left is taken with the probability that fills the sample (Knuth, algorithm S) */
    for (size_t t = 0; status == OCELOT_OK && taken < *count; t++) {
        if (ocelot_rng_below(&rng, total - t) >= *count - taken)
            continue;
        const double *image = images + split->train[t / (down * across)] * size;
        ocelot_patch_map(patch, t % (down * across), map);
        for (size_t i = 0; i < width; i++)
            patches[taken * width + i] = image[map[i]];
        taken++;
    }
done:
    free(map);
    if (status != OCELOT_OK) {
        free(patches);
        return status;
    }
    *out = patches;
    return OCELOT_OK;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The sorted scores of the held-out rows. */
static enum ocelot_status score(const struct ocelot_model *model, const double *rows, const struct ocelot_split *split, double *scores,
                                struct ocelot_error *err)
{
    struct ocelot_plan *plan = NULL;
    struct ocelot_workspace *w = NULL;
    enum ocelot_status status = ocelot_plan_create_score(model, NULL, &plan, err);
    if (status == OCELOT_OK)
        status = ocelot_workspace_create(plan, &w, err);
    for (size_t k = 0; status == OCELOT_OK && k < split->held_count; k++) {
        struct ocelot_decision decision;
        status = ocelot_score(plan, w, rows + split->held[k] * model->feature_count, 1, &decision, err);
        scores[k] = decision.status == OCELOT_OK ? fmin(decision.outlier_score, DBL_MAX) : DBL_MAX;
    }
    ocelot_workspace_free(w);
    ocelot_plan_free(plan);
    qsort(scores, split->held_count, sizeof *scores, ascending);
    return status;
}

enum ocelot_status ocelot_patches_calibrate(struct ocelot_model *model, const double *rows, const struct ocelot_split *split,
                                            const struct ocelot_train_options *options, struct ocelot_error *err)
{
    struct ocelot_machine *machine = model->source;
    double border, *scores = ocelot_allocate(split->held_count ? split->held_count : 1, sizeof *scores);
    if (!scores)
        return ocelot_fail_memory(err, "the scores of the held-out images");
    enum ocelot_status status = score(model, rows, split, scores, err);
    if (status == OCELOT_OK && ocelot_machine_border(scores, split->held_count, options->nu, &border))
        model->info.threshold = machine->card.patch.threshold = border;
    else if (status == OCELOT_OK)
        status =
            ocelot_model_warn(model, err, "%zu held-out images are too few for nu %g: there is no threshold, and no image is an outlier by its score",
                              split->held_count, options->nu);
    machine->card.training.holdout = options->holdout;
    if (status == OCELOT_OK && split->held_count)
        return ocelot_machine_keep_scores(model, scores, split->held_count, err);
    free(scores);
    return status;
}
