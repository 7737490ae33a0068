/* Opening a model file, with what files of other programs leave out given by options. */
#ifndef OCELOT_STREAM_OPENING_H
#define OCELOT_STREAM_OPENING_H

#include "ocelot/model.h"
#include "ocelot/option.h"

struct ocelot_opening_settings {
    const char *range, *support_rows, *kernel;
    double gamma, power, coef0;
    size_t degree;
    const char *classes, *output_node, *input_shape; /* of ONNX files */
    const char *network;                             /* of models stacked on one: its file */
};
extern const struct ocelot_option ocelot_opening_option_table[];
extern const struct ocelot_option ocelot_network_option_table[];

/* A LIBSVM or an ONNX file (known by content, also gzipped where it has no data of its own outside). */
OCELOT_MUST_USE enum ocelot_status ocelot_opening_read(const char *path, const struct ocelot_opening_settings *settings, struct ocelot_model **out,
                                                       struct ocelot_error *err);

#endif
