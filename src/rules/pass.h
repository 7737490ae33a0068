/* How a signal goes back through a layer in the gradient walk, where it is not the gradient: one row of data each, chosen node by node as
 * `ocelot_rule.pass`. With y = op(x) and s the signal at y, back at x is
 *   guided    op'(x) max(s, 0)         rectifiers: positive activations and positive signals (Springenberg 2014)
 *   deconvnet max(s, 0)                rectifiers: positive signals, whatever the activation (Zeiler 2014)
 *   through   s                        scalings, as weights times patterns
 *   inverse   s / op'(x)               scalings, as patterns (0 where op' is)
 *   rescale   s (y - y') / (x - x')    differences to a reference row (Shrikumar 2017); joined inputs by the op's `difference`
 * For ReLU the first is the definition; LeakyReLU and Clip are treated alike, by their own slopes. */
#ifndef OCELOT_RULES_PASS_H
#define OCELOT_RULES_PASS_H

#include "graph/graph.h"
#include "graph/rule.h"

struct ocelot_pass {
    const char *name;
    bool (*takes)(const struct ocelot_node *node); /* the nodes that it is for; all others send the gradient */
    bool reference;                                /* the reference of row b stands `rows` rows behind it in the activations */

    /* As an op's transpose: signal s [rows][size] -> back [rows][size of input k]. */
    void (*f64)(const struct ocelot_call_f64 *call, size_t k, const double *s, double *back);
    void (*f32)(const struct ocelot_call_f32 *call, size_t k, const float *s, float *back);
};

extern const struct ocelot_pass ocelot_pass_guided, ocelot_pass_deconvnet, ocelot_pass_through, ocelot_pass_inverse, ocelot_pass_rescale;

/* Whether differences of the node's output are made up from those of its inputs: all but those that lie behind what is explained (SoftMax). */
bool ocelot_node_has_difference(const struct ocelot_node *node);

#endif
