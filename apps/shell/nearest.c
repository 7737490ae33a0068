/* The name that was probably meant: optimal string alignment distance, so that a swapped pair of letters counts once. */
#include <string.h>

#include "shell/command.h"

enum { LONGEST = 40 }; /* longer words are not looked at: names here are short */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t row[3][LONGEST + 1];
    for (size_t j = 0; j <= m; j++) {
        row[0][j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *before = row[(i + 2) % 3], *twice = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], twice[j - 2] + 1);
            }
        }
    }
    return row[n % 3][m];
}

void ocelot_nearest_consider(struct ocelot_nearest *nearest, const char *candidate)
{
    size_t length = strlen(candidate);
    if (nearest->length > LONGEST || length > LONGEST || nearest->length == 0) {
        return;
    }
    size_t d = distance(nearest->word, nearest->length, candidate, length);
    /* What was typed is often the beginning of the name. */
    if (d > 1 && nearest->length >= 3 && length > nearest->length && strncmp(candidate, nearest->word, nearest->length) == 0) {
        d = 1;
    }
    if (d < nearest->distance) {
        nearest->distance = d;
        nearest->best = candidate;
    }
}

const char *ocelot_nearest_found(const struct ocelot_nearest *nearest)
{
    return nearest->best && nearest->distance <= 1 + nearest->length / 4 ? nearest->best : NULL;
}
