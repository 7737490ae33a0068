/* Records as LIBSVM data: relevance in place of the values, scores in a comment. */
#include "io/record.h"

#include "io/cells.h"

static void begin(const struct ocelot_record_context *context, size_t rows, struct ocelot_text *out)
{
    (void)context;
    (void)rows;
    (void)out;
}

static void write_named(const char *name, double value, struct ocelot_text *out)
{
    ocelot_text_string(out, name);
    ocelot_text_number(out, value);
}

static void write_record(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    if (record->error != NULL) { /* strtod reads nan, so the lines still match the input's one by one */
        ocelot_text_string(out, "nan # ");
        ocelot_cell_plain(out, record->error, true);
        ocelot_text_append(out, "\n", 1);
        return;
    }
    ocelot_text_number(out, record->decision.predicted);
    for (size_t i = 0; context->method != NULL && record->relevance != NULL && i < context->features; i++) {
        if (record->relevance[i] == 0.0)
            continue;
        ocelot_text_append(out, " ", 1);
        ocelot_text_integer(out, context->indices != NULL ? context->indices[i] : (long)i + 1);
        ocelot_text_append(out, ":", 1);
        ocelot_text_number(out, record->relevance[i]);
    }
    if (context->classifier) {
        write_named(" # output ", record->decision.output, out);
    } else {
        write_named(" # outlier_score ", record->decision.outlier_score, out);
        write_named(" threshold ", record->decision.threshold, out);
    }
    if (context->method != NULL)
        write_named(" residual ", record->residual, out);
    ocelot_text_append(out, "\n", 1);
}

const struct ocelot_format ocelot_format_libsvm = {
    .name = "libsvm",
    .summary = "LIBSVM data: label index:relevance ... # scores",
    .begin = begin,
    .record = write_record,
};
