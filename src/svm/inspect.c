/* What only a kernel machine can tell: its support vectors, its kernel rows, and itself with more features. */
#include <math.h>
#include <stdlib.h>

#include "base/size.h"
#include "svm/ensemble.h"

void ocelot_svm_support_vector(const struct ocelot_model *model, size_t j, double *out, double *coefficient)
{
    const struct ocelot_machine *m = ocelot_machine_of(model);
    bool plain = m && ocelot_machine_plain(m);
    if (m)
        m = ocelot_ensemble_member(m, &j);
    for (size_t i = 0; i < model->feature_count; i++)
        out[i] = plain ? ocelot_machine_raw(m, i, m->support[j * m->width + i]) : (double)NAN;
    *coefficient = m ? m->coefficients[j] : (double)NAN;
}

enum ocelot_status ocelot_svm_kernel_row(const struct ocelot_model *model, const double *row, double *out, struct ocelot_error *err)
{
    const struct ocelot_machine *m = ocelot_machine_of(model);
    if (!m)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "the model is not a kernel machine, so it has no kernel rows");
    if (!ocelot_machine_plain(m))
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED,
                           "the kernel is one of patches or of features of a network, so rows of pixels have no kernel rows");
    double *scaled = ocelot_allocate(m->width, sizeof *scaled);
    if (!scaled)
        return ocelot_fail_memory(err, "a scaled row");
    ocelot_machine_scale(m, row, scaled);
    for (; m; m = m->next)
        for (size_t j = 0; j < m->count; j++)
            *out++ = ocelot_machine_kernel_value(m, scaled, j);
    free(scaled);
    return OCELOT_OK;
}

enum ocelot_status ocelot_svm_widen(const struct ocelot_model *model, long first, long last, struct ocelot_model **out, struct ocelot_error *err)
{
    const struct ocelot_machine *m = ocelot_machine_of(model);
    struct ocelot_machine *copy;
    if (!m)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "the model is not a kernel machine, so it cannot be widened");
    if (!ocelot_machine_plain(m))
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "the model takes images of %zu values: rows cannot be wider", model->feature_count);
    enum ocelot_status status = ocelot_machine_copy(m, &copy, err);
    if (status != OCELOT_OK)
        return status;
    status = ocelot_machine_widen(copy, first, last, 0, err);
    if (status != OCELOT_OK) {
        ocelot_machine_free(copy);
        return status;
    }
    return ocelot_machine_model(copy, model->info.source, out, err);
}
