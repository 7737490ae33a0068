/* ocelot inspect: what a model is. */
#include "ocelot/inspect.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/size.h"
#include "ocelot/commands.h"
#include "stream/opening.h"
#include "stream/planning.h"

enum { FEATURES_SHOWN = 20 };

struct looks {
    bool dot, json, all;
};

struct settings {
    struct looks looks;
    struct ocelot_opening_settings opening;
    struct ocelot_stream_settings stream;
    struct ocelot_reader_settings reader;
};

static const struct ocelot_option looks_table[] = {
    {.name = "all", .type = OCELOT_OPTION_FLAG, .offset = offsetof(struct looks, all), .summary = "show every feature; without this, the first 20"},
    {.name = "json", .type = OCELOT_OPTION_FLAG, .offset = offsetof(struct looks, json), .summary = "write one JSON object"},
    {.name = "dot", .type = OCELOT_OPTION_FLAG, .offset = offsetof(struct looks, dot), .summary = "write the network as a Graphviz graph"},
    {.name = NULL},
};

static const struct ocelot_option method_table[] = {
    {.name = "method",
     .letter = 'm',
     .type = OCELOT_OPTION_TEXT,
     .offset = offsetof(struct ocelot_stream_settings, method),
     .placeholder = "METHOD",
     .summary = "show the rules of this method; without this, of the model's own"},
    {.name = NULL},
};

static const struct ocelot_option_group groups[] = {
    {"Results", looks_table, offsetof(struct settings, looks)},
    {"Explanation", method_table, offsetof(struct settings, stream)},
    {"Rules of propagation", ocelot_rules_option_table, offsetof(struct settings, stream)},
    {"Networks", ocelot_network_option_table, offsetof(struct settings, opening)},
    {"Pictures as data", ocelot_gallery_option_table, offsetof(struct settings, reader)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct settings, opening)},
    {.table = NULL},
};

/* The rule of every layer, into *rules [layers]; none where the model or the method has none, unless options ask for them. */
static enum ocelot_status find_rules(const struct settings *settings, const struct ocelot_model *model, char ***rules, struct ocelot_error *err)
{
    const struct ocelot_stream_settings *stream = &settings->stream;
    bool asked = stream->method || stream->composite || stream->box || stream->rule.count;
    struct ocelot_planning planning = {0};
    struct ocelot_plan *plan = NULL;
    size_t layers = ocelot_model_layers(model);
    struct ocelot_error trouble = {0};
    enum ocelot_status status = ocelot_planning_make(&planning, model, stream, &settings->reader, &trouble);
    status = status ? status : ocelot_plan_create(model, &planning.options, &plan, &trouble);
    ocelot_planning_free(&planning);
    if (status) {
        return asked || status == OCELOT_E_MEMORY ? ocelot_fail(err, status, "%s", trouble.message) : OCELOT_OK;
    }
    *rules = ocelot_allocate(layers, sizeof **rules);
    if (!*rules) {
        ocelot_plan_free(plan);
        return ocelot_fail_memory(err, "the rules");
    }
    bool any = false;
    for (size_t i = 0; i < layers && !status; i++) {
        status = ocelot_plan_rule(plan, i, &(*rules)[i], err);
        any = any || (!status && (*rules)[i][0]);
    }
    ocelot_plan_free(plan);
    if (!status && !any && !asked) {
        for (size_t i = 0; i < layers; i++) {
            free((*rules)[i]);
        }
        free(*rules);
        *rules = NULL;
    }
    return status;
}

static int run(const struct ocelot_invocation *invocation)
{
    const struct settings *settings = invocation->settings;
    const char *path = invocation->operands[0];
    struct ocelot_error err = {0};
    struct ocelot_model *model = NULL;
    struct ocelot_text text = {0};
    char *dot = NULL, **rules = NULL;
    enum ocelot_status status = ocelot_opening_read(path, &settings->opening, &model, &err);
    status = status || settings->looks.dot ? status : find_rules(settings, model, &rules, &err);
    struct ocelot_model_info info = {0};
    if (!status) {
        ocelot_model_describe(model, &info);
    }
    struct ocelot_inspection inspection = {.model = model,
                                           .path = path,
                                           .features = settings->looks.all ? SIZE_MAX : FEATURES_SHOWN,
                                           .method = settings->stream.method ? settings->stream.method : info.method,
                                           .rules = (const char *const *)rules};
    if (!status && settings->looks.dot) {
        status = ocelot_model_dot(model, &dot, &err);
        ocelot_text_string(&text, dot ? dot : "");
        free(dot);
    } else if (!status && settings->looks.json) {
        ocelot_inspect_json(&inspection, &text);
    } else if (!status) {
        ocelot_inspect_text(&inspection, &text);
    }
    for (size_t i = 0; rules && i < ocelot_model_layers(model); i++) {
        free(rules[i]);
    }
    free(rules);
    ocelot_model_free(model);
    if (status) {
        ocelot_text_free(&text);
        return ocelot_complain(invocation->program, &err);
    }
    return ocelot_say(invocation->program, &text);
}

const struct ocelot_command ocelot_command_inspect = {
    .name = "inspect",
    .summary = "show what a model is: its network, kernel, threshold, features and warnings",
    .usage = (const char *const[]){"[options] MODEL", NULL},
    .description =
        "Shows the neural network that a model file is rebuilt as, layer by layer, with the kernel and its parameters, the threshold, the features "
        "with their scaling and normal ranges, the held-out scores behind p-values, and warnings: unscaled data, a gamma at which every kernel value "
        "vanishes, all rows being support vectors. Of networks in ONNX files it shows the rule that each layer gets when the network is explained.",
    .groups = groups,
    .examples = (const struct ocelot_example[]){{"ocelot inspect pumps.model", "Shows a model on the terminal."},
                                                {"ocelot inspect pumps.model --dot | dot -Tsvg > network.svg", "Draws its network."},
                                                {"ocelot inspect net.onnx --method lrp --composite epsilon-gamma-box --box 0,1",
                                                 "Shows the layers of a network and their rules."},
                                                {"ocelot inspect pumps.model --json | python3 -m json.tool", "Gives everything to a program."},
                                                {NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 1,
    .most = 1,
    .run = run,
};
