/* --help from the tables: usage, what it does, options with their values, worked examples. */
#include <string.h>

#include "shell/command.h"

enum { WIDTH = 100, COLUMN = 28 };

/* Appends a paragraph, wrapped to WIDTH; lines after the first begin with `indent` blanks; `used` is where the first one stands. */
static void wrap(struct ocelot_text *out, const char *words, size_t indent, size_t used)
{
    for (bool first = true; *words; first = false) {
        size_t length = strcspn(words, " \n");
        if (!first && used + 1 + length > WIDTH) {
            ocelot_text_format(out, "\n%*s", (int)indent, "");
            used = indent;
        } else if (!first) {
            ocelot_text_string(out, " ");
            used++;
        }
        ocelot_text_append(out, words, length);
        used += length;
        words += length + (words[length] != '\0');
    }
    ocelot_text_string(out, "\n");
}

/* Paragraphs are separated by an empty line in the source. */
static void paragraphs(struct ocelot_text *out, const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        struct ocelot_text one = {0};
        ocelot_text_append(&one, text, length);
        wrap(out, one.length ? one.bytes : "", 0, 0);
        ocelot_text_string(out, "\n");
        ocelot_text_free(&one);
        text += length + (end ? 2 : 0);
    }
}

/* Bounds that only say "any number" are not worth a word. */
static void bounds(const struct ocelot_option *option, struct ocelot_text *out)
{
    bool low = option->low > -1e15 && !(option->low == 0 && option->type == OCELOT_OPTION_COUNT && option->high >= 1e15);
    bool high = option->high < 1e15;
    if ((!low && !high) || option->low == option->high) {
        return;
    }
    if (low && high) {
        ocelot_text_number(out, option->low);
        ocelot_text_string(out, " to ");
        ocelot_text_number(out, option->high);
    } else {
        ocelot_text_string(out, low ? "at least " : "at most ");
        ocelot_text_number(out, low ? option->low : option->high);
    }
}

void ocelot_help_values(const struct ocelot_option *option, struct ocelot_text *out)
{
    struct ocelot_text say = {0};
    if (option->choices) {
        for (const char *c = option->choices; *c; c++) {
            ocelot_text_append(&say, *c == '|' ? ", " : c, *c == '|' ? 2 : 1);
        }
        if (option->low < option->high) {
            ocelot_text_string(&say, ", or a number");
        }
    } else if (option->type == OCELOT_OPTION_COUNT || option->type == OCELOT_OPTION_NUMBER) {
        bounds(option, &say);
    }
    if (option->type == OCELOT_OPTION_LIST) {
        ocelot_text_string(&say, "may be repeated");
    }
    if (option->fallback && option->type != OCELOT_OPTION_FLAG) {
        ocelot_text_format(&say, "%sdefault %s", say.length ? "; " : "", option->fallback);
    }
    if (say.length) {
        ocelot_text_format(out, " (%s)", say.bytes);
    }
    ocelot_text_free(&say);
}

static void option_line(const struct ocelot_option *option, struct ocelot_text *out)
{
    struct ocelot_text head = {0}, tail = {0};
    if (option->letter) {
        ocelot_text_format(&head, "  -%c, --%s", option->letter, option->name);
    } else {
        ocelot_text_format(&head, "      --%s", option->name);
    }
    if (option->placeholder) {
        ocelot_text_format(&head, " %s", option->placeholder);
    }
    ocelot_text_string(&tail, option->summary);
    ocelot_help_values(option, &tail);
    if (!head.failed && !tail.failed) {
        ocelot_text_string(out, head.bytes);
        if (head.length + 2 > COLUMN) {
            ocelot_text_format(out, "\n%*s", COLUMN, "");
        } else {
            ocelot_text_format(out, "%*s", (int)(COLUMN - head.length), "");
        }
        wrap(out, tail.bytes, COLUMN, COLUMN);
    }
    ocelot_text_free(&head);
    ocelot_text_free(&tail);
}

static void usage_lines(const struct ocelot_program *program, const struct ocelot_command *command, struct ocelot_text *out)
{
    for (size_t k = 0; command->usage[k]; k++) {
        ocelot_text_format(out, "%s%s%s%s %s\n", k ? "       " : "Usage: ", program->name, program->single ? "" : " ",
                           program->single ? "" : command->name, command->usage[k]);
    }
}

void ocelot_help_command(const struct ocelot_program *program, const struct ocelot_command *command, struct ocelot_text *out)
{
    usage_lines(program, command, out);
    ocelot_text_string(out, "\n");
    paragraphs(out, command->description);
    for (const struct ocelot_option_group *g = command->groups; g->table; g++) {
        ocelot_text_format(out, "%s:\n", g->title);
        for (const struct ocelot_option *option = g->table; option->name; option++) {
            option_line(option, out);
        }
        ocelot_text_string(out, "\n");
    }
    ocelot_text_string(out, "Everywhere:\n");
    ocelot_text_string(out, "  -h, --help                print this text\n      --version             print the version\n\nExamples:\n");
    for (const struct ocelot_example *example = command->examples; example->line; example++) {
        ocelot_text_format(out, "  %s\n      ", example->line);
        wrap(out, example->what, 6, 6);
    }
    ocelot_text_string(out, "\nExit status: 0 done, 1 failure, 2 wrong command line, 3 done but some rows could not be used;\n"
                            "128 + its number in shells after a signal (Ctrl-C: 130), and no half of a file is left.\n");
}

void ocelot_help_program(const struct ocelot_program *program, struct ocelot_text *out)
{
    ocelot_text_format(out, "Usage: %s COMMAND [options] ...\n\n", program->name);
    paragraphs(out, program->description);
    ocelot_text_string(out, "Commands:\n");
    for (const struct ocelot_command *const *command = program->commands; *command; command++) {
        if (!(*command)->hidden) {
            ocelot_text_format(out, "  %-12s %s\n", (*command)->name, (*command)->summary);
        }
    }
    ocelot_text_format(out, "\n'%s COMMAND --help' explains a command with worked examples; '%s --version' prints the version.\n", program->name,
                       program->name);
}
