/* ocelot inspect: what a model is. */
#include "ocelot/inspect.h"

#include <stdint.h>
#include <stdlib.h>

#include "ocelot/commands.h"
#include "stream/opening.h"

enum { FEATURES_SHOWN = 20 };

struct looks {
    bool dot, json, all;
};

struct settings {
    struct looks looks;
    struct ocelot_opening_settings opening;
};

static const struct ocelot_option looks_table[] = {
    {.name = "all", .type = OCELOT_OPTION_FLAG, .offset = offsetof(struct looks, all), .summary = "show every feature; without this, the first 20"},
    {.name = "json", .type = OCELOT_OPTION_FLAG, .offset = offsetof(struct looks, json), .summary = "write one JSON object"},
    {.name = "dot", .type = OCELOT_OPTION_FLAG, .offset = offsetof(struct looks, dot), .summary = "write the network as a Graphviz graph"},
    {.name = NULL},
};

static const struct ocelot_option_group groups[] = {
    {"Results", looks_table, offsetof(struct settings, looks)},
    {"Networks", ocelot_network_option_table, offsetof(struct settings, opening)},
    {"Models of other programs", ocelot_opening_option_table, offsetof(struct settings, opening)},
    {.table = NULL},
};

static int run(const struct ocelot_invocation *invocation)
{
    const struct settings *settings = invocation->settings;
    const char *path = invocation->operands[0];
    struct ocelot_error err = {0};
    struct ocelot_model *model = NULL;
    struct ocelot_text text = {0};
    char *dot = NULL;
    enum ocelot_status status = ocelot_opening_read(path, &settings->opening, &model, &err);
    if (!status && settings->looks.dot) {
        status = ocelot_model_dot(model, &dot, &err);
        ocelot_text_string(&text, dot ? dot : "");
        free(dot);
    } else if (!status && settings->looks.json) {
        ocelot_inspect_json(model, path, &text);
    } else if (!status) {
        ocelot_inspect_text(model, path, settings->looks.all ? SIZE_MAX : FEATURES_SHOWN, &text);
    }
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
        "vanishes, all rows being support vectors.",
    .groups = groups,
    .examples = (const struct ocelot_example[]){{"ocelot inspect pumps.model", "Shows a model on the terminal."},
                                                {"ocelot inspect pumps.model --dot | dot -Tsvg > network.svg", "Draws its network."},
                                                {"ocelot inspect pumps.model --json | python3 -m json.tool", "Gives everything to a program."},
                                                {NULL, NULL}},
    .settings_size = sizeof(struct settings),
    .least = 1,
    .most = 1,
    .run = run,
};
