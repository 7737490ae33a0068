/* Small ONNX files written in tests. */
#ifndef OCELOT_TESTS_ONNX_FILE_H
#define OCELOT_TESTS_ONNX_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <onnx.pb-c.h>

/* An empty model of that operator version, IR version 8. Free it with onnx_file_free. All functions fail the running test when out of memory. */
Onnx__ModelProto *onnx_file_make(int64_t opset);
void onnx_file_free(Onnx__ModelProto *file);

/* A float32 input; a dimension of 0 is left open ("N"). Outputs have no type. */
void onnx_file_input(Onnx__ModelProto *file, const char *name, size_t rank, const int64_t *dims);
/* One of metadata_props. */
void onnx_file_property(Onnx__ModelProto *file, const char *key, const char *value);
void onnx_file_output(Onnx__ModelProto *file, const char *name);

/* Initialisers; `values` NULL = a pattern of small numbers of both signs. */
Onnx__TensorProto *onnx_file_floats(Onnx__ModelProto *file, const char *name, size_t rank, const int64_t *dims, const float *values);
Onnx__TensorProto *onnx_file_integers(Onnx__ModelProto *file, const char *name, size_t count, const int64_t *values);

/* A node named as its first output; inputs and outputs are names with blanks between ("-" = left out). */
Onnx__NodeProto *onnx_file_node(Onnx__ModelProto *file, const char *op_type, const char *inputs, const char *outputs);
void onnx_node_domain(Onnx__NodeProto *node, const char *domain);
void onnx_node_integer(Onnx__NodeProto *node, const char *name, int64_t value);
void onnx_node_integers(Onnx__NodeProto *node, const char *name, size_t count, const int64_t *values);
void onnx_node_floats(Onnx__NodeProto *node, const char *name, size_t count, const float *values);
void onnx_node_text(Onnx__NodeProto *node, const char *name, const char *value);

/* The bytes of the file; free() them. */
char *onnx_file_bytes(const Onnx__ModelProto *file, size_t *size);

#endif
