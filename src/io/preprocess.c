#include "io/preprocess.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "io/image_format.h"
#include "io/resize.h"

/* Mean and deviation of the training pictures, as torchvision, Caffe and the usual CIFAR and MNIST scripts have them. */
static const struct ocelot_preprocess presets[] = {
    {.name = "imagenet",
     .summary = "as torchvision: shorter side to 256 (for 224), centre crop, RGB from 0 to 1, mean .485 .456 .406, deviation .229 .224 .225",
     .fit = OCELOT_FIT_SHORTER,
     .margin = 256.0 / 224,
     .channels = "rgb",
     .pixel_scale = 1.0 / 255,
     .mean = {0.485, 0.456, 0.406},
     .deviation = {0.229, 0.224, 0.225}},
    {.name = "imagenet-caffe",
     .summary = "as Caffe: shorter side to 256 (for 227), centre crop, BGR from 0 to 255, mean 104 117 123",
     .fit = OCELOT_FIT_SHORTER,
     .margin = 256.0 / 227,
     .channels = "bgr",
     .pixel_scale = 1,
     .mean = {104, 117, 123},
     .deviation = {1, 1, 1}},
    {.name = "cifar10",
     .summary = "stretched, RGB from 0 to 1, mean .4914 .4822 .4465, deviation .2470 .2435 .2616",
     .fit = OCELOT_FIT_EXACT,
     .channels = "rgb",
     .pixel_scale = 1.0 / 255,
     .mean = {0.4914, 0.4822, 0.4465},
     .deviation = {0.2470, 0.2435, 0.2616}},
    {.name = "mnist",
     .summary = "stretched, grey from 0 to 1, mean .1307, deviation .3081",
     .fit = OCELOT_FIT_EXACT,
     .channels = "grey",
     .pixel_scale = 1.0 / 255,
     .mean = {0.1307, 0.1307, 0.1307},
     .deviation = {0.3081, 0.3081, 0.3081}},
    {.name = "unit", .summary = "pixels from 0 to 1, nothing else", .pixel_scale = 1.0 / 255, .deviation = {1, 1, 1}},
    {.name = "signed", .summary = "pixels from -1 to 1, nothing else", .pixel_scale = 1 / 127.5, .mean = {1, 1, 1}, .deviation = {1, 1, 1}},
    {.name = "none", .summary = "pixels from 0 to 255 as they are", .pixel_scale = 1, .deviation = {1, 1, 1}}};

/* Where the network's channel c comes from in an RGB picture; grey is mixed of all. */
static const struct order {
    const char *name;
    size_t count, source[OCELOT_CHANNELS];
} orders[] = {{"rgb", 3, {0, 1, 2}}, {"bgr", 3, {2, 1, 0}}, {"grey", 1, {0}}};

const struct ocelot_preprocess *ocelot_preprocess_at(size_t k)
{
    return k < sizeof presets / sizeof presets[0] ? &presets[k] : NULL;
}

const struct ocelot_preprocess *ocelot_preprocess_find(const char *name)
{
    for (size_t k = 0; k < sizeof presets / sizeof presets[0]; k++)
        if (strcmp(presets[k].name, name) == 0)
            return &presets[k];
    return NULL;
}

/* For a network of `channels` channels; NULL when nothing fits. */
static const struct order *find_order(const struct ocelot_preprocess *p, size_t channels)
{
    for (size_t k = 0; k < sizeof orders / sizeof orders[0]; k++)
        if (orders[k].count == channels && (p->channels == NULL || strcmp(p->channels, orders[k].name) == 0))
            return &orders[k];
    return NULL;
}

/* Luminance of Rec. 601 in 16-bit arithmetic, as Pillow's "L". */
static unsigned grey_of(const unsigned char *rgb)
{
    return (rgb[0] * 19595U + rgb[1] * 38470U + rgb[2] * 7471U + 0x8000U) >> 16;
}

static void target_size(const struct ocelot_preprocess *p, const struct ocelot_image *image, const size_t shape[3], size_t *height, size_t *width)
{
    *height = image->height;
    *width = image->width;
    bool ready = image->height == shape[1] && image->width == shape[2];
    if (p->fit == OCELOT_FIT_NONE || (ready && !p->always))
        return;
    if (p->fit == OCELOT_FIT_EXACT) {
        *height = p->height > 0 ? p->height : shape[1];
        *width = p->width > 0 ? p->width : shape[2];
        return;
    }
    size_t side = shape[1] < shape[2] ? shape[1] : shape[2];
    size_t shorter = p->shorter > 0 ? p->shorter : (size_t)lround((double)side * p->margin);
    bool tall = image->height > image->width;
    *width = tall ? shorter : shorter * image->width / image->height;
    *height = tall ? shorter * image->height / image->width : shorter;
}

/* Half of the difference; an odd one is rounded to the even number, as Python's round() does. */
static size_t middle(size_t whole, size_t part)
{
    size_t half = (whole - part) / 2;
    return (whole - part) % 2 == 1 && half % 2 == 1 ? half + 1 : half;
}

static void spread(const struct ocelot_preprocess *p, const struct order *order, const struct ocelot_image *image, size_t top, size_t left,
                   const size_t shape[3], double *out)
{
    for (size_t c = 0; c < shape[0]; c++)
        for (size_t y = 0; y < shape[1]; y++)
            for (size_t x = 0; x < shape[2]; x++) {
                const unsigned char *pixel = image->pixels + ((top + y) * image->width + left + x) * image->channels;
                unsigned value = image->channels == 1 ? pixel[0] : order->count == 1 ? grey_of(pixel) : pixel[order->source[c]];
                *out++ = ((double)value * p->pixel_scale - p->mean[c]) / p->deviation[c];
            }
}

static enum ocelot_status cut(const struct ocelot_preprocess *p, const struct order *order, const struct ocelot_image *image, const char *name,
                              const size_t shape[3], double *out, struct ocelot_error *err)
{
    size_t height = p->crop_height > 0 ? p->crop_height : shape[1], width = p->crop_width > 0 ? p->crop_width : shape[2];
    bool cropped = p->crop_height > 0 || p->fit == OCELOT_FIT_SHORTER;
    if (height != shape[1] || width != shape[2])
        return ocelot_fail(err, OCELOT_E_SHAPE, "%s: the crop is %zu x %zu, the network takes %zu x %zu (height x width)", name, height, width,
                           shape[1], shape[2]);
    if (cropped ? image->height < height || image->width < width : image->height != height || image->width != width)
        return ocelot_fail(err, OCELOT_E_SHAPE, "%s: the picture is %zu x %zu, the network takes %zu x %zu (height x width)", name, image->height,
                           image->width, height, width);
    spread(p, order, image, middle(image->height, height), middle(image->width, width), shape, out);
    return OCELOT_OK;
}

enum ocelot_status ocelot_preprocess_apply(const struct ocelot_preprocess *preprocess, const struct ocelot_image *image, const char *name,
                                           const size_t shape[3], double *out, struct ocelot_error *err)
{
    const struct order *order = find_order(preprocess, shape[0]);
    if (order == NULL)
        return ocelot_fail(err, OCELOT_E_SHAPE, "%s: the network takes %zu channels, %s has %s", name, shape[0],
                           preprocess->channels != NULL ? preprocess->channels : "a picture",
                           preprocess->channels == NULL                ? "1 or 3"
                           : strcmp(preprocess->channels, "grey") == 0 ? "1"
                                                                       : "3");
    size_t height = 0, width = 0;
    struct ocelot_image resized = {0};
    target_size(preprocess, image, shape, &height, &width);
    if (height == image->height && width == image->width)
        return cut(preprocess, order, image, name, shape, out, err);
    enum ocelot_status status = ocelot_image_resize(image, width, height, name, &resized, err);
    if (status == OCELOT_OK)
        status = cut(preprocess, order, &resized, name, shape, out, err);
    ocelot_image_free(&resized);
    return status;
}

void ocelot_preprocess_bounds(const struct ocelot_preprocess *preprocess, size_t channel, double *low, double *high)
{
    double black = (0 - preprocess->mean[channel]) / preprocess->deviation[channel];
    double white = (255 * preprocess->pixel_scale - preprocess->mean[channel]) / preprocess->deviation[channel];
    *low = fmin(black, white);
    *high = fmax(black, white);
}

enum ocelot_status ocelot_preprocess_undo(const struct ocelot_preprocess *preprocess, const double *values, const size_t shape[3],
                                          struct ocelot_image *out, struct ocelot_error *err)
{
    const struct order *order = find_order(preprocess, shape[0]);
    struct ocelot_image image = {0};
    if (order == NULL)
        return ocelot_fail(err, OCELOT_E_SHAPE, "a picture has 1 or 3 channels, not %zu", shape[0]);
    enum ocelot_status status = ocelot_image_allocate(&image, shape[2], shape[1], shape[0], "a row as a picture", err);
    if (status != OCELOT_OK)
        return status;
    size_t pixels = shape[1] * shape[2];
    for (size_t c = 0; c < shape[0]; c++)
        for (size_t k = 0; k < pixels; k++) {
            double value = (values[c * pixels + k] * preprocess->deviation[c] + preprocess->mean[c]) / preprocess->pixel_scale;
            image.pixels[k * shape[0] + order->source[c]] = (unsigned char)(value > 0 ? lround(fmin(value, 255)) : 0);
        }
    *out = image;
    return OCELOT_OK;
}
