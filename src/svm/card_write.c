#include <math.h>
#include <stdlib.h>
#include <zlib.h>

#include "ocelot/version.h"
#include "svm/card.h"
#include "svm/path.h"

uint32_t ocelot_card_crc_more(uint32_t before, const char *bytes, size_t size)
{
    enum { CHUNK = 1 << 30 };
    uLong crc = before;
    while (size > 0) {
        uInt chunk = size < CHUNK ? (uInt)size : (uInt)CHUNK;
        crc = crc32(crc, (const unsigned char *)bytes, chunk);
        bytes += chunk;
        size -= chunk;
    }
    return (uint32_t)crc;
}

uint32_t ocelot_card_crc(const char *bytes, size_t size)
{
    return ocelot_card_crc_more(0, bytes, size);
}

/* `"key":` with the comma that separates it from what stands before. */
static void key(struct ocelot_text *out, const char *name)
{
    char last = out->length ? out->bytes[out->length - 1] : '{';
    if (last != '{')
        ocelot_text_append(out, ",", 1);
    ocelot_text_json_string(out, name);
    ocelot_text_append(out, ":", 1);
}

static void number(struct ocelot_text *out, const char *name, double value)
{
    key(out, name);
    ocelot_text_json_number(out, value);
}

static void string(struct ocelot_text *out, const char *name, const char *value)
{
    key(out, name);
    ocelot_text_json_string(out, value);
}

/* An array of numbers; nothing at all for NULL. */
static void numbers(struct ocelot_text *out, const char *name, const double *values, size_t count)
{
    if (!values)
        return;
    key(out, name);
    for (size_t i = 0; i < count; i++) {
        ocelot_text_append(out, i ? "," : "[", 1);
        ocelot_text_json_number(out, values[i]);
    }
    ocelot_text_string(out, count ? "]" : "[]");
}

static void write_kernel(const struct ocelot_machine *m, struct ocelot_text *out)
{
    key(out, "kernel");
    ocelot_text_append(out, "{", 1);
    string(out, "name", m->kernel->name);
    if (m->kernel->has_gamma)
        number(out, "gamma", m->parameters.gamma);
    if (m->kernel->has_power)
        number(out, "power", m->parameters.power);
    if (m->kernel->has_coef0)
        number(out, "coef0", m->parameters.coef0);
    if (m->kernel->has_degree)
        number(out, "degree", m->parameters.degree);
    ocelot_text_append(out, "}", 1);
}

static void write_training(const struct ocelot_training *training, struct ocelot_text *out)
{
    if (training->rows == 0)
        return;
    key(out, "training");
    ocelot_text_append(out, "{", 1);
    number(out, "rows", (double)training->rows);
    number(out, "nu", training->nu);
    string(out, "gamma", training->gamma);
    number(out, "sample", (double)training->sample);
    number(out, "seed", (double)training->seed);
    number(out, "holdout", training->holdout);
    number(out, "tolerance", training->tolerance);
    if (training->solver[0])
        string(out, "solver", training->solver);
    if (isfinite(training->gap)) {
        number(out, "iterations", (double)training->iterations);
        number(out, "gap", training->gap);
    }
    if (isfinite(training->solved_rho))
        number(out, "solved_rho", training->solved_rho);
    ocelot_text_append(out, "}", 1);
}

/* The network beside the model, so that a folder with both can be moved. */
static void write_network(const struct ocelot_machine_network *network, const char *path, struct ocelot_text *out)
{
    if (!network->path)
        return;
    char *beside = ocelot_path_beside(path, network->path);
    out->failed |= !beside;
    key(out, "network");
    ocelot_text_append(out, "{", 1);
    string(out, "path", beside ? beside : "");
    string(out, "node", network->node);
    number(out, "size", (double)network->size);
    key(out, "crc32");
    ocelot_text_format(out, "\"%08lx\"", (unsigned long)network->crc);
    key(out, "shape");
    for (size_t k = 0; k < network->rank; k++)
        ocelot_text_format(out, "%s%zu", k ? "," : "[", network->shape[k]);
    ocelot_text_string(out, network->rank ? "]}" : "[]}");
    free(beside);
}

static void write_patch(const struct ocelot_machine_patch *patch, struct ocelot_text *out)
{
    if (!patch->height)
        return;
    key(out, "patch");
    ocelot_text_format(out, "{\"height\":%zu,\"width\":%zu,\"stride\":%zu,\"channels\":%zu,\"rows\":%zu,\"columns\":%zu", patch->height, patch->width,
                       patch->stride, patch->shape[0], patch->shape[1], patch->shape[2]);
    number(out, "threshold", patch->threshold);
    ocelot_text_append(out, "}", 1);
}

static void write_ensemble(const struct ocelot_machine_ensemble *ensemble, struct ocelot_text *out)
{
    if (!ensemble->members)
        return;
    key(out, "ensemble");
    ocelot_text_format(out, "{\"members\":%zu", ensemble->members);
    number(out, "threshold", ensemble->threshold);
    numbers(out, "held_out", ensemble->held_out, ensemble->held_out_count);
    ocelot_text_append(out, "}", 1);
}

void ocelot_card_write(const struct ocelot_machine *m, const char *path, uint32_t crc, struct ocelot_text *out)
{
    const struct ocelot_card *card = &m->card;
    ocelot_text_string(out, "#ocelot {");
    number(out, "format", OCELOT_CARD_FORMAT);
    string(out, "version", OCELOT_VERSION_TEXT);
    write_kernel(m, out);
    number(out, "first", (double)m->first);
    number(out, "features", (double)m->width);
    for (size_t i = 0; card->names && i < m->width; i++) {
        if (i == 0)
            key(out, "names");
        ocelot_text_append(out, i ? "," : "[", 1);
        ocelot_text_json_string(out, card->names[i]);
    }
    if (card->names)
        ocelot_text_append(out, "]", 1);
    if (card->scaling)
        string(out, "scaling", card->scaling);
    numbers(out, "center", card->center, m->width);
    numbers(out, "factor", card->factor, m->width);
    numbers(out, "low", card->low, m->width);
    numbers(out, "median", card->median, m->width);
    numbers(out, "high", card->high, m->width);
    numbers(out, "unit", card->unit, m->width);
    numbers(out, "held_out", card->held_out, card->held_out_count);
    write_training(&card->training, out);
    write_network(&card->network, path, out);
    write_patch(&card->patch, out);
    write_ensemble(&card->ensemble, out);
    key(out, "crc32");
    ocelot_text_format(out, "\"%08lx\"}\n", (unsigned long)crc);
}
