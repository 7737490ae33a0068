/* A mask with a value in [0, 1] for every cell: a player of a table, or a node of a coarse grid over an image, between which it is bilinear. */
#ifndef OCELOT_ANALYSIS_MASK_H
#define OCELOT_ANALYSIS_MASK_H

#include <stddef.h>

struct ocelot_mask {
    size_t cells, features;
    const size_t *of;               /* tables: [features], the cell of each feature; NULL = an image */
    size_t rows, columns;           /* images: of the grid */
    size_t channels, height, width; /* and of the picture */
};

/* The mask at every feature, out [features]. */
void ocelot_mask_spread(const struct ocelot_mask *mask, const double *cells, double *out);

/* Its transpose: the gradient with respect to the cells, out [cells], from that with respect to the mask at every feature. */
void ocelot_mask_gather(const struct ocelot_mask *mask, const double *features, double *out);

/* Total variation sum |m_a - m_b|^3 over neighbours a, b of the grid (the exponent of Fong 2017), divided by the number of cells; 0 on tables. Adds
 * `weight` times its gradient to gradient [cells]. */
double ocelot_mask_variation(const struct ocelot_mask *mask, const double *cells, double weight, double *gradient);

/* Gaussian blur of standard deviation `sigma` pixels, cut at three of them and renormalised at the borders; channel by channel.
 * column is scratch [height x width]. */
void ocelot_mask_blur(const struct ocelot_mask *mask, const double *image, double sigma, double *column, double *out);

#endif
