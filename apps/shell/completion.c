/* Completion for bash (and zsh through bashcompinit), from the same tables as --help. */
#include <string.h>

#include "ocelot/analysis.h"
#include "ocelot/truth.h"
#include "shell/command.h"

static const char *method_name(size_t k)
{
    const struct ocelot_method *method = ocelot_analysis_method_at(k);
    return method ? method->name : NULL;
}

static const char *way_name(size_t k)
{
    return ocelot_aggregations[k] ? ocelot_aggregations[k]->name : NULL;
}

/* Those that make one relevance vector of an incident; where rows may be judged one by one too, all. */
static const char *incident_way_name(size_t k)
{
    size_t at = 0;
    for (; ocelot_aggregations[at]; at++) {
        if (ocelot_aggregations[at]->add && k-- == 0) {
            break;
        }
    }
    return way_name(at);
}

const struct ocelot_vocabulary ocelot_method_vocabulary[] = {
    {"METHOD", method_name}, {"WAY", incident_way_name}, {"WAY|point", way_name}, {NULL, NULL}};

/* "a|b|c" as words. */
static void words(struct ocelot_text *out, const char *choices)
{
    for (const char *c = choices; *c; c++) {
        ocelot_text_append(out, *c == '|' ? " " : c, 1);
    }
}

static const struct ocelot_vocabulary *vocabulary_of(const struct ocelot_program *program, const struct ocelot_option *option)
{
    for (const struct ocelot_vocabulary *v = program->vocabulary; v && v->placeholder; v++) {
        if (strcmp(v->placeholder, option->placeholder) == 0) {
            return v;
        }
    }
    return NULL;
}

/* What an option's argument may be: the choices where the table has them, the program's words, nothing for numbers, else files. */
static void argument(const struct ocelot_program *program, const struct ocelot_option *option, struct ocelot_text *out)
{
    const struct ocelot_vocabulary *vocabulary = vocabulary_of(program, option);
    if (option->type == OCELOT_OPTION_COUNT || option->type == OCELOT_OPTION_NUMBER) {
        ocelot_text_string(out, ") return ;;\n");
        return;
    }
    if (!option->choices && !vocabulary) {
        ocelot_text_string(out, ") files=1 ;;\n");
        return;
    }
    ocelot_text_string(out, ") words='");
    if (option->choices) {
        words(out, option->choices);
    }
    for (size_t k = 0; vocabulary && vocabulary->word(k); k++) {
        ocelot_text_format(out, "%s%s", k ? " " : "", vocabulary->word(k));
    }
    ocelot_text_string(out, "' ;;\n");
}

static void arguments(const struct ocelot_program *program, const struct ocelot_command *command, struct ocelot_text *out)
{
    for (const struct ocelot_option_group *g = command->groups; g->table; g++) {
        for (const struct ocelot_option *option = g->table; option->name; option++) {
            if (option->type == OCELOT_OPTION_FLAG) {
                continue;
            }
            ocelot_text_format(out, "    %s:--%s", command->name, option->name);
            if (option->letter) {
                ocelot_text_format(out, " | %s:-%c", command->name, option->letter);
            }
            argument(program, option, out);
        }
    }
}

static void options(const struct ocelot_command *command, struct ocelot_text *out)
{
    ocelot_text_format(out, "    %s) words='", command->name);
    for (const struct ocelot_option_group *g = command->groups; g->table; g++) {
        for (const struct ocelot_option *option = g->table; option->name; option++) {
            ocelot_text_format(out, "--%s ", option->name);
        }
    }
    ocelot_text_format(out, "--help --version' operands='%s' ;;\n", command->operands ? command->operands : "");
}

static void subcommand(const struct ocelot_program *program, struct ocelot_text *out)
{
    if (program->single) {
        ocelot_text_format(out, "    command=%s\n", program->commands[0]->name);
        return;
    }
    ocelot_text_string(out, "    if ((COMP_CWORD == 1)); then\n        COMPREPLY=($(compgen -W '");
    for (const struct ocelot_command *const *command = program->commands; *command; command++) {
        if (!(*command)->hidden) {
            ocelot_text_format(out, "%s ", (*command)->name);
        }
    }
    ocelot_text_string(out, "--help --version' -- \"$current\"))\n        return\n    fi\n    command=${COMP_WORDS[1]}\n");
}

void ocelot_completion_bash(const struct ocelot_program *program, struct ocelot_text *out)
{
    ocelot_text_format(out, "# bash completion for %s %s, made from its option tables\n", program->name, ocelot_version());
    ocelot_text_string(out, "_ocelot_complete_");
    for (const char *c = program->name; *c; c++) {
        ocelot_text_append(out, *c == '-' ? "_" : c, 1);
    }
    ocelot_text_string(out, "()\n{\n    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
                            "    local command words='' operands='' files=''\n"
                            "    if [[ $current == '=' ]]; then\n        current=''\n" /* bash takes --option=value apart */
                            "    elif [[ $previous == '=' ]]; then\n        previous=${COMP_WORDS[COMP_CWORD - 2]}\n    fi\n");
    subcommand(program, out);
    ocelot_text_string(out, "    case $command:$previous in\n");
    for (const struct ocelot_command *const *command = program->commands; *command; command++) {
        arguments(program, *command, out);
    }
    ocelot_text_string(out, "    esac\n    if [[ -n $words ]]; then\n        COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                            "        return\n    fi\n    case $command in\n");
    for (const struct ocelot_command *const *command = program->commands; *command; command++) {
        options(*command, out);
    }
    ocelot_text_string(out, "    esac\n    if [[ -z $files && $current == -* ]]; then\n        COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                            "    elif [[ -z $files && -n $operands ]]; then\n        COMPREPLY=($(compgen -W \"$operands\" -- \"$current\"))\n"
                            "    else\n        COMPREPLY=($(compgen -f -- \"$current\"))\n    fi\n}\ncomplete -o filenames -F _ocelot_complete_");
    for (const char *c = program->name; *c; c++) {
        ocelot_text_append(out, *c == '-' ? "_" : c, 1);
    }
    ocelot_text_format(out, " %s\n", program->name);
}
