/* The commands that write this program's own documentation: man pages and shell completion. */
#include <string.h>

#include "ocelot/commands.h"

static const struct ocelot_option_group no_groups[] = {{.table = NULL}};

static int run_man(const struct ocelot_invocation *invocation)
{
    const struct ocelot_program *program = invocation->program;
    struct ocelot_text text = {0};
    if (invocation->operand_count == 0) {
        ocelot_man_program(program, &text);
        return ocelot_say(program, &text);
    }
    const struct ocelot_command *command = ocelot_program_find(program, invocation->operands[0]);
    if (!command) {
        ocelot_remark(program, "unknown command %s", invocation->operands[0]);
        return OCELOT_EXIT_USAGE;
    }
    ocelot_man_command(program, command, &text);
    return ocelot_say(program, &text);
}

static int run_completion(const struct ocelot_invocation *invocation)
{
    if (strcmp(invocation->operands[0], "bash") != 0) {
        ocelot_remark(invocation->program, "completion: found \"%s\", expected bash (zsh reads it through bashcompinit)", invocation->operands[0]);
        return OCELOT_EXIT_USAGE;
    }
    struct ocelot_text text = {0};
    ocelot_completion_bash(invocation->program, &text);
    return ocelot_say(invocation->program, &text);
}

const struct ocelot_command ocelot_command_man = {
    .name = "man",
    .summary = "print a man page in roff",
    .usage = (const char *const[]){"[COMMAND]", NULL},
    .description = "Prints the man page of ocelot or of one of its commands, as it is installed.",
    .groups = no_groups,
    .examples = (const struct ocelot_example[]){{"ocelot man explain | man -l -", "Reads the page of a command that was not installed."},
                                                {"ocelot man > ocelot.1", "Writes the page of the program."},
                                                {NULL, NULL}},
    .most = 1,
    .hidden = true,
    .run = run_man,
};

const struct ocelot_command ocelot_command_completion = {
    .name = "completion",
    .summary = "print a completion script for a shell",
    .usage = (const char *const[]){"bash", NULL},
    .description = "Prints a script that completes commands, options and their values. It is made from the tables that drive the command line.",
    .groups = no_groups,
    .examples = (const struct ocelot_example[]){{"source <(ocelot completion bash)", "Turns completion on in this shell."},
                                                {"ocelot completion bash > ~/.local/share/bash-completion/completions/ocelot",
                                                 "Turns it on for every new bash."},
                                                {NULL, NULL}},
    .least = 1,
    .most = 1,
    .operands = "bash",
    .hidden = true,
    .run = run_completion,
};
