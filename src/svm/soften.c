/* A one-class machine pooled softly: its support vectors and weights with a smaller gamma, so that all of them speak. It tells which values are off,
 * whatever the others are, where the machine itself tells which ones fit together badly (docs/mathematics.md, section 1). */
#include <math.h>
#include <stdlib.h>

#include "svm/machine.h"

/* Held-out scores and thresholds are of the machine, not of what it becomes. */
static void forget_scores(struct ocelot_card *card)
{
    free(card->held_out);
    free(card->ensemble.held_out);
    card->held_out = card->ensemble.held_out = NULL;
    card->held_out_count = card->ensemble.held_out_count = 0;
    card->ensemble.threshold = NAN;
}

bool ocelot_svm_softens(const struct ocelot_model *model)
{
    const struct ocelot_machine *m = ocelot_machine_of(model);
    return m && ocelot_machine_pools(m);
}

enum ocelot_status ocelot_svm_soften(const struct ocelot_model *model, double factor, struct ocelot_model **out, struct ocelot_error *err)
{
    struct ocelot_machine *soft;
    if (!(factor > 0 && isfinite(factor)))
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "factor: found %g, expected a number greater than 0", factor);
    if (!ocelot_svm_softens(model))
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "only one-class models of rows, with a kernel of a distance, can be pooled softly");
    enum ocelot_status status = ocelot_machine_copy(ocelot_machine_of(model), &soft, err);
    if (status != OCELOT_OK)
        return status;
    for (struct ocelot_machine *member = soft; member; member = member->next) {
        member->parameters.gamma *= factor;
        member->rho[0] = 0; /* no border is known: this explains, and the machine decides */
        forget_scores(&member->card);
    }
    return ocelot_machine_model(soft, model->info.source, out, err);
}
