/* Every op of networks from its definition, in plain loops over one row: the truth that tests hold the library's ops to. Written without a look
 * at them: zeros of padding are asked for by coordinate, nothing is skipped or reordered. */
#ifndef OCELOT_TESTS_TEXTBOOK_H
#define OCELOT_TESTS_TEXTBOOK_H

#include "ops/ops.h"

/* A row of activations, channels x height x width. */
struct textbook_image {
    size_t channels, height, width;
    const double *values;
};

/* weights [outputs][channels / groups][kernel], bias [outputs] or NULL; out [outputs][rows][columns] */
void textbook_conv(struct textbook_image in, const double *weights, const double *bias, size_t outputs, size_t groups,
                   const struct ocelot_window *window, size_t rows, size_t columns, double *out);
void textbook_max_pool(struct textbook_image in, const struct ocelot_window *window, size_t rows, size_t columns, double *out);
void textbook_average_pool(struct textbook_image in, const struct ocelot_window *window, bool count_padding, size_t rows, size_t columns,
                           double *out);
void textbook_power_pool(struct textbook_image in, const struct ocelot_window *window, double power, size_t rows, size_t columns, double *out);
void textbook_channel(struct textbook_image in, const double *weights, const double *bias, double *out);
void textbook_lrn(struct textbook_image in, size_t size, double alpha, double beta, double bias, double *out);
/* joined: all inputs one after another */
void textbook_arrange(const double *joined, const uint32_t *map, size_t count, double constant, double *out);
/* along a line of n */
void textbook_softmax(const double *in, size_t n, bool logarithm, double *out);
void textbook_normalise(const double *in, size_t n, int norm, double *out);
double textbook_leaky_relu(double in, double slope);
double textbook_clip(double in, double low, double high);

#endif
