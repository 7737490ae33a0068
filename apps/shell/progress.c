#include "shell/progress.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

static const double patience = 1.0; /* seconds before the bar appears */
static const double interval = 0.1; /* seconds between two looks of it */

static double seconds(const struct timespec *a, const struct timespec *b)
{
    return (double)(b->tv_sec - a->tv_sec) + 1e-9 * (double)(b->tv_nsec - a->tv_nsec);
}

void ocelot_progress_start(struct ocelot_progress *progress, bool quiet)
{
    *progress = (struct ocelot_progress){.wanted = !quiet && isatty(STDERR_FILENO)};
    clock_gettime(CLOCK_MONOTONIC, &progress->start);
    progress->last = progress->start;
}

double ocelot_progress_seconds(const struct ocelot_progress *progress)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return seconds(&progress->start, &now);
}

void ocelot_progress_show(struct ocelot_progress *progress, double share, size_t rows)
{
    if (!progress->wanted) {
        return;
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double elapsed = seconds(&progress->start, &now);
    if (elapsed < patience || seconds(&progress->last, &now) < interval) {
        return;
    }
    progress->last = now;
    progress->shown = true;
    if (isnan(share) || share <= 0) {
        fprintf(stderr, "\r%zu rows, %.0f s ", rows, elapsed);
        return;
    }
    enum { BAR = 30 };
    int filled = (int)(share * BAR);
    fputs("\r[", stderr);
    for (int k = 0; k < BAR; k++) {
        fputc(k < filled ? '#' : '.', stderr);
    }
    fprintf(stderr, "] %3.0f %%  %zu row%s, about %.0f s left ", 100 * share, rows, rows == 1 ? "" : "s", elapsed / share - elapsed);
}

void ocelot_progress_end(struct ocelot_progress *progress)
{
    if (progress->shown) {
        fprintf(stderr, "\r%79s\r", "");
        progress->shown = false;
    }
}
