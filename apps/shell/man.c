/* Man pages in roff, from the same tables as --help. */
#include <ctype.h>
#include <string.h>

#include "shell/command.h"

/* Text with roff's special characters made plain; a line that begins with a dot or quote would be a request. */
static void roff(struct ocelot_text *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        bool start = c == text || c[-1] == '\n';
        if (start && (*c == '.' || *c == '\'')) {
            ocelot_text_string(out, "\\&");
        }
        if (*c == '-') {
            ocelot_text_string(out, "\\-");
        } else if (*c == '\\') {
            ocelot_text_string(out, "\\e");
        } else if (c[0] == '\n' && c[1] == '\n') {
            ocelot_text_string(out, "\n.PP\n");
            c++;
        } else {
            ocelot_text_append(out, c, 1);
        }
    }
}

static void title(const struct ocelot_program *program, const char *command, const char *summary, struct ocelot_text *out)
{
    ocelot_text_string(out, ".TH \"");
    for (const char *c = program->name; *c; c++) {
        char upper = (char)toupper((unsigned char)*c);
        ocelot_text_append(out, &upper, 1);
    }
    if (command) {
        ocelot_text_string(out, "\\-");
        for (const char *c = command; *c; c++) {
            char upper = (char)toupper((unsigned char)*c);
            ocelot_text_append(out, &upper, 1);
        }
    }
    ocelot_text_format(out, "\" 1 \"\" \"Ocelot %s\" \"User commands\"\n.SH NAME\n", ocelot_version());
    roff(out, program->name);
    if (command) {
        ocelot_text_string(out, "\\-");
        roff(out, command);
    }
    ocelot_text_string(out, " \\- ");
    roff(out, summary);
    ocelot_text_string(out, "\n");
}

static void options(const struct ocelot_command *command, struct ocelot_text *out)
{
    for (const struct ocelot_option_group *g = command->groups; g->table; g++) {
        ocelot_text_string(out, ".SS ");
        roff(out, g->title);
        ocelot_text_string(out, "\n");
        for (const struct ocelot_option *option = g->table; option->name; option++) {
            ocelot_text_string(out, ".TP\n");
            if (option->letter) {
                ocelot_text_format(out, "\\fB\\-%c\\fR, ", option->letter);
            }
            ocelot_text_string(out, "\\fB\\-\\-");
            roff(out, option->name);
            ocelot_text_string(out, "\\fR");
            if (option->placeholder) {
                ocelot_text_string(out, " \\fI");
                roff(out, option->placeholder);
                ocelot_text_string(out, "\\fR");
            }
            struct ocelot_text tail = {0};
            ocelot_text_string(&tail, option->summary);
            ocelot_help_values(option, &tail);
            ocelot_text_string(out, "\n");
            roff(out, tail.failed ? "" : tail.bytes);
            ocelot_text_string(out, "\n");
            ocelot_text_free(&tail);
        }
    }
}

static void see_also(const struct ocelot_program *program, struct ocelot_text *out)
{
    ocelot_text_string(out, ".SH SEE ALSO\n");
    for (size_t k = 0; !program->single && program->commands[k]; k++) {
        if (!program->commands[k]->hidden) {
            ocelot_text_format(out, ".BR %s\\-%s (1),\n", program->name, program->commands[k]->name);
        }
    }
    ocelot_text_format(out, ".BR %s (1)\n", program->single ? "ocelot" : "svm\\-explain");
}

void ocelot_man_command(const struct ocelot_program *program, const struct ocelot_command *command, struct ocelot_text *out)
{
    title(program, program->single ? NULL : command->name, command->summary, out);
    ocelot_text_string(out, ".SH SYNOPSIS\n");
    for (size_t k = 0; command->usage[k]; k++) {
        ocelot_text_string(out, k ? ".br\n.B " : ".B ");
        roff(out, program->name);
        if (!program->single) {
            ocelot_text_string(out, " ");
            roff(out, command->name);
        }
        ocelot_text_string(out, "\n");
        roff(out, command->usage[k]);
        ocelot_text_string(out, "\n");
    }
    ocelot_text_string(out, ".SH DESCRIPTION\n");
    roff(out, command->description);
    ocelot_text_string(out, "\n.SH OPTIONS\n");
    options(command, out);
    ocelot_text_string(out, ".SS Everywhere\n.TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nprint a help text\n");
    ocelot_text_string(out, ".TP\n\\fB\\-\\-version\\fR\nprint the version\n.SH EXAMPLES\n");
    for (const struct ocelot_example *example = command->examples; example->line; example++) {
        ocelot_text_string(out, ".TP\n.B ");
        roff(out, example->line);
        ocelot_text_string(out, "\n");
        roff(out, example->what);
        ocelot_text_string(out, "\n");
    }
    ocelot_text_string(out, ".SH EXIT STATUS\n0 done, 1 failure, 2 wrong command line, 3 done but some rows could not be used; ended by a signal, "
                            "128 + its number in shells (Ctrl-C: 130), and no half of a file is left.\n");
    see_also(program, out);
}

void ocelot_man_program(const struct ocelot_program *program, struct ocelot_text *out)
{
    title(program, NULL, program->summary, out);
    ocelot_text_format(out, ".SH SYNOPSIS\n.B %s\n.I COMMAND\n[options] ...\n.SH DESCRIPTION\n", program->name);
    roff(out, program->description);
    ocelot_text_string(out, "\n.SH COMMANDS\n");
    for (const struct ocelot_command *const *command = program->commands; *command; command++) {
        if (!(*command)->hidden) {
            ocelot_text_format(out, ".TP\n.B %s\n", (*command)->name);
            roff(out, (*command)->summary);
            ocelot_text_string(out, "\n");
        }
    }
    see_also(program, out);
}
