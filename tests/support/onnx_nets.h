/* Files that several tests read: one of each kind, as bytes. */
#ifndef OCELOT_TESTS_ONNX_NETS_H
#define OCELOT_TESTS_ONNX_NETS_H

#include <stddef.h>

#include "ocelot/ocelot.h"
#include "support/onnx_file.h"

/* [N,2,6,6] -> Conv(padded) BN Relu -> two branches added -> BN Conv (no padding) -> pools, Concat -> Reshape by Shape -> Gemm -> Softmax "y". */
Onnx__ModelProto *onnx_net_images(void);
/* [N,3] -> Scaler -> SVMRegressor, a one-class machine of two support vectors. */
Onnx__ModelProto *onnx_net_one_class(void);
/* [N,3] -> Normalizer -> Scaler -> SVMClassifier of three classes. */
Onnx__ModelProto *onnx_net_classifier(void);

/* Reads the file from its bytes, named net.onnx; NULL and the error where it is refused. _good fails the running test then. Free the model. */
struct ocelot_model *onnx_net_read(const Onnx__ModelProto *file, const struct ocelot_onnx_options *options, struct ocelot_error *err);
struct ocelot_model *onnx_net_good(const Onnx__ModelProto *file, const struct ocelot_onnx_options *options);

#endif
