#include "io/record_fields.h"

#include <math.h>

#define NUMBER_FIELD(name, member)                                                                                                                   \
    static struct ocelot_field_value name(const struct ocelot_record_context *context, const struct ocelot_record *record)                           \
    {                                                                                                                                                \
        (void)context;                                                                                                                               \
        return (struct ocelot_field_value){.number = (double)record->member};                                                                        \
    }

NUMBER_FIELD(get_row, row)
NUMBER_FIELD(get_score, decision.outlier_score)
NUMBER_FIELD(get_threshold, decision.threshold)
NUMBER_FIELD(get_decision_value, decision.decision_value)
NUMBER_FIELD(get_p_value, decision.p_value)
NUMBER_FIELD(get_output, decision.output)
NUMBER_FIELD(get_explained, explained)
NUMBER_FIELD(get_residual, residual)
NUMBER_FIELD(get_excess, excess)

static struct ocelot_field_value text_value(const char *text)
{
    return (struct ocelot_field_value){.text = text, .number = (double)NAN};
}

static struct ocelot_field_value get_predicted(const struct ocelot_record_context *context, const struct ocelot_record *record)
{
    if (context->network && context->outputs != NULL && record->decision.predicted >= 0)
        return text_value(context->outputs[(size_t)record->decision.predicted]);
    return (struct ocelot_field_value){.number = record->decision.predicted};
}

static struct ocelot_field_value get_id(const struct ocelot_record_context *context, const struct ocelot_record *record)
{
    (void)context;
    return text_value(record->id);
}

static struct ocelot_field_value get_label(const struct ocelot_record_context *context, const struct ocelot_record *record)
{
    (void)context;
    return text_value(record->label);
}

static struct ocelot_field_value get_is_outlier(const struct ocelot_record_context *context, const struct ocelot_record *record)
{
    (void)context;
    return (struct ocelot_field_value){.word = record->decision.is_outlier ? "true" : "false"};
}

static struct ocelot_field_value get_target(const struct ocelot_record_context *context, const struct ocelot_record *record)
{
    return text_value(context->outputs != NULL ? context->outputs[record->decision.target] : NULL);
}

static struct ocelot_field_value get_method(const struct ocelot_record_context *context, const struct ocelot_record *record)
{
    (void)record;
    return text_value(context->method);
}

static struct ocelot_field_value get_explains(const struct ocelot_record_context *context, const struct ocelot_record *record)
{
    (void)record;
    return text_value(context->explains);
}

const struct ocelot_record_field ocelot_record_fields[] = {
    {"row", .detector = true, .classifier = true, .always = true, .get = get_row},
    {"id", .detector = true, .classifier = true, .always = true, .optional = true, .get = get_id},
    {"label", .detector = true, .classifier = true, .optional = true, .get = get_label},
    {"outlier_score", .detector = true, .get = get_score},
    {"threshold", .detector = true, .get = get_threshold},
    {"is_outlier", .detector = true, .get = get_is_outlier},
    {"target", .classifier = true, .get = get_target},
    {"output", .classifier = true, .get = get_output},
    {"predicted", .classifier = true, .get = get_predicted},
    {"decision_value", .detector = true, .classifier = true, .get = get_decision_value},
    {"p_value", .detector = true, .classifier = true, .get = get_p_value},
    {"method", .detector = true, .classifier = true, .explained = true, .get = get_method},
    {"explains", .detector = true, .classifier = true, .explained = true, .get = get_explains},
    {"explained", .detector = true, .classifier = true, .explained = true, .get = get_explained},
    {"residual", .detector = true, .classifier = true, .explained = true, .get = get_residual},
    {"excess", .detector = true, .classifier = true, .explained = true, .get = get_excess},
    {.name = NULL},
};

bool ocelot_record_has(const struct ocelot_record_context *context, const struct ocelot_record_field *field)
{
    return (context->classifier ? field->classifier : field->detector) && (context->method != NULL || !field->explained);
}
