/* Records as JSON lines. */
#include "io/record.h"
#include "io/record_fields.h"

static void write_scalar(const struct ocelot_record_field *field, const struct ocelot_field_value *value, struct ocelot_text *out)
{
    if (out->bytes[out->length - 1] != '{')
        ocelot_text_append(out, ",", 1);
    ocelot_text_append(out, "\"", 1);
    ocelot_text_string(out, field->name);
    ocelot_text_append(out, "\":", 2);
    if (value->text != NULL)
        ocelot_text_json_string(out, value->text);
    else if (value->word != NULL)
        ocelot_text_string(out, value->word);
    else
        ocelot_text_json_number(out, value->number);
}

static void write_member(const char *key, double value, struct ocelot_text *out)
{
    ocelot_text_string(out, key);
    ocelot_text_json_number(out, value);
}

static void write_features(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    ocelot_text_string(out, ",\"features\":[");
    for (size_t k = 0; k < record->shown; k++) {
        size_t i = record->order[k];
        ocelot_text_string(out, k > 0 ? ",{\"name\":" : "{\"name\":");
        ocelot_text_json_string(out, context->names[i]);
        if (context->members != NULL)
            write_member(",\"members\":", (double)context->members[i], out);
        write_member(",\"value\":", record->values[i], out);
        if (record->expected != NULL)
            write_member(",\"expected\":", record->expected[k], out);
        if (record->nearest != NULL)
            write_member(",\"nearest\":", record->nearest[i], out);
        write_member(",\"relevance\":", record->relevance[i], out);
        if (record->error_bar != NULL)
            write_member(",\"standard_error\":", record->error_bar[i], out);
        write_member(",\"share\":", record->share[k], out);
        ocelot_text_append(out, "}", 1);
    }
    ocelot_text_append(out, "]", 1);
}

static void write_support(const struct ocelot_record *record, struct ocelot_text *out)
{
    ocelot_text_string(out, ",\"support\":[");
    for (size_t k = 0; k < record->support_count; k++) {
        write_member(k > 0 ? ",{\"sv\":" : "{\"sv\":", (double)record->support[k], out);
        write_member(",\"weight\":", record->support_weight[k], out);
        ocelot_text_append(out, "}", 1);
    }
    ocelot_text_append(out, "]", 1);
}

static void write_best(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    ocelot_text_string(out, ",\"best\":[");
    for (size_t k = 0; k < record->best_count; k++) {
        ocelot_text_string(out, k > 0 ? ",{\"name\":" : "{\"name\":");
        ocelot_text_json_string(out, context->outputs[record->best[k]]);
        write_member(",\"output\":", record->best_output[k], out);
        ocelot_text_append(out, "}", 1);
    }
    ocelot_text_append(out, "]", 1);
}

static void write_record(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    ocelot_text_append(out, "{", 1);
    for (const struct ocelot_record_field *field = ocelot_record_fields; field->name != NULL && !out->failed; field++) {
        if (!ocelot_record_has(context, field) || (record->error != NULL && !field->always))
            continue;
        struct ocelot_field_value value = field->get(context, record);
        if (value.text != NULL || !field->optional)
            write_scalar(field, &value, out);
    }
    if (record->best != NULL && record->error == NULL)
        write_best(context, record, out);
    if (record->error != NULL) {
        ocelot_text_string(out, ",\"error\":");
        ocelot_text_json_string(out, record->error);
    } else if (context->method != NULL) {
        if (record->order != NULL)
            write_features(context, record, out);
        if (record->support != NULL)
            write_support(record, out);
    }
    ocelot_text_append(out, "}\n", 2);
}

static void begin(const struct ocelot_record_context *context, size_t rows, struct ocelot_text *out)
{
    (void)context;
    (void)rows;
    (void)out;
}

const struct ocelot_format ocelot_format_jsonl = {
    .name = "jsonl",
    .summary = "one JSON object a row",
    .begin = begin,
    .record = write_record,
};
