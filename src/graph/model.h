/* What a model holds: the network, its features, its calibration, and a source that reads the network's outputs. */
#ifndef OCELOT_GRAPH_MODEL_H
#define OCELOT_GRAPH_MODEL_H

#include "graph/graph.h"
#include "ocelot/model.h"

/* How a kind of model turns outputs into decisions. One const struct a kind (one-class by distance, one-class by dot product,
 * classifier, regressor; networks later); `source` is the kind's own data. */
struct ocelot_reading {
    const char *name;

    /* outputs [outputs] of one row -> every member of *out but status and p_value. `target` is the output asked for, or SIZE_MAX to choose.
     * The last node may have more activations than info.outputs: those behind the outputs are for decide() alone, never explained. */
    void (*decide)(const struct ocelot_model *model, const double *outputs, size_t target, struct ocelot_decision *out);
};

struct ocelot_model {
    struct ocelot_graph *graph; /* the last node is the output */
    const struct ocelot_reading *reading;
    struct ocelot_feature *features; /* names are owned by `names` */
    char **names;
    size_t feature_count;
    double *calibration; /* sorted ascending */
    size_t calibration_count;
    double *reference;      /* [features] raw: where integrated gradients start (u~), or NULL */
    size_t reference_nodes; /* Gauss-Legendre nodes that integrate the network exactly, 0 = unknown */
    char **outputs;         /* names of the outputs */
    int *classes;
    char **warnings; /* NULL-terminated, or NULL */
    struct ocelot_model_info info;

    void *source; /* the kernel machine (src/svm), owned */
    void (*source_free)(void *source);
};

/* Appends one sentence to the model's warnings; a failed allocation is OCELOT_E_MEMORY. */
OCELOT_MUST_USE enum ocelot_status ocelot_model_warn(struct ocelot_model *model, struct ocelot_error *err, const char *format, ...)
    OCELOT_PRINTF(3, 4);

#endif
