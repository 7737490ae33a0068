/* Writing an ONNX file: what the parts of this room share. Everything lives as long as one call of ocelot_onnx_write.
 *
 * Values are named by the texts that the put functions return. What fails is kept in `status` and `err`; from then on they return NULL and do
 * nothing, and NULL may be handed on as an input, so writers of ops need no checks. */
#ifndef OCELOT_ONNX_EXPORT_H
#define OCELOT_ONNX_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#include <onnx.pb-c.h>

#include "base/error.h"
#include "graph/model.h"
#include "ops/ops.h"

/* Memory of the file's messages, freed at once. */
struct ocelot_onnx_block;

/* A growing list of messages. */
struct ocelot_onnx_messages {
    void **at;
    size_t count, capacity;
};

struct ocelot_onnx_writer {
    struct ocelot_error *err;
    enum ocelot_status status;
    struct ocelot_onnx_block *blocks;
    struct ocelot_onnx_messages nodes, tensors, outputs, properties;
    const struct ocelot_node *node; /* being written: names begin with it. NULL = what stands behind the network */
};

/* One op: writes `node`, whose inputs are `in`, and returns its value, the rows in front of the node's shape. */
struct ocelot_onnx_op_writer {
    const struct ocelot_op *op;
    const char *(*write)(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *const *in);
};
/* Ops of kernel machines, and of networks; each ends with a NULL op. */
extern const struct ocelot_onnx_op_writer ocelot_onnx_kernel_writers[], ocelot_onnx_network_writers[];

/* --- export_messages.c --- */

void ocelot_onnx_writer_free(struct ocelot_onnx_writer *w);
/* Keeps the first failure; returns NULL. */
const char *ocelot_onnx_put_failure(struct ocelot_onnx_writer *w, enum ocelot_status status, const char *format, ...) OCELOT_PRINTF(3, 4);
/* Zeroed memory that lives as long as the writer, or NULL. */
void *ocelot_onnx_put_memory(struct ocelot_onnx_writer *w, size_t count, size_t size);
char *ocelot_onnx_put_text(struct ocelot_onnx_writer *w, const char *format, ...) OCELOT_PRINTF(2, 3);

/* An operator of the default domain. `part` says what of the node it is ("difference"); NULL = the node itself. */
const char *ocelot_onnx_put(struct ocelot_onnx_writer *w, const char *op_type, const char *part, const char *const *inputs, size_t count);
const char *ocelot_onnx_put_one(struct ocelot_onnx_writer *w, const char *op_type, const char *part, const char *a);
const char *ocelot_onnx_put_two(struct ocelot_onnx_writer *w, const char *op_type, const char *part, const char *a, const char *b);

/* Attributes of the operator put last. */
void ocelot_onnx_put_integer(struct ocelot_onnx_writer *w, const char *name, int64_t value);
void ocelot_onnx_put_integers(struct ocelot_onnx_writer *w, const char *name, const int64_t *values, size_t count);
void ocelot_onnx_put_real(struct ocelot_onnx_writer *w, const char *name, double value);

/* Constants, copied: float64 tensors, one number, a list of whole numbers. */
const char *ocelot_onnx_put_tensor(struct ocelot_onnx_writer *w, const char *part, const double *values, const size_t *extents, size_t rank);
const char *ocelot_onnx_put_numbers(struct ocelot_onnx_writer *w, const char *part, const struct ocelot_numbers *values, const size_t *extents,
                                    size_t rank);
const char *ocelot_onnx_put_scalar(struct ocelot_onnx_writer *w, const char *part, double value);
const char *ocelot_onnx_put_list(struct ocelot_onnx_writer *w, const char *part, const int64_t *values, size_t count);

/* The file's outputs and what it says about itself. An extent of 0 stands for the rows. */
Onnx__ValueInfoProto *ocelot_onnx_put_value(struct ocelot_onnx_writer *w, const char *name, const size_t *extents, size_t rank);
void ocelot_onnx_put_output(struct ocelot_onnx_writer *w, const char *name, const char *value, const size_t *extents, size_t rank);
void ocelot_onnx_put_property(struct ocelot_onnx_writer *w, const char *key, const char *text);

/* Input k of the node as rows x size, and rows x size as rows x the node's shape. */
const char *ocelot_onnx_put_flat(struct ocelot_onnx_writer *w, const struct ocelot_node *node, size_t k, const char *value);
const char *ocelot_onnx_put_shaped(struct ocelot_onnx_writer *w, const struct ocelot_node *node, const char *value);

/* --- export_outputs.c --- */

/* The file's outputs from the last node's value: scores, and for kernel machines threshold and decision value. */
void ocelot_onnx_put_outputs(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const char *last);

/* --- card.c --- */

/* Kernel machines: the model file's text goes along as a property, with a checksum of text and graph, so that a reader has all of it back. */
void ocelot_onnx_put_card(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const Onnx__GraphProto *graph);

#endif
