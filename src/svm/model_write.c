/* Kernel machines out: the plain LIBSVM file that svm-predict reads, its card, and range files. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "svm/card.h"
#include "svm/file.h"

static void write_numbers(struct ocelot_text *out, const char *key, const double *values, size_t count)
{
    if (!values)
        return;
    ocelot_text_string(out, key);
    for (size_t k = 0; k < count; k++) {
        ocelot_text_append(out, " ", 1);
        ocelot_text_number(out, values[k]);
    }
    ocelot_text_append(out, "\n", 1);
}

static void write_integers(struct ocelot_text *out, const char *key, const int *values, size_t count)
{
    if (!values)
        return;
    ocelot_text_string(out, key);
    for (size_t k = 0; k < count; k++)
        ocelot_text_format(out, " %d", values[k]);
    ocelot_text_append(out, "\n", 1);
}

/* In LIBSVM's own order. */
static void write_header(const struct ocelot_machine *m, bool precomputed, struct ocelot_text *out)
{
    ocelot_text_format(out, "svm_type %s\nkernel_type %s\n", m->type->word, m->kernel->word);
    if (m->kernel->has_degree)
        ocelot_text_format(out, "degree %d\n", m->parameters.degree);
    if (m->kernel->has_gamma && !precomputed)
        write_numbers(out, "gamma", &m->parameters.gamma, 1);
    if (m->kernel->has_coef0)
        write_numbers(out, "coef0", &m->parameters.coef0, 1);
    ocelot_text_format(out, "nr_class %zu\ntotal_sv %zu\n", m->classes, m->count);
    write_numbers(out, "rho", m->rho, m->pairs);
    write_integers(out, "label", m->labels, m->classes);
    write_numbers(out, "probA", m->prob_a, m->pairs);
    write_numbers(out, "probB", m->prob_b, m->pairs);
    write_numbers(out, "prob_density_marks", m->density, OCELOT_DENSITY_MARKS);
    write_integers(out, "nr_sv", m->members, m->classes);
    ocelot_text_string(out, "SV\n");
}

/* ` index:value` for every value that is not 0. Of a precomputed file LIBSVM uses only the 0:n in front; features follow from 1. */
static void write_vectors(const struct ocelot_machine *m, bool precomputed, struct ocelot_text *out)
{
    long first = precomputed ? 1 : m->first;
    for (size_t j = 0; j < m->count && !out->failed; j++) {
        for (size_t k = 0; k + 1 < m->classes; k++) {
            ocelot_text_number(out, m->coefficients[k * m->count + j]);
            ocelot_text_append(out, " ", 1);
        }
        if (precomputed)
            ocelot_text_format(out, "0:%zu ", j + 1);
        for (size_t i = 0; i < m->width; i++) {
            double value = m->support[j * m->width + i];
            if (value == 0)
                continue;
            ocelot_text_integer(out, first + (long)i);
            ocelot_text_append(out, ":", 1);
            ocelot_text_number(out, value);
            ocelot_text_append(out, " ", 1);
        }
        ocelot_text_append(out, "\n", 1);
    }
}

void ocelot_machine_write(const struct ocelot_machine *m, const char *path, struct ocelot_text *out)
{
    for (; m; m = m->next) {
        bool precomputed = strcmp(m->kernel->word, "precomputed") == 0;
        size_t start = out->length;
        write_header(m, precomputed, out);
        write_vectors(m, precomputed, out);
        if (!out->failed)
            ocelot_card_write(m, path, ocelot_card_crc(out->bytes + start, out->length - start), out);
    }
}

enum ocelot_status ocelot_svm_write(const struct ocelot_model *model, const char *path, struct ocelot_error *err)
{
    const struct ocelot_machine *m = ocelot_machine_of(model);
    struct ocelot_text text = {0};
    if (!m)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "the model is not a kernel machine, so it cannot be written as a LIBSVM model file");
    if (m->card.network.node && !m->card.network.path)
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "the model is stacked on a network that came from no file, so no model file can name it");
    ocelot_machine_write(m, path, &text);
    enum ocelot_status status = text.failed ? ocelot_fail_memory(err, "the model file") : ocelot_file_write(path, text.bytes, text.length, err);
    ocelot_text_free(&text);
    return status;
}

/* `index min max` under `-1 1`: svm-scale maps min to -1 and max to 1, which is (x - center) * factor. Without a factor svm-scale drops the
 * feature, as it does when there is no line. */
enum ocelot_status ocelot_svm_write_range(const struct ocelot_model *model, const char *path, struct ocelot_error *err)
{
    const struct ocelot_machine *m = ocelot_machine_of(model);
    struct ocelot_text text = {0};
    if (!m || !m->card.center || !ocelot_machine_plain(m))
        return ocelot_fail(err, OCELOT_E_UNSUPPORTED, "the model scales nothing, so there is no range file to write");
    ocelot_text_string(&text, "x\n-1 1\n");
    for (size_t i = 0; i < m->width; i++) {
        if (m->card.factor[i] == 0)
            continue;
        double center = m->card.center[i], half = 1 / m->card.factor[i];
        ocelot_text_format(&text, "%ld ", m->first + (long)i);
        ocelot_text_number(&text, center - half);
        ocelot_text_append(&text, " ", 1);
        ocelot_text_number(&text, center + half);
        ocelot_text_append(&text, "\n", 1);
    }
    enum ocelot_status status = text.failed ? ocelot_fail_memory(err, "the range file") : ocelot_file_write(path, text.bytes, text.length, err);
    ocelot_text_free(&text);
    return status;
}
