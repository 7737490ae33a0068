/* Completion for bash (and zsh through bashcompinit), from the same tables as --help. */
#include "shell/command.h"

/* "a|b|c" as words. */
static void words(struct ocelot_text *out, const char *choices)
{
    for (const char *c = choices; *c; c++) {
        ocelot_text_append(out, *c == '|' ? " " : c, 1);
    }
}

/* Arguments of options: the choices where the table has them, files otherwise. */
static void arguments(const struct ocelot_command *command, struct ocelot_text *out)
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
            if (option->choices) {
                ocelot_text_string(out, ") words='");
                words(out, option->choices);
                ocelot_text_string(out, "' ;;\n");
            } else {
                ocelot_text_string(out, ") files=1 ;;\n");
            }
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
                            "    local command words='' operands='' files=''\n");
    subcommand(program, out);
    ocelot_text_string(out, "    case $command:$previous in\n");
    for (const struct ocelot_command *const *command = program->commands; *command; command++) {
        arguments(*command, out);
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
