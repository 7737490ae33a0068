#include "io/colour_map.h"

#include <math.h>
#include <string.h>

static const struct ocelot_colour_map maps[] = {
    {"bwr", "blue, white, red", 3, {{-1, {0, 0, 255}}, {0, {255, 255, 255}}, {1, {255, 0, 0}}}},
    {"seismic",
     "dark blue, blue, white, red, dark red",
     5,
     {{-1, {0, 0, 76}}, {-0.5, {0, 0, 255}}, {0, {255, 255, 255}}, {0.5, {255, 0, 0}}, {1, {128, 0, 0}}}},
    {"coldnhot",
     "cyan, blue, black, red, yellow, with white at both ends",
     7,
     {{-1, {255, 255, 255}},
      {-2.0 / 3, {0, 255, 255}},
      {-1.0 / 3, {0, 0, 255}},
      {0, {0, 0, 0}},
      {1.0 / 3, {255, 0, 0}},
      {2.0 / 3, {255, 255, 0}},
      {1, {255, 255, 255}}}},
    {"hot",
     "black, red, yellow, white; negative relevance is black",
     5,
     {{-1, {0, 0, 0}}, {0, {0, 0, 0}}, {1.0 / 3, {255, 0, 0}}, {2.0 / 3, {255, 255, 0}}, {1, {255, 255, 255}}}},
    {"grey", "black, grey, white", 3, {{-1, {0, 0, 0}}, {0, {128, 128, 128}}, {1, {255, 255, 255}}}}};

const struct ocelot_colour_map *ocelot_colour_map_at(size_t k)
{
    return k < sizeof maps / sizeof maps[0] ? &maps[k] : NULL;
}

const struct ocelot_colour_map *ocelot_colour_map_find(const char *name)
{
    for (size_t k = 0; k < sizeof maps / sizeof maps[0]; k++)
        if (strcmp(maps[k].name, name) == 0)
            return &maps[k];
    return NULL;
}

void ocelot_colour_map_apply(const struct ocelot_colour_map *map, double t, unsigned char rgb[3])
{
    size_t k = 1;
    t = isnan(t) ? 0 : t < -1 ? -1 : t > 1 ? 1 : t;
    while (k + 1 < map->count && t > map->knot[k].at)
        k++;
    double share = (t - map->knot[k - 1].at) / (map->knot[k].at - map->knot[k - 1].at);
    for (size_t c = 0; c < 3; c++)
        rgb[c] = (unsigned char)lround((1 - share) * map->knot[k - 1].rgb[c] + share * map->knot[k].rgb[c]);
}
