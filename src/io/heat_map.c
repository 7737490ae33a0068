#include "io/heat_map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"

void ocelot_heat_sum(const double *relevance, const size_t shape[3], double *out)
{
    size_t pixels = shape[1] * shape[2];
    memmove(out, relevance, pixels * sizeof *out);
    for (size_t c = 1; c < shape[0]; c++)
        for (size_t k = 0; k < pixels; k++)
            out[k] += relevance[c * pixels + k];
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

enum ocelot_status ocelot_heat_scale(const double *map, size_t count, double percentile, double *out, struct ocelot_error *err)
{
    double *sizes = ocelot_allocate(count, sizeof *sizes);
    if (sizes == NULL)
        return ocelot_fail_memory(err, "a heat map");
    for (size_t k = 0; k < count; k++)
        sizes[k] = isnan(map[k]) ? 0 : fabs(map[k]);
    qsort(sizes, count, sizeof *sizes, by_size);
    double rank = ceil(percentile / 100 * (double)count);
    *out = count > 0 ? sizes[rank < 1 ? 0 : rank > (double)count ? count - 1 : (size_t)rank - 1] : 0;
    free(sizes);
    return OCELOT_OK;
}

static double depth(double relevance, double scale)
{
    return scale > 0 && !isnan(relevance) ? relevance / scale : 0;
}

enum ocelot_status ocelot_heat_picture(const double *map, size_t height, size_t width, double scale, const struct ocelot_colour_map *colours,
                                       struct ocelot_picture *out, struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_picture_make(height, width, out, err);
    for (size_t k = 0; status == OCELOT_OK && k < height * width; k++) {
        ocelot_colour_map_apply(colours, depth(map[k], scale), out->pixels + 4 * k);
        out->pixels[4 * k + 3] = 255;
    }
    return status;
}

enum ocelot_status ocelot_heat_overlay(const double *map, const struct ocelot_image *under, double scale, const struct ocelot_colour_map *colours,
                                       struct ocelot_picture *out, struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_heat_picture(map, under->height, under->width, scale, colours, out, err);
    for (size_t k = 0; status == OCELOT_OK && k < under->height * under->width; k++) {
        const unsigned char *pixel = under->pixels + k * under->channels;
        double grey = under->channels == 1 ? pixel[0] : 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
        double light = 0.6 * grey + 0.4 * 255, opacity = fmin(1, fabs(depth(map[k], scale)));
        for (size_t c = 0; c < 3; c++)
            out->pixels[4 * k + c] = (unsigned char)lround((1 - opacity) * light + opacity * out->pixels[4 * k + c]);
    }
    return status;
}
