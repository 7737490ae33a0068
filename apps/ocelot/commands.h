/* The subcommands of ocelot: one const struct each, listed once in main.c. */
#ifndef OCELOT_OCELOT_COMMANDS_H
#define OCELOT_OCELOT_COMMANDS_H

#include "shell/command.h"

extern const struct ocelot_command ocelot_command_train, ocelot_command_score, ocelot_command_explain, ocelot_command_report, ocelot_command_evaluate,
    ocelot_command_inspect, ocelot_command_convert, ocelot_command_plant, ocelot_command_methods, ocelot_command_man, ocelot_command_completion;

#endif
