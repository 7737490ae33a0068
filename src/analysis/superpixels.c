#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/superpixel_space.h"
#include "base/error.h"
#include "base/size.h"

enum { ITERATIONS = 10 };
static const double COMPACTNESS = 0.1;

struct ocelot_superpixel_space {
    size_t channels, height, width, count;
    size_t down, across;     /* centres begin on a grid of so many */
    double *centre;          /* [down * across][2 + channels]: place, colour */
    double *sum;             /* likewise, of the pixels nearest to it, and their number */
    double *nearest;         /* [pixels], squared distance to the nearest centre */
    size_t *label, *segment; /* [pixels]: nearest centre; connected piece */
    size_t *queue;           /* [pixels] */
};

size_t ocelot_superpixel_limit(size_t pixels, size_t count)
{
    size_t least = pixels / (4 * count);
    return least > 1 ? pixels / least + 1 : pixels; /* the first piece may be smaller */
}

static size_t whole(double value)
{
    return value < 1 ? 1 : (size_t)(value + 0.5);
}

struct ocelot_superpixel_space *ocelot_superpixel_space_create(size_t channels, size_t height, size_t width, size_t count)
{
    struct ocelot_superpixel_space *s = ocelot_allocate(1, sizeof *s);
    size_t pixels, values;
    if (!s || !ocelot_size_multiply(height, width, &pixels)) {
        free(s);
        return NULL;
    }
    s->channels = channels;
    s->height = height;
    s->width = width;
    s->count = count;
    s->down = whole(sqrt((double)count * (double)height / (double)width));
    s->down = s->down < height ? s->down : height;
    s->across = whole((double)count / (double)s->down);
    s->across = s->across < width ? s->across : width;
    if (ocelot_size_multiply(s->down * s->across, channels + 3, &values)) {
        s->centre = ocelot_allocate(values, sizeof *s->centre);
        s->sum = ocelot_allocate(values, sizeof *s->sum);
    }
    s->nearest = ocelot_allocate(pixels, sizeof *s->nearest);
    s->label = ocelot_allocate(pixels, sizeof *s->label);
    s->segment = ocelot_allocate(pixels, sizeof *s->segment);
    s->queue = ocelot_allocate(pixels, sizeof *s->queue);
    if (s->centre && s->sum && s->nearest && s->label && s->segment && s->queue)
        return s;
    ocelot_superpixel_space_free(s);
    return NULL;
}

void ocelot_superpixel_space_free(struct ocelot_superpixel_space *s)
{
    if (!s)
        return;
    free(s->centre);
    free(s->sum);
    free(s->nearest);
    free(s->label);
    free(s->segment);
    free(s->queue);
    free(s);
}

/* Weight of squared differences of colour, so that they lie in [0, 1]; 0 for an image of one colour. */
static double colour_weight(const struct ocelot_superpixel_space *s, const double *image)
{
    double low = image[0], high = image[0];
    for (size_t n = 1; n < s->channels * s->height * s->width; n++) {
        low = fmin(low, image[n]);
        high = fmax(high, image[n]);
    }
    double range = high - low, weight = 1 / ((double)s->channels * range * range);
    return range > 0 && isfinite(weight) ? weight : 0;
}

/* Centres in the middle of the cells of a grid. */
static void plant(struct ocelot_superpixel_space *s, const double *image)
{
    size_t stride = 2 + s->channels, pixels = s->height * s->width;
    for (size_t k = 0; k < s->down * s->across; k++) {
        double *centre = s->centre + k * stride;
        size_t line = k / s->across, column = k % s->across;
        double y = ((double)line + 0.5) * (double)s->height / (double)s->down;
        double x = ((double)column + 0.5) * (double)s->width / (double)s->across;
        centre[0] = y - 0.5;
        centre[1] = x - 0.5;
        for (size_t c = 0; c < s->channels; c++)
            centre[2 + c] = image[c * pixels + (size_t)y * s->width + (size_t)x];
    }
}

/* First and last pixel within `reach` of a place. */
static void span(double place, double reach, size_t size, size_t *first, size_t *last)
{
    *first = place > reach ? (size_t)(place - reach) : 0;
    *last = place + reach < (double)size - 1 ? (size_t)(place + reach) : size - 1;
}

/* Gives every pixel the nearest centre of those about it; of two as near, the one before. */
static void assign(struct ocelot_superpixel_space *s, const double *image, double weight)
{
    size_t stride = 2 + s->channels, pixels = s->height * s->width, top, bottom, left, right;
    double step = sqrt((double)pixels / (double)(s->down * s->across)), place = COMPACTNESS * COMPACTNESS / (step * step);
    for (size_t n = 0; n < pixels; n++)
        s->nearest[n] = INFINITY;
    for (size_t k = 0; k < s->down * s->across; k++) {
        const double *centre = s->centre + k * stride;
        span(centre[0], 2 * step, s->height, &top, &bottom);
        span(centre[1], 2 * step, s->width, &left, &right);
        for (size_t y = top; y <= bottom; y++)
            for (size_t x = left; x <= right; x++) {
                size_t n = y * s->width + x;
                double dy = (double)y - centre[0], dx = (double)x - centre[1], colour = 0;
                for (size_t c = 0; c < s->channels; c++)
                    colour += (image[c * pixels + n] - centre[2 + c]) * (image[c * pixels + n] - centre[2 + c]);
                double distance = weight * colour + place * (dy * dy + dx * dx);
                if (distance < s->nearest[n]) {
                    s->nearest[n] = distance;
                    s->label[n] = k;
                }
            }
    }
}

/* Centres to the mean of their pixels; one without pixels stays. */
static void move(struct ocelot_superpixel_space *s, const double *image)
{
    size_t stride = 2 + s->channels, pixels = s->height * s->width, count = s->down * s->across;
    memset(s->sum, 0, count * (stride + 1) * sizeof *s->sum);
    for (size_t n = 0; n < pixels; n++) {
        double *sum = s->sum + s->label[n] * (stride + 1);
        size_t y = n / s->width, x = n % s->width;
        sum[0] += (double)y;
        sum[1] += (double)x;
        for (size_t c = 0; c < s->channels; c++)
            sum[2 + c] += image[c * pixels + n];
        sum[stride]++;
    }
    for (size_t k = 0; k < count; k++)
        for (size_t v = 0; v < stride && s->sum[k * (stride + 1) + stride] > 0; v++)
            s->centre[k * stride + v] = s->sum[k * (stride + 1) + v] / s->sum[k * (stride + 1) + stride];
}

/* The pixels connected with `first` that have its label, into the queue and segment `found`; *beside becomes a segment that touches them, if one
 * does. Returns how many. */
static size_t flood(struct ocelot_superpixel_space *s, size_t first, size_t found, size_t *beside)
{
    size_t count = 1;
    s->queue[0] = first;
    s->segment[first] = found;
    for (size_t k = 0; k < count; k++) {
        size_t n = s->queue[k], y = n / s->width, x = n % s->width;
        const bool there[4] = {y > 0, x > 0, x + 1 < s->width, y + 1 < s->height};
        const size_t next[4] = {n - s->width, n - 1, n + 1, n + s->width};
        for (size_t side = 0; side < 4; side++) {
            if (!there[side])
                continue;
            size_t m = next[side];
            if (s->segment[m] == SIZE_MAX && s->label[m] == s->label[first]) {
                s->segment[m] = found;
                s->queue[count++] = m;
            } else if (s->segment[m] != SIZE_MAX && s->segment[m] != found) {
                *beside = s->segment[m];
            }
        }
    }
    return count;
}

/* Connected pieces, numbered in the order of their first pixels; a small one joins a neighbour before it. */
static size_t connect(struct ocelot_superpixel_space *s)
{
    size_t pixels = s->height * s->width, least = pixels / (4 * s->count), found = 0;
    for (size_t n = 0; n < pixels; n++)
        s->segment[n] = SIZE_MAX;
    for (size_t n = 0; n < pixels; n++) {
        if (s->segment[n] != SIZE_MAX)
            continue;
        size_t beside = SIZE_MAX, count = flood(s, n, found, &beside);
        if (count >= least || beside == SIZE_MAX)
            found++;
        for (size_t k = 0; k < count && count < least && beside != SIZE_MAX; k++)
            s->segment[s->queue[k]] = beside;
    }
    return found;
}

size_t ocelot_superpixel_cut(struct ocelot_superpixel_space *s, const double *image, size_t *groups)
{
    size_t pixels = s->height * s->width;
    double weight = colour_weight(s, image);
    plant(s, image);
    memset(s->label, 0, pixels * sizeof *s->label);
    for (int k = 0; k < ITERATIONS; k++) {
        assign(s, image, weight);
        move(s, image);
    }
    size_t found = connect(s);
    for (size_t c = 0; c < s->channels; c++)
        memcpy(groups + c * pixels, s->segment, pixels * sizeof *groups);
    return found;
}

enum ocelot_status ocelot_superpixels(const double *image, size_t channels, size_t height, size_t width, size_t count, size_t *groups, size_t *found,
                                      struct ocelot_error *err)
{
    size_t pixels, values;
    if (!ocelot_size_multiply(height, width, &pixels) || !ocelot_size_multiply(pixels, channels, &values) || !values)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "superpixels: found an image of %zu x %zu x %zu", channels, height, width);
    if (count < 1 || count > pixels)
        return ocelot_fail(err, OCELOT_E_ARGUMENT, "superpixels: found %zu segments, expected 1 to the number of pixels, %zu", count, pixels);
    for (size_t n = 0; n < values; n++)
        if (!isfinite(image[n]))
            return ocelot_fail(err, OCELOT_E_VALUE, "superpixels: value %zu of the image is missing or not a finite number", n);
    struct ocelot_superpixel_space *space = ocelot_superpixel_space_create(channels, height, width, count);
    if (!space)
        return ocelot_fail_memory(err, "superpixels");
    *found = ocelot_superpixel_cut(space, image, groups);
    ocelot_superpixel_space_free(space);
    return OCELOT_OK;
}
