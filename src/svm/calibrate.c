#include "svm/calibrate.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "svm/forward.h"
#include "svm/machine.h"

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The sorted scores of the held-out rows. A distance that overflows is beyond all others, and a card holds no infinity. */
static enum ocelot_status score(const struct ocelot_model *model, const double *rows, const size_t *held, size_t count, double *scores,
                                struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_machine_scores(model, rows, held, count, scores, err);
    for (size_t k = 0; status == OCELOT_OK && k < count; k++)
        scores[k] = fmin(scores[k], DBL_MAX);
    if (status == OCELOT_OK)
        qsort(scores, count, sizeof *scores, ascending);
    return status;
}

/* The largest of the sorted scores whose p-value is above nu: what lies beyond it has a p-value of at most nu. A hair is added, so that rounding
 * does not put the row that the border was taken from on the wrong side. False where even the least p-value, 1/(n+1), is above nu. */
bool ocelot_machine_border(const double *scores, size_t count, double nu, double *border)
{
    double beyond = floor(nu * (double)(count + 1) + 1e-9) - 1; /* how many held-out rows may lie beyond; 0.1 * 10 must count as 1 */
    if (!(beyond >= 0) || beyond >= (double)count)
        return false;
    double score = scores[count - 1 - (size_t)beyond];
    *border = score + fabs(score) * 1e-9;
    return true;
}

/* rho that puts the threshold at `border`: o* = -log(rho/A) for kernels of a distance; for those of a dot product the score is rho - f, and the
 * threshold is 0. NaN where no such number can be written. */
static double move_rho(const struct ocelot_machine *machine, double sum, double border)
{
    double rho = machine->kernel->profile ? sum * exp(-border) : machine->rho[0] - border;
    return isfinite(rho) && (!machine->kernel->profile || rho >= DBL_MIN) ? rho : NAN;
}

/* Replaces *model by one whose machine has this rho; remembers the solved one. */
static enum ocelot_status rebuild(struct ocelot_model **model, double rho, struct ocelot_error *err)
{
    struct ocelot_machine *machine = NULL;
    struct ocelot_model *moved = NULL;
    enum ocelot_status status = ocelot_machine_copy(ocelot_machine_of(*model), &machine, err);
    if (status != OCELOT_OK)
        return status;
    machine->card.training.solved_rho = machine->rho[0];
    machine->rho[0] = rho;
    status = ocelot_machine_model(machine, (*model)->info.source, &moved, err);
    if (status != OCELOT_OK)
        return status;
    ocelot_model_free(*model);
    *model = moved;
    return OCELOT_OK;
}

/* Hands the sorted scores to the model and, as a copy, to its card. */
enum ocelot_status ocelot_machine_keep_scores(struct ocelot_model *model, double *scores, size_t count, struct ocelot_error *err)
{
    struct ocelot_machine *machine = model->source;
    struct ocelot_card *card = &machine->card;
    double **kept = machine->next ? &card->ensemble.held_out : &card->held_out;
    model->calibration = scores;
    *kept = ocelot_allocate(count, sizeof *scores);
    if (!*kept)
        return ocelot_fail_memory(err, "the scores of the held-out rows");
    memcpy(*kept, scores, count * sizeof *scores);
    *(machine->next ? &card->ensemble.held_out_count : &card->held_out_count) = count;
    model->calibration_count = model->info.calibration_rows = count;
    return OCELOT_OK;
}

enum ocelot_status ocelot_machine_calibrate(struct ocelot_model **model, const double *rows, const size_t *held, size_t count,
                                            const struct ocelot_train_options *options, struct ocelot_error *err)
{
    double border, rho;
    bool move = !options->threshold || strcmp(options->threshold, "holdout") == 0;
    if (count == 0)
        return OCELOT_OK;
    double *scores = ocelot_allocate(count, sizeof *scores);
    if (!scores)
        return ocelot_fail_memory(err, "the scores of the held-out rows");
    enum ocelot_status status = score(*model, rows, held, count, scores, err);
    if (status == OCELOT_OK && move && ocelot_machine_border(scores, count, options->nu, &border)) {
        rho = move_rho(ocelot_machine_of(*model), (*model)->info.coefficient_sum, border);
        if (!isnan(rho)) {
            status = rebuild(model, rho, err);
            /* dot products score rho - f, so theirs move too: by the network, so that no rounding comes between them and later scores */
            if (status == OCELOT_OK)
                status = score(*model, rows, held, count, scores, err);
        } else {
            status =
                ocelot_model_warn(*model, err,
                                  "the threshold is as the SVM solved it: the border of the held-out rows, a score of %.6g, needs a rho too near "
                                  "0 or too large for a number; gamma or the features may be far too large",
                                  border);
        }
    }
    if (status == OCELOT_OK)
        return ocelot_machine_keep_scores(*model, scores, count, err);
    free(scores);
    return status;
}

enum ocelot_status ocelot_ensemble_calibrate(struct ocelot_model *model, const double *rows, const size_t *held, size_t count,
                                             const struct ocelot_train_options *options, struct ocelot_error *err)
{
    struct ocelot_machine *first = model->source;
    double *scores = ocelot_allocate(count, sizeof *scores);
    if (!scores)
        return ocelot_fail_memory(err, "the scores of the held-out rows");
    enum ocelot_status status = score(model, rows, held, count, scores, err);
    if (status == OCELOT_OK && !ocelot_machine_border(scores, count, options->nu, &first->card.ensemble.threshold))
        status =
            ocelot_model_warn(model, err, "%zu held-out rows are too few for a threshold of the summed scores at nu %g: no row is called an outlier",
                              count, options->nu);
    model->info.threshold = first->card.ensemble.threshold;
    if (status == OCELOT_OK && count)
        return ocelot_machine_keep_scores(model, scores, count, err);
    free(scores);
    return status;
}
