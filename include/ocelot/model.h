/* A model: an immutable network with the names, units and calibration of its features. Made by svm.h (and later onnx.h),
 * explained by explain.h. */
#ifndef OCELOT_MODEL_H
#define OCELOT_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "ocelot/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Opaque; immutable once made, so any number of threads may read one. */
struct ocelot_model;

/* Frees a model. NULL is allowed. Plans made from it must be freed first. */
OCELOT_API void ocelot_model_free(struct ocelot_model *model);

/* What is known of one input feature. Strings belong to the model. */
struct ocelot_feature {
    const char *name;         /* from the card, else "f1", "f2", ... (LIBSVM's index) */
    long index;               /* LIBSVM's index of the feature, usually position + 1 */
    double center, factor;    /* the network sees (raw - center) * factor; 0 and 1 where nothing is scaled */
    double low, median, high; /* 5, 50 and 95 % quantiles of the training rows in raw units; NaN where unknown */
    double unit; /* what a deviation is measured in where features are compared, raw: where they share a unit, standard deviation plus mean
                    standard deviation; else, or where unknown, 1 / factor */
};

/* What a model is, for people and programs to read. Strings belong to the model. Numbers that do not exist are NaN. */
struct ocelot_model_info {
    const char *source; /* where it came from, such as "LIBSVM model file" or "trained" */
    const char *type;   /* LIBSVM's word: one_class, c_svc, nu_svc, epsilon_svr, nu_svr */
    const char *kernel; /* rbf, laplace, generalised-gaussian, student, linear, polynomial, sigmoid */
    double gamma;       /* kernel parameters, NaN where the kernel has none */
    double power;       /* q of exp(-gamma d^q) */
    double coef0;
    int degree;              /* 0 where the kernel has none */
    const char *scaling;     /* "none", "standard", "robust", "minmax", "range file", ... */
    size_t features;         /* d, the width of a row */
    size_t support_vectors;  /* m */
    size_t members;          /* one-class machines of an ensemble, whose scores add up; 1 = a single one */
    size_t bounded;          /* support vectors at the upper bound of alpha */
    size_t outputs;          /* 1, or the number of pairs of classes */
    size_t classes;          /* 0 unless a classifier */
    double coefficient_sum;  /* A = sum_j a_j of a one-class model */
    double rho;              /* of the first output */
    double threshold;        /* outlier iff outlier_score > threshold; o* = -log(rho / A) for distance kernels, 0 for the others */
    double nu;               /* NaN when unknown */
    size_t training_rows;    /* 0 when unknown */
    const char *solver;      /* that trained it: "own", "libsvm"; empty when unknown. Valid as long as the model */
    double tolerance;        /* of the gap, that the solver was asked for; NaN when unknown */
    size_t iterations;       /* of the own solver */
    double gap;              /* of the stopping rule in the end: max{g: alpha > 0} - min{g: alpha < 1}; NaN when unknown */
    size_t calibration_rows; /* held-out scores behind p_value; 0 = no p-values */
    const char *explains;    /* what a score of this model is called in records: "outlier_score" or "output" */
    const char *method;      /* the default method: "dtd" or "taylor"; NULL when it can only be scored */
    size_t input_rank;       /* networks on images: rank of a row, 3 for channels x height x width; 0 = a flat row */
    size_t input_shape[4];
    const char *preprocess; /* what the file says its pixels are: "unit" (0 to 1), "signed" (-1 to 1), "none" (0 to 255); NULL = nothing */
    const char *channels;   /* and its channels: "grey", "rgb", "bgr"; NULL = nothing */
    const char *network;    /* models stacked on a network: its file, and the layer whose activations are the kernel's features; else NULL */
    const char *node;
    size_t width;  /* what the kernel sees: `features`, or the size of `node` */
    bool single;   /* a large network: explained in float32 unless told otherwise */
    bool has_card; /* true when the file carried an #ocelot card or the model was trained here */
};

OCELOT_API void ocelot_model_describe(const struct ocelot_model *model, struct ocelot_model_info *out);

/* Feature i, 0 <= i < features, in model order. */
OCELOT_API struct ocelot_feature ocelot_model_feature(const struct ocelot_model *model, size_t i);

/* Sorted (ascending) held-out outlier scores; *count of them, NULL when there are none. Owned by the model. */
OCELOT_API const double *ocelot_model_calibration(const struct ocelot_model *model, size_t *count);

/* Label of class k of a classifier, 0 <= k < classes. */
OCELOT_API int ocelot_model_class(const struct ocelot_model *model, size_t k);

/* Output k as text: "outlier_score", or for a classifier "LABEL_I:LABEL_J" (positive output = LABEL_I). Owned by the model. */
OCELOT_API const char *ocelot_model_output(const struct ocelot_model *model, size_t k);

/* Things a user should know: the k-th warning as one sentence, or NULL past the last. Owned by the model. */
OCELOT_API const char *ocelot_model_warning(const struct ocelot_model *model, size_t k);

/* One layer of the network, in topological order; layer 0 is the input. */
struct ocelot_layer {
    const char *name; /* unique within the network */
    const char *op;   /* Input, Scale, Distance, SoftMin, Dense, ... */
    char shape[64];   /* of one row's activations, such as "2036" or "3x32x32" */
    char detail[96];  /* parameters in words, such as "gamma 0.01" */
    size_t size;      /* number of activations of one row */
    size_t parameters;
};

OCELOT_API size_t ocelot_model_layers(const struct ocelot_model *model);
OCELOT_API struct ocelot_layer ocelot_model_layer(const struct ocelot_model *model, size_t i);

/* The network in Graphviz' DOT language, as a string that the caller frees with free(). */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_model_dot(const struct ocelot_model *model, char **out, struct ocelot_error *err);

#ifdef __cplusplus
}
#endif

#endif
