/* From a picture to the numbers that a network takes: resize, centre crop, order of channels, scale, mean and deviation. */
#ifndef OCELOT_IO_PREPROCESS_H
#define OCELOT_IO_PREPROCESS_H

#include "io/image.h"

enum { OCELOT_CHANNELS = 3 };

/* How a picture's size becomes the network's. */
enum ocelot_fit {
    OCELOT_FIT_NONE,   /* not at all: another size is an error */
    OCELOT_FIT_EXACT,  /* stretched to `height` x `width`, or to the network's size where these are 0 */
    OCELOT_FIT_SHORTER /* the shorter side to `shorter` */
};

/* value = (pixel * pixel_scale - mean) / deviation, pixel being 0..255. Steps in the order of the members. */
struct ocelot_preprocess {
    const char *name; /* of the preset */
    const char *summary;
    enum ocelot_fit fit;
    bool always;                    /* resize pictures that have the network's size already, too */
    size_t shorter;                 /* 0 = the network's shorter side * margin, rounded */
    double margin;                  /* 256 / 224: what is cut off by the crop */
    size_t height, width;           /* OCELOT_FIT_EXACT */
    size_t crop_height, crop_width; /* centre; 0 = the network's */
    const char *channels;           /* "rgb", "bgr", "grey"; NULL = rgb or grey by the network's number of channels */
    double pixel_scale;
    double mean[OCELOT_CHANNELS], deviation[OCELOT_CHANNELS]; /* in the network's order of channels */
};

/* Preset k, or NULL past the last; by name, NULL when there is none. */
const struct ocelot_preprocess *ocelot_preprocess_at(size_t k);
const struct ocelot_preprocess *ocelot_preprocess_find(const char *name);

/* Options as text over *preprocess; NULL = as it is. `resize`: "256" (shorter side), "224x320" (height x width) or "no"; `crop`: "224" or "224x320";
 * `mean` and `deviation`: one number or one a channel, separated by commas. Fails with OCELOT_E_ARGUMENT and the option's name. */
struct ocelot_preprocess_texts {
    const char *resize, *crop, *channels, *mean, *deviation, *pixel_scale;
};
OCELOT_MUST_USE enum ocelot_status ocelot_preprocess_adjust(struct ocelot_preprocess *preprocess, const struct ocelot_preprocess_texts *texts,
                                                            struct ocelot_error *err);

/* Fills out [shape[0]][shape[1]][shape[2]] = [channels][height][width]. Fails with OCELOT_E_SHAPE when the picture's size then is not that. */
OCELOT_MUST_USE enum ocelot_status ocelot_preprocess_apply(const struct ocelot_preprocess *preprocess, const struct ocelot_image *image,
                                                           const char *name, const size_t shape[3], double *out, struct ocelot_error *err);

/* What the pixels 0 and 255 become in a channel: the bounds of the box rule. Low <= high. */
void ocelot_preprocess_bounds(const struct ocelot_preprocess *preprocess, size_t channel, double *low, double *high);

/* Back: values [channels][height][width] of a row to a picture that the caller frees with ocelot_image_free. */
OCELOT_MUST_USE enum ocelot_status ocelot_preprocess_undo(const struct ocelot_preprocess *preprocess, const double *values, const size_t shape[3],
                                                          struct ocelot_image *out, struct ocelot_error *err);

#endif
