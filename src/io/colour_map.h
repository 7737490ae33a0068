/* Colour maps for relevance: -1 is the most negative colour, 0 the middle, 1 the most positive one. */
#ifndef OCELOT_IO_COLOUR_MAP_H
#define OCELOT_IO_COLOUR_MAP_H

#include <stddef.h>

enum { OCELOT_COLOUR_KNOTS = 7 };

/* Straight lines between knots, in sRGB values. */
struct ocelot_colour_map {
    const char *name;
    const char *summary;
    size_t count;
    struct {
        double at; /* ascending, from -1 to 1 */
        unsigned char rgb[3];
    } knot[OCELOT_COLOUR_KNOTS];
};

/* Map k, or NULL past the last; by name, NULL when there is none. */
const struct ocelot_colour_map *ocelot_colour_map_at(size_t k);
const struct ocelot_colour_map *ocelot_colour_map_find(const char *name);

/* The colour at t, which is clamped to [-1, 1]; NaN is the middle. */
void ocelot_colour_map_apply(const struct ocelot_colour_map *map, double t, unsigned char rgb[3]);

#endif
