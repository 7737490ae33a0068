/* Command lines against option tables: long, short, joined and separate arguments, anywhere among the operands. */
#include <stdint.h>
#include <string.h>

#include "shell/command.h"

const struct ocelot_option *ocelot_command_option(const struct ocelot_command *command, const char *name, size_t length,
                                                  const struct ocelot_option_group **group)
{
    for (const struct ocelot_option_group *g = command->groups; g->table; g++) {
        const struct ocelot_option *option = ocelot_option_find(g->table, name, length);
        if (option) {
            *group = g;
            return option;
        }
    }
    return NULL;
}

static const struct ocelot_option *find_letter(const struct ocelot_command *command, char letter, const struct ocelot_option_group **group)
{
    for (const struct ocelot_option_group *g = command->groups; g->table; g++) {
        for (const struct ocelot_option *option = g->table; option->name; option++) {
            if (option->letter == letter) {
                *group = g;
                return option;
            }
        }
    }
    return NULL;
}

/* The state of one parse: what is left of argv. */
struct parse {
    const struct ocelot_command *command;
    int argc, at;
    char **argv;
    unsigned char *settings;
    char *what;
    struct ocelot_error *err;
};

static enum ocelot_status unknown(const struct parse *p, const char *word, const char *name, size_t length)
{
    struct ocelot_nearest nearest = {.word = name, .length = length, .distance = SIZE_MAX};
    for (const struct ocelot_option_group *g = p->command->groups; g->table; g++) {
        for (const struct ocelot_option *option = g->table; option->name; option++) {
            ocelot_nearest_consider(&nearest, option->name);
        }
    }
    ocelot_nearest_consider(&nearest, "help");
    ocelot_nearest_consider(&nearest, "version");
    const char *found = ocelot_nearest_found(&nearest);
    if (found) {
        return ocelot_fail(p->err, OCELOT_E_ARGUMENT, "unknown option %s; did you mean --%s?", word, found);
    }
    return ocelot_fail(p->err, OCELOT_E_ARGUMENT, "unknown option %s", word);
}

/* Stores an option whose argument is `joined`, or the next word when joined is NULL and it needs one. */
static enum ocelot_status store(struct parse *p, const struct ocelot_option *option, const struct ocelot_option_group *group, const char *joined)
{
    const char *text = joined;
    if (option->type == OCELOT_OPTION_FLAG) {
        if (joined) {
            return ocelot_fail(p->err, OCELOT_E_ARGUMENT, "--%s takes no argument, found \"%s\"", option->name, joined);
        }
    } else if (!text) {
        if (p->at + 1 >= p->argc) {
            return ocelot_fail(p->err, OCELOT_E_ARGUMENT, "--%s needs an argument: %s", option->name, option->placeholder);
        }
        text = p->argv[++p->at];
    }
    return ocelot_option_set(option, text, p->settings + group->offset, p->err);
}

static enum ocelot_status parse_long(struct parse *p, const char *word)
{
    const char *name = word + 2;
    const char *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct ocelot_option_group *group = NULL;
    const struct ocelot_option *option = ocelot_command_option(p->command, name, length, &group);
    if (option) {
        return store(p, option, group, equals ? equals + 1 : NULL);
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "version") == 0) {
        *p->what = name[0];
        return OCELOT_OK;
    }
    return unknown(p, word, name, length);
}

/* -q, -o FILE, -oFILE, -qo FILE */
static enum ocelot_status parse_short(struct parse *p, const char *word)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const struct ocelot_option_group *group = NULL;
        const struct ocelot_option *option = find_letter(p->command, *letter, &group);
        if (!option && *letter == 'h') {
            *p->what = 'h';
            continue;
        }
        if (!option) {
            return letter == word + 1 && letter[1] ? unknown(p, word, word + 1, strlen(word + 1))
                                                   : ocelot_fail(p->err, OCELOT_E_ARGUMENT, "unknown option -%c", *letter);
        }
        if (option->type != OCELOT_OPTION_FLAG) {
            return store(p, option, group, letter[1] ? letter + 1 : NULL);
        }
        enum ocelot_status status = store(p, option, group, NULL);
        if (status) {
            return status;
        }
    }
    return OCELOT_OK;
}

static enum ocelot_status check_operands(const struct ocelot_command *command, const char *const *operands, size_t count, struct ocelot_error *err)
{
    if (count < command->least) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: %zu of %zu file arguments given; usage: %s %s", command->name, count, command->least,
                           command->name, command->usage[0]);
    }
    if (count > command->most) {
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "%s: unexpected argument \"%s\"; usage: %s %s", command->name, operands[command->most],
                           command->name, command->usage[0]);
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_command_parse(const struct ocelot_command *command, int argc, char **argv, void *settings, const char **operands,
                                        size_t *operand_count, char *what, struct ocelot_error *err)
{
    struct parse p = {.command = command, .argc = argc, .argv = argv, .settings = settings, .what = what, .err = err};
    for (const struct ocelot_option_group *g = command->groups; g->table; g++) {
        ocelot_options_default(g->table, p.settings + g->offset);
    }
    *what = 'r';
    *operand_count = 0;
    bool only_operands = false;
    for (; p.at < argc; p.at++) {
        const char *word = argv[p.at];
        enum ocelot_status status = OCELOT_OK;
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            operands[(*operand_count)++] = word;
        } else if (strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (word[1] == '-') {
            status = parse_long(&p, word);
        } else {
            status = parse_short(&p, word);
        }
        if (status || *what != 'r') {
            return status;
        }
    }
    return check_operands(command, operands, *operand_count, err);
}
