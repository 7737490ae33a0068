/* Records as a NumPy array: relevance only. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/elements.h"
#include "io/record.h"

enum { LEAD = 10, ALIGNMENT = 64, TEXT_SIZE = 256 };

/* The header's dictionary; returns its length. */
static size_t dictionary(const struct ocelot_record_context *context, const char *rows, char text[TEXT_SIZE])
{
    int used = snprintf(text, TEXT_SIZE, "{'descr': '<f8', 'fortran_order': False, 'shape': (%s,", rows);
    size_t rank = context->shape_rank <= sizeof context->shape / sizeof context->shape[0] ? context->shape_rank : 0;
    if (context->method != NULL && rank == 0)
        used += snprintf(text + used, TEXT_SIZE - (size_t)used, " %zu", context->features);
    for (size_t i = 0; context->method != NULL && i < rank; i++)
        used += snprintf(text + used, TEXT_SIZE - (size_t)used, " %zu%s", context->shape[i], i + 1 < rank ? "," : "");
    used += snprintf(text + used, TEXT_SIZE - (size_t)used, "), }");
    return (size_t)used;
}

/* As long for any number of rows, so that it can be written again over the first one. */
static void begin(const struct ocelot_record_context *context, size_t rows, struct ocelot_text *out)
{
    char text[TEXT_SIZE], count[24];
    size_t longest = dictionary(context, "18446744073709551615", text) + 1;
    size_t total = (LEAD + longest + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t length = total - LEAD;
    (void)snprintf(count, sizeof count, "%zu", rows);
    size_t used = dictionary(context, count, text);
    char lead[LEAD] = {'\223', 'N', 'U', 'M', 'P', 'Y', 1, 0, (char)(length & 0xff), (char)(length >> 8)};
    ocelot_text_append(out, lead, LEAD);
    ocelot_text_append(out, text, used);
    for (; used + 1 < length; used++)
        ocelot_text_append(out, " ", 1);
    ocelot_text_append(out, "\n", 1);
}

static void write_value(double value, struct ocelot_text *out)
{
    char bytes[sizeof value], turned[sizeof value];
    memcpy(bytes, &value, sizeof value);
    for (size_t i = 0; i < sizeof value; i++)
        turned[i] = bytes[sizeof value - 1 - i];
    ocelot_text_append(out, ocelot_big_endian() ? turned : bytes, sizeof value);
}

static void write_record(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    bool missing = record->error != NULL || record->relevance == NULL;
    if (context->method == NULL) {
        double score = context->classifier ? record->decision.output : record->decision.outlier_score;
        write_value(record->error != NULL ? (double)NAN : score, out);
    }
    for (size_t i = 0; context->method != NULL && i < context->features; i++)
        write_value(missing ? (double)NAN : record->relevance[i], out);
}

const struct ocelot_format ocelot_format_npy = {
    .name = "npy",
    .summary = "a NumPy array: the relevance of every feature of every row",
    .needs_seek = true,
    .begin = begin,
    .record = write_record,
};
