/* A program: which command is meant, and how it ends. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/command.h"

const struct ocelot_command *ocelot_program_find(const struct ocelot_program *program, const char *name)
{
    for (const struct ocelot_command *const *command = program->commands; *command; command++) {
        if (strcmp((*command)->name, name) == 0) {
            return *command;
        }
    }
    return NULL;
}

int ocelot_complain(const struct ocelot_program *program, const struct ocelot_error *err)
{
    /* An I/O error without a sentence: the reader of our pipe went away. Nobody is left to be told. */
    if (err->status == OCELOT_E_IO && !err->message[0]) {
        return OCELOT_EXIT_FAILURE;
    }
    fprintf(stderr, "%s: %s\n", program->name, err->message[0] ? err->message : ocelot_status_name(err->status));
    return err->status == OCELOT_E_ARGUMENT ? OCELOT_EXIT_USAGE : OCELOT_EXIT_FAILURE;
}

void ocelot_remark(const struct ocelot_program *program, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program->name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

int ocelot_say(const struct ocelot_program *program, struct ocelot_text *text)
{
    int status = OCELOT_EXIT_DONE;
    if (text->failed) {
        ocelot_remark(program, "out of memory");
        status = OCELOT_EXIT_FAILURE;
    } else if (text->length && (fwrite(text->bytes, 1, text->length, stdout) != text->length || fflush(stdout))) {
        ocelot_remark(program, "standard output could not be written");
        status = OCELOT_EXIT_FAILURE;
    }
    ocelot_text_free(text);
    return status;
}

static int say_version(const struct ocelot_program *program)
{
    struct ocelot_text text = {0};
    ocelot_text_format(&text,
                       "%s %s\nfloat32 convolutions by %s\nSources: BSD-3-Clause. The GNU Scientific Library is linked in, so this program is "
                       "distributable under the GPL, version 3 or later.\n",
                       program->name, ocelot_version(), ocelot_engine());
    return ocelot_say(program, &text);
}

static int say_help(const struct ocelot_program *program, const struct ocelot_command *command)
{
    struct ocelot_text text = {0};
    if (command) {
        ocelot_help_command(program, command, &text);
    } else {
        ocelot_help_program(program, &text);
    }
    return ocelot_say(program, &text);
}

static int run_command(const struct ocelot_program *program, const struct ocelot_command *command, int argc, char **argv)
{
    struct ocelot_error err = {0};
    int result = OCELOT_EXIT_FAILURE;
    void *settings = calloc(1, command->settings_size + 1);
    const char **operands = calloc((size_t)argc + 1, sizeof *operands);
    char what = 'r';
    struct ocelot_invocation invocation = {.program = program, .command = command, .settings = settings, .operands = operands};
    if (!settings || !operands) {
        ocelot_remark(program, "out of memory");
        goto done;
    }
    if (ocelot_command_parse(command, argc, argv, settings, operands, &invocation.operand_count, &what, &err)) {
        result = ocelot_complain(program, &err);
        fprintf(stderr, "Try '%s%s%s --help'.\n", program->name, program->single ? "" : " ", program->single ? "" : command->name);
        goto done;
    }
    result = what == 'h' ? say_help(program, command) : what == 'v' ? say_version(program) : command->run(&invocation);
done:
    free(operands);
    free(settings);
    return result;
}

static int unknown_command(const struct ocelot_program *program, const char *word)
{
    struct ocelot_nearest nearest = {.word = word, .length = strlen(word), .distance = SIZE_MAX};
    for (const struct ocelot_command *const *command = program->commands; *command; command++) {
        if (!(*command)->hidden) {
            ocelot_nearest_consider(&nearest, (*command)->name);
        }
    }
    const char *found = ocelot_nearest_found(&nearest);
    const char *kind = word[0] == '-' ? "option" : "command";
    if (found && word[0] != '-') {
        ocelot_remark(program, "unknown %s %s; did you mean %s?", kind, word, found);
    } else {
        ocelot_remark(program, "unknown %s %s", kind, word);
    }
    fprintf(stderr, "Try '%s --help'.\n", program->name);
    return OCELOT_EXIT_USAGE;
}

int ocelot_program_run(const struct ocelot_program *program, int argc, char **argv)
{
    if (argc < 2) {
        struct ocelot_text text = {0};
        if (program->single) {
            ocelot_help_command(program, program->commands[0], &text);
        } else {
            ocelot_help_program(program, &text);
        }
        if (text.length) {
            fwrite(text.bytes, 1, text.length, stderr);
        }
        ocelot_text_free(&text);
        return program->usage_status;
    }
    if (program->single) {
        return run_command(program, program->commands[0], argc - 1, argv + 1);
    }
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0) {
        return say_version(program);
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || (strcmp(word, "help") == 0 && argc == 2)) {
        return say_help(program, NULL);
    }
    bool help = strcmp(word, "help") == 0;
    const struct ocelot_command *command = ocelot_program_find(program, help ? argv[2] : word);
    if (!command) {
        return unknown_command(program, help ? argv[2] : word);
    }
    return help ? say_help(program, command) : run_command(program, command, argc - 2, argv + 2);
}
