/* A progress bar on standard error: only on a terminal, and only when the work is long. */
#ifndef OCELOT_SHELL_PROGRESS_H
#define OCELOT_SHELL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct ocelot_progress {
    bool wanted, shown;
    struct timespec start, last;
};

void ocelot_progress_start(struct ocelot_progress *progress, bool quiet);
/* Since the start, whether anything is shown or not. */
double ocelot_progress_seconds(const struct ocelot_progress *progress);
/* `share` of the work done, 0..1, or NaN when unknown; `rows` done so far. */
void ocelot_progress_show(struct ocelot_progress *progress, double share, size_t rows);
/* Wipes the line. */
void ocelot_progress_end(struct ocelot_progress *progress);

#endif
