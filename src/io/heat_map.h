/* Heat maps: the relevance of pixels in colours, alone, over the picture, or on a sheet of many. */
#ifndef OCELOT_IO_HEAT_MAP_H
#define OCELOT_IO_HEAT_MAP_H

#include "io/colour_map.h"
#include "io/image.h"
#include "io/picture.h"

/* Relevance [channels][height][width] summed over the channels into out [height][width], which may be the same memory. */
void ocelot_heat_sum(const double *relevance, const size_t shape[3], double *out);

/* The relevance that gets the full colour: the smallest s such that `percentile` per cent of the pixels have |R| <= s; 100 = the largest |R|. NaN
 * counts as 0. Fails when out of memory. */
OCELOT_MUST_USE enum ocelot_status ocelot_heat_scale(const double *map, size_t count, double percentile, double *out, struct ocelot_error *err);

/* map [height][width] in colours: R / scale through the colour map, beyond -1 and 1 the end's colour; a scale of 0 is a map of the middle colour.
 * Free with ocelot_picture_free. */
OCELOT_MUST_USE enum ocelot_status ocelot_heat_picture(const double *map, size_t height, size_t width, double scale,
                                                       const struct ocelot_colour_map *colours, struct ocelot_picture *out, struct ocelot_error *err);

/* The same over a picture of that size, whose colours are taken out and lightened: a pixel's heat is as opaque as |R| / scale. */
OCELOT_MUST_USE enum ocelot_status ocelot_heat_overlay(const double *map, const struct ocelot_image *under, double scale,
                                                       const struct ocelot_colour_map *colours, struct ocelot_picture *out, struct ocelot_error *err);

/* A sheet: pairs of a picture and its heat map, row after row on light grey. Start it zeroed; free also after failure. */
struct ocelot_sheet {
    struct ocelot_picture *tiles;
    size_t count, capacity, pixels;
};

/* Adds picture and heat map of one size: small ones enlarged by a whole factor, large ones reduced, to at most 256 pixels a side. *full becomes true,
 * and nothing is added, when the sheet would get too large to be a picture. */
OCELOT_MUST_USE enum ocelot_status ocelot_sheet_add(struct ocelot_sheet *sheet, const struct ocelot_image *image, const struct ocelot_picture *heat,
                                                    bool *full, struct ocelot_error *err);
OCELOT_MUST_USE enum ocelot_status ocelot_sheet_picture(const struct ocelot_sheet *sheet, struct ocelot_picture *out, struct ocelot_error *err);
void ocelot_sheet_free(struct ocelot_sheet *sheet);

#endif
