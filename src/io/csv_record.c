/* Records as CSV (RFC 4180, lines ended by LF). */
#include <math.h>

#include "io/csv_fields.h"
#include "io/record.h"
#include "io/record_fields.h"

static void write_number(double value, struct ocelot_text *out)
{
    if (isfinite(value))
        ocelot_text_number(out, value);
}

/* The label column is there when the run has labels; the id column always. */
static bool has_column(const struct ocelot_record_context *context, const struct ocelot_record_field *field)
{
    return ocelot_record_has(context, field) && (!field->optional || field->always || context->labels);
}

/* "relevance:flow", one column a feature. */
static void write_names(const struct ocelot_record_context *context, const char *what, struct ocelot_text *out)
{
    struct ocelot_text name = {0};
    for (size_t i = 0; i < context->features; i++) {
        ocelot_text_clear(&name);
        ocelot_text_string(&name, what);
        ocelot_text_string(&name, context->names[i]);
        out->failed = out->failed || name.failed;
        if (!out->failed)
            ocelot_csv_write(name.bytes, out);
        ocelot_text_append(out, ",", 1);
    }
    ocelot_text_free(&name);
}

static void write_numbers(const struct ocelot_record_context *context, const struct ocelot_record *record, const double *values,
                          struct ocelot_text *out)
{
    for (size_t i = 0; i < context->features; i++) {
        if (record->error == NULL && values != NULL)
            write_number(values[i], out);
        ocelot_text_append(out, ",", 1);
    }
}

static void begin(const struct ocelot_record_context *context, size_t rows, struct ocelot_text *out)
{
    (void)rows;
    for (const struct ocelot_record_field *field = ocelot_record_fields; field->name != NULL; field++) {
        if (!has_column(context, field))
            continue;
        ocelot_text_string(out, field->name);
        ocelot_text_append(out, ",", 1);
    }
    if (context->method != NULL)
        write_names(context, "relevance:", out);
    if (context->method != NULL && context->samples)
        write_names(context, "standard_error:", out);
    ocelot_text_string(out, "error\n");
}

static void write_record(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    for (const struct ocelot_record_field *field = ocelot_record_fields; field->name != NULL; field++) {
        if (!has_column(context, field))
            continue;
        struct ocelot_field_value value = {.number = (double)NAN};
        if (record->error == NULL || field->always)
            value = field->get(context, record);
        if (value.text != NULL)
            ocelot_csv_write(value.text, out);
        else if (value.word != NULL)
            ocelot_text_string(out, value.word);
        else
            write_number(value.number, out);
        ocelot_text_append(out, ",", 1);
    }
    if (context->method != NULL)
        write_numbers(context, record, record->relevance, out);
    if (context->method != NULL && context->samples)
        write_numbers(context, record, record->error_bar, out);
    if (record->error != NULL)
        ocelot_csv_write(record->error, out);
    ocelot_text_append(out, "\n", 1);
}

const struct ocelot_format ocelot_format_csv = {
    .name = "csv",
    .summary = "a table: scores, then the relevance of every feature",
    .begin = begin,
    .record = write_record,
};
