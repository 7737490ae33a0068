/* Reading an ONNX file: what the parts of this room share. Everything lives as long as one call of ocelot_onnx_read. */
#ifndef OCELOT_ONNX_IMPORT_H
#define OCELOT_ONNX_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <onnx.pb-c.h>

#include "base/error.h"
#include "graph/model.h"
#include "ocelot/onnx.h"
#include "ops/ops.h"

enum {
    OCELOT_ONNX_RANK = 8,       /* dimensions of a value, the rows among them */
    OCELOT_ONNX_LIST = 16,      /* entries of a list of axes, sizes, pads */
    OCELOT_ONNX_BATCH = 1048583 /* stands in shapes for the number of rows: a prime, so that arithmetic on it is recognised, and no size of a layer */
};

/* Dimensions of a value as the file counts them. With import->lead 1 the first dimension of a network's value is the rows. */
struct ocelot_onnx_dims {
    size_t rank;
    size_t at[OCELOT_ONNX_RANK];
};

/* A constant, decoded. Values are doubles whatever they were; whole numbers beyond 2^53 round. */
struct ocelot_onnx_tensor {
    struct ocelot_onnx_dims dims;
    size_t count;
    bool integer; /* arithmetic on it is that of whole numbers */
    double *values;
};

/* A name of the file and what stands behind it: an initialiser not yet decoded, a constant, or activations of the network. */
struct ocelot_onnx_value {
    const char *name;
    const Onnx__TensorProto *stored;
    Onnx__TensorProto *own; /* the same where it is the file's: emptied once no node is left that reads it */
    size_t uses;            /* how many are left */
    struct ocelot_onnx_tensor *constant;
    bool network;
    size_t node; /* of import->graph; its shape may differ from `dims`, its order and size do not */
    struct ocelot_onnx_dims dims;
    size_t producer; /* node of the file that gives it, SIZE_MAX = none */
};

/* A value of the file to be taken for a constant: what tests bind second operands with. */
struct ocelot_onnx_binding {
    const char *name;
    const Onnx__TensorProto *tensor;
};

/* Beyond the public options. */
struct ocelot_onnx_hooks {
    const struct ocelot_onnx_binding *bindings;
    size_t binding_count;
    bool whole; /* the input has no dimension for rows: one row is all of it */
};

/* Sizes of a convolution that canonisation must know again. One a node of the graph; outputs 0 = no convolution. */
struct ocelot_onnx_site {
    struct ocelot_window window;
    size_t outputs, groups;
};

struct ocelot_onnx_import {
    const char *name;   /* of the file, for messages */
    const char *folder; /* of external data, NULL = none allowed */
    const struct ocelot_onnx_options *options;
    const struct ocelot_onnx_hooks *hooks;
    struct ocelot_error *err;
    Onnx__ModelProto *file;
    int64_t opset;

    struct ocelot_onnx_value **slots; /* hash table of names */
    size_t slot_count, value_count;
    size_t *order; /* nodes of the file that the output needs, in topological order */
    size_t order_count;

    size_t lead;        /* 1: the first dimension of the network's values is the rows; 0: there is none */
    size_t used, limit; /* bytes of constants and activations so far, and allowed */
    struct ocelot_graph *graph;
    struct ocelot_onnx_site *sites; /* [site_count] */
    size_t site_count;
    const Onnx__NodeProto *node; /* the one being built */
    size_t first;                /* nodes of the graph when that began */
};

/* Texts of the file that are left out are NULL; here they are empty. */
static inline const char *ocelot_onnx_text(const char *text)
{
    return text ? text : "";
}

/* --- wire.c, model.c, order.c --- */

/* Walks the bytes as protobuf-c will, and fails when they nest too deep or unpacked would take more than `limit` bytes. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_survey(const void *bytes, size_t size, size_t limit, const char *name, struct ocelot_error *err);

/* Unpacks. The result is freed by ocelot_onnx_unpacked_free. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_unpack(const void *bytes, size_t size, size_t limit, const char *name, Onnx__ModelProto **out,
                                                      struct ocelot_error *err);
void ocelot_onnx_unpacked_free(Onnx__ModelProto *file);
/* Gives back the numbers of an unpacked tensor, which nothing will read again. */
void ocelot_onnx_unpacked_empty(Onnx__TensorProto *tensor);

/* ocelot_onnx_read_memory with hooks (NULL = none). `folder` NULL = no external data. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_read_hooked(const void *bytes, size_t size, const char *name, const char *folder,
                                                           const struct ocelot_onnx_options *options, const struct ocelot_onnx_hooks *hooks,
                                                           struct ocelot_model **out, struct ocelot_error *err);

/* Finds the nodes that `output` needs and their order; a cycle is an error. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_order(struct ocelot_onnx_import *import, const char *output);

/* --- values.c --- */

/* The value of that name, made where there was none; NULL when out of memory. */
struct ocelot_onnx_value *ocelot_onnx_value_make(struct ocelot_onnx_import *import, const char *name);
/* The value of that name, or NULL. */
struct ocelot_onnx_value *ocelot_onnx_value_find(const struct ocelot_onnx_import *import, const char *name);
void ocelot_onnx_values_free(struct ocelot_onnx_import *import);

/* Input k of the node being built, or NULL where it is left out. */
struct ocelot_onnx_value *ocelot_onnx_in(const struct ocelot_onnx_import *import, size_t k);
bool ocelot_onnx_is_constant(const struct ocelot_onnx_value *value);
/* Input k as activations; anything else fails. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_network(struct ocelot_onnx_import *import, size_t k, struct ocelot_onnx_value **out);
/* Input k as a constant; anything else fails. The tensor belongs to the value and lives until the node is built. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_constant(struct ocelot_onnx_import *import, size_t k, const struct ocelot_onnx_tensor **out);
/* The same where input k may be left out: then *out is NULL. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_optional(struct ocelot_onnx_import *import, size_t k, const struct ocelot_onnx_tensor **out);
/* Input k as weights for a layer to take over: a constant, in the precision of the file. *weights is to be freed also on failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_weights(struct ocelot_onnx_import *import, size_t k, struct ocelot_onnx_dims *dims,
                                                       struct ocelot_store *weights);

/* Output k of the node is `node` of the graph with these dimensions; or a constant (owned from here on, also on failure). */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_bind(struct ocelot_onnx_import *import, size_t k, size_t node, const struct ocelot_onnx_dims *dims);
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_bind_constant(struct ocelot_onnx_import *import, size_t k, struct ocelot_onnx_tensor *tensor);

/* Fails with "PATH: node 'NAME' (Op): sentence". */
enum ocelot_status ocelot_onnx_refuse(struct ocelot_onnx_import *import, enum ocelot_status status, const char *format, ...) OCELOT_PRINTF(3, 4);
/* Counts `count` * `size` bytes; OCELOT_E_LIMIT beyond the limit. Called before anything of a size from the file is made. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_reserve(struct ocelot_onnx_import *import, size_t count, size_t size);

/* The row of activations with these dimensions, at most four of them (the last ones joined). */
struct ocelot_shape ocelot_onnx_shape(const struct ocelot_onnx_import *import, const struct ocelot_onnx_dims *dims);
/* The node of a value in that shape: its own, or one that only counts differently. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_shaped(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value,
                                                      const struct ocelot_shape *shape, size_t *node);
/* The size of a row of these dimensions; false when too large. */
bool ocelot_onnx_row(const struct ocelot_onnx_import *import, const struct ocelot_onnx_dims *dims, size_t *size);
/* Dimension 0 of values of the network: how many leading dimensions are no part of a row. Constants have none. */
size_t ocelot_onnx_lead(const struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value);

/* --- tensor.c, external.c --- */

OCELOT_MUST_USE enum ocelot_status ocelot_onnx_tensor_decode(struct ocelot_onnx_import *import, const Onnx__TensorProto *proto,
                                                             struct ocelot_onnx_tensor **out);
/* Without a tensor: as floats where the file's elements are floats or narrower ones, else as doubles. Counted against the limit for good. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_tensor_store(struct ocelot_onnx_import *import, const Onnx__TensorProto *proto,
                                                            struct ocelot_onnx_dims *dims, struct ocelot_store *out);
/* A zeroed tensor of these dimensions, counted against the limit. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_tensor_make(struct ocelot_onnx_import *import, const struct ocelot_onnx_dims *dims, bool integer,
                                                           struct ocelot_onnx_tensor **out);
void ocelot_onnx_tensor_free(struct ocelot_onnx_tensor *tensor);
/* The bytes of an external tensor, `size` of them, into *bytes (free() it). */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_external_read(struct ocelot_onnx_import *import, const Onnx__TensorProto *proto, size_t size,
                                                             unsigned char **bytes);

/* --- attributes.c: of the node being built --- */

/* A short list of whole numbers. */
struct ocelot_onnx_list {
    bool present;
    size_t count;
    int64_t at[OCELOT_ONNX_LIST];
};

const Onnx__AttributeProto *ocelot_onnx_attribute(const struct ocelot_onnx_import *import, const char *name);
int64_t ocelot_onnx_integer(const struct ocelot_onnx_import *import, const char *name, int64_t otherwise);
double ocelot_onnx_real(const struct ocelot_onnx_import *import, const char *name, double otherwise);
/* Whether the text attribute is `text`; `otherwise` where there is none. */
bool ocelot_onnx_text_is(const struct ocelot_onnx_import *import, const char *name, const char *text, bool otherwise);
/* The list from the attribute, or where there is none (or `name` is NULL) from constant input k (SIZE_MAX = none). */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_list(struct ocelot_onnx_import *import, const char *name, size_t k, struct ocelot_onnx_list *out);
/* -rank <= axis < rank -> 0 <= *out < rank. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_axis(struct ocelot_onnx_import *import, int64_t axis, size_t rank, size_t *out);
/* The number as a whole one within +-2^62. */
int64_t ocelot_onnx_whole(double value);

/* --- select.c: values picked from another, axis by axis --- */

/* out[i0, i1, ...] = in[offset[0][i0] + offset[1][i1] + ...], or the fill where one of them is OCELOT_ONNX_FILL. Offsets of leading dimensions (rows)
 * are NULL. */
#define OCELOT_ONNX_FILL SIZE_MAX
struct ocelot_onnx_selection {
    const struct ocelot_onnx_value *from;
    struct ocelot_onnx_dims out;
    size_t *offset[OCELOT_ONNX_RANK];
};

/* Everything as it is. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_selection_start(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *from,
                                                               struct ocelot_onnx_selection *selection);
void ocelot_onnx_selection_free(struct ocelot_onnx_selection *selection);
/* Axis `axis` gets `count` entries: places[i] of the old ones, or OCELOT_ONNX_FILL. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_selection_take(struct ocelot_onnx_import *import, struct ocelot_onnx_selection *selection, size_t axis,
                                                              const size_t *places, size_t count);
/* The axes in another order: axis k becomes what perm[k] was. */
void ocelot_onnx_selection_permute(struct ocelot_onnx_selection *selection, const size_t *perm);
/* A new value with the selection's dimensions: activations (no node where nothing moves) or a constant. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_selection_apply(struct ocelot_onnx_import *import, const struct ocelot_onnx_selection *selection,
                                                               double fill, struct ocelot_onnx_value *out);
/* The value becomes output 0 of the node, with dimensions `dims` (NULL = its own). A constant in it is taken over, also on failure. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_bind_value(struct ocelot_onnx_import *import, struct ocelot_onnx_value *value,
                                                          const struct ocelot_onnx_dims *dims);
/* A value with its axes in another order. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_permute(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *from, const size_t *perm,
                                                       struct ocelot_onnx_value *out);

/* --- builders --- */

/* One operator: makes layers of `import->graph` (or constants) for import->node. */
struct ocelot_onnx_builder {
    const char *op_type, *domain;
    enum ocelot_status (*build)(struct ocelot_onnx_import *import);
};
extern const struct ocelot_onnx_builder ocelot_onnx_builders[]; /* ends with a NULL op_type */
const struct ocelot_onnx_builder *ocelot_onnx_builder_find(const Onnx__NodeProto *node);

enum ocelot_status ocelot_onnx_build_conv(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_batch_normalisation(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_lrn(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_pool(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_global_pool(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_reduce_mean(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_identity(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_dropout(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_cast(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_constant(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_shape(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_reshape(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_flatten(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_squeeze(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_unsqueeze(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_transpose(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_slice(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_gather(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_pad(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_concat(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_arithmetic(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_sum(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_relu(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_leaky_relu(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_clip(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_softmax(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_gemm(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_matmul(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_scaler(struct ocelot_onnx_import *import);
enum ocelot_status ocelot_onnx_build_normalizer(struct ocelot_onnx_import *import);

/* x * factor + shift with constants of dimensions `dims` that broadcast to the value's (builders_affine.c); NULL = 1, 0. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_affine(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *value,
                                                      const struct ocelot_onnx_tensor *factor, const struct ocelot_onnx_tensor *shift,
                                                      struct ocelot_onnx_value *out);

/* The sum of two activations of equal dimensions (builders_math.c). */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_add(struct ocelot_onnx_import *import, const struct ocelot_onnx_value *a,
                                                   const struct ocelot_onnx_value *b, struct ocelot_onnx_value *out);

/* --- card.c: files that we wrote (export.h) --- */

/* Whether the file carries a kernel machine's model file. */
bool ocelot_onnx_has_card(const Onnx__ModelProto *file);
/* The model of that; OCELOT_E_FORMAT when it does not belong to the file's graph. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_card(struct ocelot_onnx_import *import, struct ocelot_model **out);

/* --- metadata.c: the file's properties --- */

/* The value of a property, NULL when the file has none of that key. Owned by the file. */
const char *ocelot_onnx_property(const Onnx__ModelProto *file, const char *key);
/* What the rows are, where the file says it in ONNX's words for pictures: fills info->preprocess and info->channels. */
void ocelot_onnx_describe_pictures(const Onnx__ModelProto *file, struct ocelot_model_info *info);
/* The property `classes`: one name a line, or in one line with commas between. */
struct ocelot_onnx_names {
    const char *at, *separator; /* belong to the file */
};
/* Whether there are exactly `count` names, none empty; *out then is before the first. */
bool ocelot_onnx_names(const Onnx__ModelProto *file, size_t count, struct ocelot_onnx_names *out);
/* The next name, not terminated; NULL where there is none. */
const char *ocelot_onnx_names_next(struct ocelot_onnx_names *names, size_t *length);

/* --- canonise.c, network.c, machine.c --- */

/* With `folding`, folds batch normalisation (Channel) into the convolution or dense layer before or behind it, where the results stay the same; drops
 * layers that the last one does not need. Takes the graph in every case; *out is the new one. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_canonise(struct ocelot_graph *graph, const struct ocelot_onnx_site *sites, size_t site_count,
                                                        bool folding, size_t output, struct ocelot_graph **out, struct ocelot_error *err);

/* The model around a network whose rows have these dimensions. Takes the graph in every case. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_model(struct ocelot_onnx_import *import, struct ocelot_graph *graph, struct ocelot_model **out);

/* The node of the file that is a kernel machine (SVMRegressor, SVMClassifier), or NULL. */
const Onnx__NodeProto *ocelot_onnx_machine_find(const struct ocelot_onnx_import *import);
/* The model of that node and what stands before it. */
OCELOT_MUST_USE enum ocelot_status ocelot_onnx_machine(struct ocelot_onnx_import *import, const Onnx__NodeProto *node, struct ocelot_model **out);

#endif
