#include "stream/gallery.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/size.h"
#include "base/text.h"
#include "stream/feed.h"

#define AT(member) offsetof(struct ocelot_reader_settings, gallery.member)

const struct ocelot_option ocelot_gallery_option_table[] = {
    {.name = "preprocess",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(preprocess),
     .placeholder = "NAME",
     .choices = "imagenet|imagenet-caffe|cifar10|mnist|unit|signed|none",
     .summary = "what the network was trained behind: imagenet (torchvision's: 0 to 1, mean and deviation), imagenet-caffe (BGR minus 104,117,123), "
                "cifar10, mnist, unit (pixels from 0 to 1), signed (-1 to 1), none (0 to 255); without this, what an ONNX file says of itself"},
    {.name = "resize",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(texts.resize),
     .placeholder = "SIZE",
     .summary =
         "resize pictures: the shorter side (256), height x width (224x320), or no; pictures of the network's size are left alone without this"},
    {.name = "crop", .type = OCELOT_OPTION_TEXT, .offset = AT(texts.crop), .placeholder = "SIZE", .summary = "then cut out the centre, such as 224"},
    {.name = "channels",
     .type = OCELOT_OPTION_CHOICE,
     .offset = AT(texts.channels),
     .placeholder = "ORDER",
     .choices = "rgb|bgr|grey",
     .summary = "order of the network's channels"},
    {.name = "pixel-scale",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(texts.pixel_scale),
     .placeholder = "NUMBER",
     .summary = "multiply pixels (0 to 255), such as 1/255"},
    {.name = "mean",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(texts.mean),
     .placeholder = "NUMBERS",
     .summary = "then subtract one number, or one a channel (104,117,123)"},
    {.name = "std",
     .type = OCELOT_OPTION_TEXT,
     .offset = AT(texts.deviation),
     .placeholder = "NUMBERS",
     .summary = "then divide by one number, or one a channel"},
    {.name = NULL},
};

bool ocelot_gallery_given(const struct ocelot_gallery_settings *settings)
{
    const struct ocelot_preprocess_texts *texts = &settings->texts;
    return settings->preprocess || texts->resize || texts->crop || texts->channels || texts->mean || texts->deviation || texts->pixel_scale;
}

enum ocelot_status ocelot_gallery_preprocess(const struct ocelot_gallery_settings *settings, const struct ocelot_model *model,
                                             struct ocelot_preprocess *out, bool *given, struct ocelot_error *err)
{
    struct ocelot_model_info info = {0};
    if (model && !settings->preprocess) {
        ocelot_model_describe(model, &info);
    }
    *given = ocelot_gallery_given(settings) || info.preprocess;
    *out = *ocelot_preprocess_find(settings->preprocess ? settings->preprocess : info.preprocess ? info.preprocess : "none");
    out->channels = info.channels ? info.channels : out->channels;
    return ocelot_preprocess_adjust(out, &settings->texts, err);
}

enum ocelot_status ocelot_gallery_check(const char *const *operands, size_t count, struct ocelot_error *err)
{
    for (size_t k = 1; k < count; k++) {
        bool picture = false;
        enum ocelot_status status = ocelot_image_list_recognise(operands[k], &picture, err);
        if (status) {
            return status;
        }
        if (!picture) {
            return ocelot_fail(err, OCELOT_E_ARGUMENT,
                               "unexpected argument \"%s\": it is no picture, folder or list of pictures, and only these may be several",
                               operands[k]);
        }
    }
    return OCELOT_OK;
}

void ocelot_gallery_shape(const struct ocelot_model *model, size_t shape[3])
{
    struct ocelot_model_info info = {0};
    shape[0] = shape[1] = shape[2] = 0;
    if (model) {
        ocelot_model_describe(model, &info);
    }
    if (info.input_rank == 3) {
        memcpy(shape, info.input_shape, 3 * sizeof *shape);
    } else if (info.input_rank == 2) {
        shape[0] = 1;
        shape[1] = info.input_shape[0];
        shape[2] = info.input_shape[1];
    }
}

void ocelot_gallery_box(const struct ocelot_preprocess *preprocess, size_t channels, struct ocelot_text *out)
{
    for (size_t c = 0; c < channels && c < OCELOT_CHANNELS; c++) {
        double low = 0, high = 0;
        ocelot_preprocess_bounds(preprocess, c, &low, &high);
        ocelot_text_string(out, c ? ";" : "");
        ocelot_text_number(out, low);
        ocelot_text_string(out, ",");
        ocelot_text_number(out, high);
    }
}

enum ocelot_status ocelot_gallery_open(const struct ocelot_image_list *list, const struct ocelot_gallery_settings *settings,
                                       const struct ocelot_model *model, struct ocelot_rows **out, struct ocelot_error *err)
{
    struct ocelot_preprocess preprocess;
    struct ocelot_model_info info = {0};
    size_t shape[3];
    bool given = false;
    enum ocelot_status status = ocelot_gallery_preprocess(settings, model, &preprocess, &given, err);
    if (!status && !given) {
        status = ocelot_fail(
            err, OCELOT_E_ARGUMENT,
            "%s: pictures need --preprocess: imagenet, imagenet-caffe, cifar10, mnist, unit, signed or none, what the model was trained behind",
            list->path[0]);
    }
    ocelot_gallery_shape(model, shape);
    if (model) {
        ocelot_model_describe(model, &info);
    }
    status = status ? status : ocelot_rows_open_images(list, &preprocess, shape, out, err);
    if (!status && model && ocelot_rows_width(*out) != info.features) {
        status = ocelot_fail(err, OCELOT_E_SHAPE, "%s: as a row the picture has %zu values, the model takes %zu", list->path[0],
                             ocelot_rows_width(*out), info.features);
        ocelot_rows_close(*out);
        *out = NULL;
    }
    return status;
}

enum ocelot_status ocelot_gallery_prepare(const struct ocelot_preprocess *preprocess, const double *row, const size_t *extents, size_t rank,
                                          const size_t shape[3], double *out, struct ocelot_error *err)
{
    bool colour = rank == 3 && extents[2] == 3;
    if (rank != 2 && !colour) {
        return ocelot_fail(err, OCELOT_E_SHAPE, "the rows are no pictures: height x width, or height x width x 3, is expected");
    }
    struct ocelot_image image = {.height = extents[0], .width = extents[1], .channels = colour ? 3 : 1};
    size_t count = image.height * image.width * image.channels;
    image.pixels = ocelot_allocate(count, 1);
    if (!image.pixels) {
        return ocelot_fail_memory(err, "a picture");
    }
    enum ocelot_status status = OCELOT_OK;
    for (size_t k = 0; k < count && !status; k++) {
        if (!(row[k] >= 0 && row[k] <= 255) || row[k] != floor(row[k])) {
            status = ocelot_fail(err, OCELOT_E_VALUE, "a pixel is not a whole number from 0 to 255");
        } else {
            image.pixels[k] = (unsigned char)row[k];
        }
    }
    status = status ? status : ocelot_preprocess_apply(preprocess, &image, "the row", shape, out, err);
    free(image.pixels);
    return status;
}

bool ocelot_gallery_extent(const char *text, size_t *height, size_t *width)
{
    long long h = 0, w = 0;
    const char *end = text + strlen(text), *after = ocelot_integer_parse(text, end, &h);
    if (!after || (*after != 'x' && *after != 'X') || ocelot_integer_parse(after + 1, end, &w) != end || h < 1 || w < 1) {
        return false;
    }
    *height = (size_t)h;
    *width = (size_t)w;
    return true;
}
