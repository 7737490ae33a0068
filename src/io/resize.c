#include "io/resize.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "io/image_format.h"

enum { BITS = 22 };

/* The weights of one direction: output sample k sums weight[k * taps + j] * input[first[k] + j], j < count[k]. */
struct filter {
    size_t taps, *first, *count;
    int32_t *weight;
};

static void release(struct filter *filter)
{
    free(filter->first);
    free(filter->count);
    free(filter->weight);
}

static void fill(struct filter *filter, double *tent, size_t in, size_t out)
{
    double scale = (double)in / (double)out, spread = scale > 1 ? scale : 1;
    for (size_t k = 0; k < out; k++) {
        double centre = ((double)k + 0.5) * scale, low = centre - spread + 0.5, high = centre + spread + 0.5, sum = 0;
        size_t first = low < 0 ? 0 : (size_t)low, end = high > (double)in ? in : (size_t)high;
        filter->first[k] = first;
        filter->count[k] = end - first;
        for (size_t j = 0; j < end - first; j++) {
            double distance = fabs(((double)(first + j) - centre + 0.5) / spread);
            tent[j] = distance < 1 ? 1 - distance : 0;
            sum += tent[j];
        }
        for (size_t j = 0; j < end - first; j++)
            filter->weight[k * filter->taps + j] = (int32_t)(0.5 + tent[j] / sum * (1 << BITS));
    }
}

/* False when out of memory. */
static bool make(struct filter *filter, size_t in, size_t out)
{
    double scale = (double)in / (double)out;
    filter->taps = 2 * (size_t)ceil(scale > 1 ? scale : 1) + 1;
    size_t weights = 0;
    bool fits = ocelot_size_multiply(filter->taps, out, &weights);
    double *tent = ocelot_allocate(filter->taps, sizeof *tent);
    filter->first = ocelot_allocate(out, sizeof *filter->first);
    filter->count = ocelot_allocate(out, sizeof *filter->count);
    filter->weight = fits ? ocelot_allocate(weights, sizeof *filter->weight) : NULL;
    bool whole = tent != NULL && filter->first != NULL && filter->count != NULL && filter->weight != NULL;
    if (whole)
        fill(filter, tent, in, out);
    free(tent);
    return whole;
}

/* One line: its samples are `step` bytes apart. */
static void apply(const struct filter *filter, size_t out_count, const unsigned char *in, unsigned char *out, size_t step)
{
    for (size_t k = 0; k < out_count; k++) {
        const unsigned char *from = in + filter->first[k] * step;
        const int32_t *weight = filter->weight + k * filter->taps;
        int64_t sum = 1 << (BITS - 1);
        for (size_t j = 0; j < filter->count[k]; j++)
            sum += (int64_t)from[j * step] * weight[j];
        sum >>= BITS;
        out[k * step] = (unsigned char)(sum > 255 ? 255 : sum);
    }
}

static void along_rows(const struct filter *filter, const struct ocelot_image *in, struct ocelot_image *out)
{
    for (size_t y = 0; y < in->height; y++)
        for (size_t c = 0; c < in->channels; c++)
            apply(filter, out->width, in->pixels + y * in->width * in->channels + c, out->pixels + y * out->width * out->channels + c, in->channels);
}

static void along_columns(const struct filter *filter, const struct ocelot_image *in, struct ocelot_image *out)
{
    size_t step = in->width * in->channels;
    for (size_t c = 0; c < step; c++)
        apply(filter, out->height, in->pixels + c, out->pixels + c, step);
}

static enum ocelot_status copy(const struct ocelot_image *image, const char *name, struct ocelot_image *out, struct ocelot_error *err)
{
    enum ocelot_status status = ocelot_image_allocate(out, image->width, image->height, image->channels, name, err);
    if (status == OCELOT_OK)
        memcpy(out->pixels, image->pixels, image->width * image->height * image->channels);
    return status;
}

/* One direction that keeps its size is left out, as the weights would round. */
enum ocelot_status ocelot_image_resize(const struct ocelot_image *image, size_t width, size_t height, const char *name, struct ocelot_image *out,
                                       struct ocelot_error *err)
{
    struct filter rows = {0}, columns = {0};
    struct ocelot_image middle = {0}, result = {0};
    const struct ocelot_image *wide = image;
    enum ocelot_status status = OCELOT_OK;
    if (width == image->width && height == image->height)
        return copy(image, name, out, err);
    if (width != image->width) {
        status = ocelot_image_allocate(&middle, width, image->height, image->channels, name, err);
        if (status == OCELOT_OK && !make(&rows, image->width, width))
            status = ocelot_fail_memory(err, "the resizing of a picture");
        if (status == OCELOT_OK && rows.weight != NULL)
            along_rows(&rows, image, &middle);
        wide = &middle;
    }
    if (status == OCELOT_OK && height != image->height) {
        status = ocelot_image_allocate(&result, width, height, image->channels, name, err);
        if (status == OCELOT_OK && !make(&columns, image->height, height))
            status = ocelot_fail_memory(err, "the resizing of a picture");
        if (status == OCELOT_OK && columns.weight != NULL)
            along_columns(&columns, wide, &result);
    } else if (status == OCELOT_OK) {
        result = middle;
        middle = (struct ocelot_image){0};
    }
    ocelot_image_free(&middle);
    release(&rows);
    release(&columns);
    if (status == OCELOT_OK)
        *out = result;
    else
        ocelot_image_free(&result);
    return status;
}
