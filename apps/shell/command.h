/* Commands as data: one const struct a subcommand drives parsing, checks, --help, man pages and shell completion. */
#ifndef OCELOT_SHELL_COMMAND_H
#define OCELOT_SHELL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "ocelot/option.h"

/* What a process of ours ends with. */
enum ocelot_exit {
    OCELOT_EXIT_DONE = 0,
    OCELOT_EXIT_FAILURE = 1,
    OCELOT_EXIT_USAGE = 2, /* the command line is wrong */
    OCELOT_EXIT_ROWS = 3   /* done, but some rows failed */
};

/* Options that belong together under one heading; `offset` is where their settings struct lies in the command's settings. */
struct ocelot_option_group {
    const char *title;
    const struct ocelot_option *table; /* NULL ends the groups */
    size_t offset;
};

/* A worked example for --help and the man page. */
struct ocelot_example {
    const char *line; /* what to type; NULL ends the examples */
    const char *what; /* what it does, as a sentence */
};

struct ocelot_invocation;

struct ocelot_command {
    const char *name;                                       /* "train"; of a program with one command, the program's name */
    const char *summary;                                    /* one line, no full stop */
    const char *const *usage;                               /* what follows the name, one string a way of calling; NULL-terminated */
    const char *description;                                /* paragraphs separated by an empty line */
    const struct ocelot_option_group *groups;               /* ends with a row whose table is NULL */
    const struct ocelot_example *examples;                  /* ends with a row whose line is NULL */
    size_t settings_size;                                   /* bytes of the settings struct that the groups write to */
    size_t least, most;                                     /* number of operands */
    const char *operands;                                   /* words to complete operands with, separated by blanks; NULL = files */
    bool hidden;                                            /* not listed */
    int (*run)(const struct ocelot_invocation *invocation); /* returns an ocelot_exit */
};

/* The words that a placeholder of the option tables stands for, where a program knows them: "METHOD". */
struct ocelot_vocabulary {
    const char *placeholder;       /* NULL ends the vocabulary */
    const char *(*word)(size_t k); /* word k, NULL past the last */
};
extern const struct ocelot_vocabulary ocelot_method_vocabulary[]; /* METHOD: the methods of explanation; WAY, WAY|point: of aggregation */

struct ocelot_program {
    const char *name;                             /* "ocelot" */
    const char *summary;                          /* one line */
    const char *description;                      /* paragraphs */
    const struct ocelot_command *const *commands; /* NULL-terminated */
    bool single;                                  /* the program is its first command: no subcommand on the command line */
    const struct ocelot_vocabulary *vocabulary;   /* for completion; NULL = none */
    int usage_status;                             /* exit status when called without any argument */
};

/* One parsed command line. Everything lives as long as `run` runs. */
struct ocelot_invocation {
    const struct ocelot_program *program;
    const struct ocelot_command *command;
    const void *settings; /* the command's settings struct */
    const char *const *operands;
    size_t operand_count;
};

/* Runs the program: finds the command, parses, answers --help and --version, calls `run`. Returns the exit status. */
int ocelot_program_run(const struct ocelot_program *program, int argc, char **argv);

/* The command of that name, or NULL. */
const struct ocelot_command *ocelot_program_find(const struct ocelot_program *program, const char *name);

/* The option called `name` in any group, or NULL; *group receives where. */
const struct ocelot_option *ocelot_command_option(const struct ocelot_command *command, const char *name, size_t length,
                                                  const struct ocelot_option_group **group);

/* Parses argv[0..argc) (after the command's name) into zeroed settings of settings_size bytes and operands [argc].
 * *what becomes 'r' run, 'h' help, 'v' version. Fails with OCELOT_E_ARGUMENT and a sentence. */
OCELOT_MUST_USE enum ocelot_status ocelot_command_parse(const struct ocelot_command *command, int argc, char **argv, void *settings,
                                                        const char **operands, size_t *operand_count, char *what, struct ocelot_error *err);

/* The candidate nearest to `word` by edit distance if it is near enough to be meant, else NULL. `next` gives candidates until NULL. */
struct ocelot_nearest {
    const char *word;
    size_t length;
    const char *best;
    size_t distance;
};
void ocelot_nearest_consider(struct ocelot_nearest *nearest, const char *candidate);
const char *ocelot_nearest_found(const struct ocelot_nearest *nearest);

/* Help texts, man pages and completion, all from the same tables, appended to `out`. */
void ocelot_help_command(const struct ocelot_program *program, const struct ocelot_command *command, struct ocelot_text *out);
void ocelot_help_program(const struct ocelot_program *program, struct ocelot_text *out);
void ocelot_man_command(const struct ocelot_program *program, const struct ocelot_command *command, struct ocelot_text *out);
void ocelot_man_program(const struct ocelot_program *program, struct ocelot_text *out);
void ocelot_completion_bash(const struct ocelot_program *program, struct ocelot_text *out);

/* "(0 to 1; default 0.1)": what values an option takes and what it is without; appends nothing where there is nothing to say. */
void ocelot_help_values(const struct ocelot_option *option, struct ocelot_text *out);

/* "PROGRAM: sentence" on standard error, and the exit status that fits the error. */
int ocelot_complain(const struct ocelot_program *program, const struct ocelot_error *err);
/* A remark on standard error: "PROGRAM: sentence". */
void ocelot_remark(const struct ocelot_program *program, const char *format, ...) OCELOT_PRINTF(2, 3);
/* Writes a text to standard output; the exit status. */
int ocelot_say(const struct ocelot_program *program, struct ocelot_text *text);

#endif
