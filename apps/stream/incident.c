#include "stream/incident.h"

#include <math.h>

#include "io/cells.h"
#include "io/csv_fields.h"

/* --- scalar fields: one table for both formats that have names -------------------------------------------------------------------- */

/* A text when `text` is set, else a number. */
struct value {
    const char *text;
    double number;
};

static struct value text(const char *string)
{
    return (struct value){.text = string, .number = (double)NAN};
}

#define NUMBER(name, member)                                                                                                                         \
    static struct value name(const struct ocelot_record_context *context, const struct ocelot_incident *incident)                                    \
    {                                                                                                                                                \
        (void)context;                                                                                                                               \
        return (struct value){.number = (double)incident->member};                                                                                   \
    }

NUMBER(get_number, number)
NUMBER(get_first_row, first_row)
NUMBER(get_last_row, last_row)
NUMBER(get_rows, rows)
NUMBER(get_failed, failed)
NUMBER(get_peak_row, peak_row)
NUMBER(get_peak_score, peak.outlier_score)
NUMBER(get_threshold, peak.threshold)
NUMBER(get_p_value, peak.p_value)

static struct value get_first_id(const struct ocelot_record_context *context, const struct ocelot_incident *incident)
{
    (void)context;
    return text(incident->first_id);
}

static struct value get_last_id(const struct ocelot_record_context *context, const struct ocelot_incident *incident)
{
    (void)context;
    return text(incident->last_id);
}

static struct value get_peak_id(const struct ocelot_record_context *context, const struct ocelot_incident *incident)
{
    (void)context;
    return text(incident->peak_id);
}

static struct value get_method(const struct ocelot_record_context *context, const struct ocelot_incident *incident)
{
    (void)incident;
    return text(context->method);
}

static struct value get_explains(const struct ocelot_record_context *context, const struct ocelot_incident *incident)
{
    (void)incident;
    return text(context->explains);
}

static struct value get_aggregate(const struct ocelot_record_context *context, const struct ocelot_incident *incident)
{
    (void)context;
    return text(incident->aggregate);
}

static const struct field {
    const char *name;
    bool optional; /* jsonl: left out where there is no text */
    struct value (*get)(const struct ocelot_record_context *context, const struct ocelot_incident *incident);
} fields[] = {
    {"incident", false, get_number},     {"first_row", false, get_first_row},
    {"last_row", false, get_last_row},   {"first_id", true, get_first_id},
    {"last_id", true, get_last_id},      {"rows", false, get_rows},
    {"failed", false, get_failed},       {"peak_row", false, get_peak_row},
    {"peak_id", true, get_peak_id},      {"peak_score", false, get_peak_score},
    {"threshold", false, get_threshold}, {"p_value", false, get_p_value},
    {"method", false, get_method},       {"explains", false, get_explains},
    {"aggregate", false, get_aggregate}, {.name = NULL},
};

/* --- JSON lines ------------------------------------------------------------------------------------------------------------------ */

static void member(const char *key, double value, struct ocelot_text *out)
{
    ocelot_text_string(out, key);
    ocelot_text_json_number(out, value);
}

static void json_features(const struct ocelot_record_context *context, const struct ocelot_incident *incident, struct ocelot_text *out)
{
    ocelot_text_string(out, ",\"features\":[");
    for (size_t k = 0; k < incident->shown; k++) {
        size_t i = incident->order[k];
        ocelot_text_string(out, k > 0 ? ",{\"name\":" : "{\"name\":");
        ocelot_text_json_string(out, context->names[i]);
        member(",\"value\":", incident->values[i], out);
        member(",\"expected\":", incident->expected[k], out);
        member(",\"relevance\":", incident->relevance[i], out);
        member(",\"share\":", incident->share[k], out);
        ocelot_text_append(out, "}", 1);
    }
    ocelot_text_append(out, "]", 1);
}

static void json_record(const struct ocelot_record_context *context, const struct ocelot_incident *incident, struct ocelot_text *out)
{
    const char *before = "{\"";
    for (const struct field *field = fields; field->name; field++) {
        struct value value = field->get(context, incident);
        if (field->optional && !value.text) {
            continue;
        }
        ocelot_text_string(out, before);
        ocelot_text_string(out, field->name);
        ocelot_text_append(out, "\":", 2);
        if (value.text) {
            ocelot_text_json_string(out, value.text);
        } else {
            ocelot_text_json_number(out, value.number);
        }
        before = ",\"";
    }
    json_features(context, incident, out);
    ocelot_text_append(out, "}\n", 2);
}

/* --- CSV ------------------------------------------------------------------------------------------------------------------------- */

static void csv_begin(const struct ocelot_record_context *context, struct ocelot_text *out)
{
    struct ocelot_text name = {0};
    for (const struct field *field = fields; field->name; field++) {
        ocelot_text_string(out, field == fields ? "" : ",");
        ocelot_text_string(out, field->name);
    }
    for (size_t i = 0; i < context->features; i++) {
        ocelot_text_clear(&name);
        ocelot_text_string(&name, "relevance:");
        ocelot_text_string(&name, context->names[i]);
        ocelot_text_append(out, ",", 1);
        ocelot_csv_write(name.failed ? "" : name.bytes, out);
        out->failed = out->failed || name.failed;
    }
    ocelot_text_append(out, "\n", 1);
    ocelot_text_free(&name);
}

static void csv_number(double number, struct ocelot_text *out)
{
    if (isfinite(number)) {
        ocelot_text_number(out, number);
    }
}

static void csv_record(const struct ocelot_record_context *context, const struct ocelot_incident *incident, struct ocelot_text *out)
{
    for (const struct field *field = fields; field->name; field++) {
        struct value value = field->get(context, incident);
        ocelot_text_string(out, field == fields ? "" : ",");
        if (value.text) {
            ocelot_csv_write(value.text, out);
        } else {
            csv_number(value.number, out);
        }
    }
    for (size_t i = 0; i < context->features; i++) {
        ocelot_text_append(out, ",", 1);
        csv_number(incident->relevance[i], out);
    }
    ocelot_text_append(out, "\n", 1);
}

/* --- text ------------------------------------------------------------------------------------------------------------------------ */

static void text_id(const char *before, const char *id, bool utf8, struct ocelot_text *out)
{
    if (id) {
        ocelot_text_string(out, before);
        ocelot_cell_plain(out, id, utf8);
    }
}

/* A headline, then the peak as the row that it is, with the incident's relevance. */
static void text_record(const struct ocelot_record_context *context, const struct ocelot_incident *incident, struct ocelot_text *out)
{
    struct ocelot_record row = {.row = incident->peak_row,
                                .id = incident->peak_id,
                                .decision = incident->peak,
                                .residual = (double)NAN,
                                .values = incident->values,
                                .relevance = incident->relevance,
                                .order = incident->order,
                                .expected = incident->expected,
                                .share = incident->share,
                                .shown = incident->shown,
                                .told = incident->told};
    for (size_t i = 0; i < context->features; i++) {
        row.explained += incident->relevance[i];
    }
    ocelot_text_format(out, "INCIDENT %zu  ", incident->number);
    if (incident->last_row == incident->first_row) {
        ocelot_text_format(out, "row %zu", incident->first_row);
    } else {
        ocelot_text_format(out, "rows %zu to %zu", incident->first_row, incident->last_row);
    }
    text_id("  ", incident->first_id, context->utf8, out);
    text_id(" .. ", incident->last_row == incident->first_row ? NULL : incident->last_id, context->utf8, out);
    ocelot_text_format(out, "   %zu outlier%s", incident->rows, incident->rows == 1 ? "" : "s");
    if (incident->failed) {
        ocelot_text_format(out, ", %zu not explained", incident->failed);
    }
    ocelot_text_string(out, "; at its peak:\n");
    ocelot_format_text.record(context, &row, out);
}

static const struct ocelot_incident_format formats[] = {
    {&ocelot_format_jsonl, NULL, json_record},
    {&ocelot_format_csv, csv_begin, csv_record},
    {&ocelot_format_text, NULL, text_record},
};

const struct ocelot_incident_format *ocelot_incident_format_find(const struct ocelot_format *rows)
{
    for (size_t k = 0; k < sizeof formats / sizeof *formats; k++) {
        if (formats[k].rows == rows) {
            return &formats[k];
        }
    }
    return NULL;
}
