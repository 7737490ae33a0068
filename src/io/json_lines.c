/* Records as JSON lines. */
#include <math.h>
#include <string.h>

#include "base/number.h"
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

/* A key, comma and colon included, of at most KEY bytes, and a number, at a place with room for MEMBER bytes. Returns the end. Keys are copied with
 * what is behind them in their array: one size, one instruction. */
enum { KEY = 20, MEMBER = KEY + OCELOT_NUMBER_SIZE };
struct key {
    char text[KEY];
    size_t length;
};
/* A literal is joined to its neighbours, which no parentheses may part. NOLINTBEGIN(bugprone-macro-parentheses) */
#define KEY_OF(name)                                                                                                                                 \
    {                                                                                                                                                \
        ",\"" name "\":", sizeof name + 3                                                                                                            \
    }
static const struct key member_key = KEY_OF("members"), value_key = KEY_OF("value"), expected_key = KEY_OF("expected"),
                        nearest_key = KEY_OF("nearest"), relevance_key = KEY_OF("relevance"), error_key = KEY_OF("standard_error"),
                        share_key = KEY_OF("share");
/* NOLINTEND(bugprone-macro-parentheses) */

static char *put_member(char *at, const struct key *key, double value)
{
    memcpy(at, key->text, KEY);
    at += key->length;
    if (isfinite(value))
        return at + ocelot_number_print(at, value);
    memcpy(at, "null", 5);
    return at + 4;
}

/* What follows the name of the k-th feature shown: in one piece, as there are many. */
static void write_numbers(const struct ocelot_record_context *context, const struct ocelot_record *record, size_t k, struct ocelot_text *out)
{
    enum { MEMBERS = 7 };
    size_t i = record->order[k];
    char *at = ocelot_text_begin(out, MEMBERS * MEMBER + 1);
    if (at == NULL)
        return;
    if (context->members != NULL)
        at = put_member(at, &member_key, (double)context->members[i]);
    at = put_member(at, &value_key, record->values[i]);
    if (record->expected != NULL)
        at = put_member(at, &expected_key, record->expected[k]);
    if (record->nearest != NULL)
        at = put_member(at, &nearest_key, record->nearest[i]);
    at = put_member(at, &relevance_key, record->relevance[i]);
    if (record->error_bar != NULL)
        at = put_member(at, &error_key, record->error_bar[i]);
    at = put_member(at, &share_key, record->share[k]);
    *at++ = '}';
    ocelot_text_end(out, at);
}

static void write_features(const struct ocelot_record_context *context, const struct ocelot_record *record, struct ocelot_text *out)
{
    ocelot_text_string(out, ",\"features\":[");
    for (size_t k = 0; k < record->shown; k++) {
        ocelot_text_string(out, k > 0 ? ",{\"name\":" : "{\"name\":");
        ocelot_text_json_string(out, context->names[record->order[k]]);
        write_numbers(context, record, k, out);
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
