/* Where results go: standard output, or a file that appears whole or not at all. */
#ifndef OCELOT_SHELL_OUTPUT_H
#define OCELOT_SHELL_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"

struct ocelot_output {
    FILE *stream;
    char *path;      /* NULL = standard output */
    char *target;    /* path, or where the link at path leads to */
    char *temporary; /* lies beside the target and is renamed to it by finish; NULL = written in place (a pipe, a device) */
    bool spooled;    /* collected in an unnamed file first, because standard output cannot seek */
};

/* Opens `path` (NULL or "-" = standard output). With `seek`, ocelot_output_rewrite works. Only one may be open at a time: signals that end the
 * process remove its temporary file. Start it zeroed. */
OCELOT_MUST_USE enum ocelot_status ocelot_output_open(struct ocelot_output *output, const char *path, bool seek, struct ocelot_error *err);

/* OCELOT_E_ARGUMENT when `path` (as for open) is the same file as `input`, which would be lost. */
OCELOT_MUST_USE enum ocelot_status ocelot_output_spare(const char *path, const char *input, struct ocelot_error *err);

OCELOT_MUST_USE enum ocelot_status ocelot_output_write(struct ocelot_output *output, const struct ocelot_text *text, struct ocelot_error *err);

/* Lets readers of a pipe see what was written. */
OCELOT_MUST_USE enum ocelot_status ocelot_output_flush(struct ocelot_output *output, struct ocelot_error *err);

/* Writes `text` over the beginning. */
OCELOT_MUST_USE enum ocelot_status ocelot_output_rewrite(struct ocelot_output *output, const struct ocelot_text *text, struct ocelot_error *err);

/* Closes and renames. */
OCELOT_MUST_USE enum ocelot_status ocelot_output_finish(struct ocelot_output *output, struct ocelot_error *err);

/* Closes without keeping anything; also after finish, when it does nothing. */
void ocelot_output_discard(struct ocelot_output *output);

#endif
