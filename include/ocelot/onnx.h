/* Networks: ONNX files in and out. */
#ifndef OCELOT_ONNX_H
#define OCELOT_ONNX_H

#include <stdbool.h>
#include <stddef.h>

#include "ocelot/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How to read an ONNX file. Zeroed = everything as the file says. */
struct ocelot_onnx_options {
    const char *output;   /* name of the value to explain (a graph output or any inner value); NULL = the first output */
    const char *input;    /* name of the input; NULL = the first that is not an initialiser */
    bool keep_softmax;    /* do not drop a trailing Softmax or LogSoftmax: outputs are then probabilities, and only methods without relevance work */
    bool keep_batch_norm; /* do not fold batch normalisation (tests compare both) */
    const size_t *input_shape; /* shape of one row where the file leaves it open (without the batch dimension); NULL = the file's */
    size_t input_rank;
    const char *const *classes; /* names of the outputs; NULL = the file's (property `classes`), or numbers */
    size_t class_count;
    size_t memory_limit; /* bytes that weights and activations of one row may take; 0 = 8 GiB */
};

/* Reads an ONNX model (opsets 6 to 21): ReLU networks, and ONNX-ML kernel machines (SVMRegressor, SVMClassifier, Scaler, Normalizer), which become
 * the same networks as LIBSVM files. Operators that are not known are refused with node, operator and what could be done; external data files
 * are read from the model's folder. `options` may be NULL. Messages begin `path: `. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_onnx_read(const char *path, const struct ocelot_onnx_options *options, struct ocelot_model **out,
                                                               struct ocelot_error *err);

/* The same from memory, without external data; `name` stands for the path in messages. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_onnx_read_memory(const void *bytes, size_t size, const char *name,
                                                                      const struct ocelot_onnx_options *options, struct ocelot_model **out,
                                                                      struct ocelot_error *err);

/* Writes the network with standard operators in float64 (opset 13), outputs as the model's; a kernel machine's score and threshold both. */
OCELOT_API OCELOT_MUST_USE enum ocelot_status ocelot_onnx_write(const struct ocelot_model *model, const char *path, struct ocelot_error *err);

#ifdef __cplusplus
}
#endif

#endif
