/* Constants: element types by a table, raw or typed, their bytes checked against their dimensions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/size.h"
#include "onnx/import.h"

/* NOLINTBEGIN(bugprone-macro-parentheses): a name cannot stand in parentheses */
#define LITTLE(bits, name)                                                                                                                           \
    static uint##bits##_t name(const unsigned char *at)                                                                                              \
    {                                                                                                                                                \
        uint##bits##_t value = 0;                                                                                                                    \
        for (unsigned k = 0; k < bits / 8; k++)                                                                                                      \
            value = (uint##bits##_t)(value | (uint##bits##_t)at[k] << 8 * k);                                                                        \
        return value;                                                                                                                                \
    }
LITTLE(16, bits16)
LITTLE(32, bits32)
LITTLE(64, bits64)
#undef LITTLE
/* NOLINTEND(bugprone-macro-parentheses) */

static double half(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double size = exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY)
                  : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                 : ldexp(fraction, -24);
    return bits >> 15 ? -size : size;
}

static double single(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double raw_f32(const unsigned char *at)
{
    return single(bits32(at));
}
static double raw_f64(const unsigned char *at)
{
    uint64_t bits = bits64(at);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static double raw_f16(const unsigned char *at)
{
    return half(bits16(at));
}
static double raw_bf16(const unsigned char *at)
{
    return single((uint32_t)bits16(at) << 16);
}
static double raw_u8(const unsigned char *at)
{
    return *at;
}
static double raw_i8(const unsigned char *at)
{
    return *at < 128 ? *at : *at - 256;
}
static double raw_u16(const unsigned char *at)
{
    return bits16(at);
}
static double raw_i16(const unsigned char *at)
{
    return (int16_t)bits16(at);
}
static double raw_u32(const unsigned char *at)
{
    return bits32(at);
}
static double raw_i32(const unsigned char *at)
{
    return (int32_t)bits32(at);
}
static double raw_u64(const unsigned char *at)
{
    return (double)bits64(at);
}
static double raw_i64(const unsigned char *at)
{
    return (double)(int64_t)bits64(at);
}

/* The typed fields: count, and value k. */
static size_t count_floats(const Onnx__TensorProto *p)
{
    return p->n_float_data;
}
static double float_at(const Onnx__TensorProto *p, size_t k)
{
    return p->float_data[k];
}
static size_t count_doubles(const Onnx__TensorProto *p)
{
    return p->n_double_data;
}
static double double_at(const Onnx__TensorProto *p, size_t k)
{
    return p->double_data[k];
}
static size_t count_int32(const Onnx__TensorProto *p)
{
    return p->n_int32_data;
}
static double int32_at(const Onnx__TensorProto *p, size_t k)
{
    return p->int32_data[k];
}
static double half_at(const Onnx__TensorProto *p, size_t k)
{
    return half((uint16_t)p->int32_data[k]);
}
static double bfloat_at(const Onnx__TensorProto *p, size_t k)
{
    return single((uint32_t)(uint16_t)p->int32_data[k] << 16);
}
static size_t count_int64(const Onnx__TensorProto *p)
{
    return p->n_int64_data;
}
static double int64_at(const Onnx__TensorProto *p, size_t k)
{
    return (double)p->int64_data[k];
}
static size_t count_uint64(const Onnx__TensorProto *p)
{
    return p->n_uint64_data;
}
static double uint64_at(const Onnx__TensorProto *p, size_t k)
{
    return (double)p->uint64_data[k];
}

static const struct element {
    size_t size; /* bytes of one in raw data */
    int32_t type;
    bool integer;
    bool single; /* no more digits than float has */
    double (*raw)(const unsigned char *at);
    size_t (*count)(const Onnx__TensorProto *proto);
    double (*at)(const Onnx__TensorProto *proto, size_t k);
} elements[] = {
    {4, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, false, true, raw_f32, count_floats, float_at},
    {8, ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE, false, false, raw_f64, count_doubles, double_at},
    {2, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16, false, true, raw_f16, count_int32, half_at},
    {2, ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16, false, true, raw_bf16, count_int32, bfloat_at},
    {1, ONNX__TENSOR_PROTO__DATA_TYPE__BOOL, true, false, raw_u8, count_int32, int32_at},
    {1, ONNX__TENSOR_PROTO__DATA_TYPE__UINT8, true, false, raw_u8, count_int32, int32_at},
    {1, ONNX__TENSOR_PROTO__DATA_TYPE__INT8, true, false, raw_i8, count_int32, int32_at},
    {2, ONNX__TENSOR_PROTO__DATA_TYPE__UINT16, true, false, raw_u16, count_int32, int32_at},
    {2, ONNX__TENSOR_PROTO__DATA_TYPE__INT16, true, false, raw_i16, count_int32, int32_at},
    {4, ONNX__TENSOR_PROTO__DATA_TYPE__INT32, true, false, raw_i32, count_int32, int32_at},
    {4, ONNX__TENSOR_PROTO__DATA_TYPE__UINT32, true, false, raw_u32, count_uint64, uint64_at},
    {8, ONNX__TENSOR_PROTO__DATA_TYPE__INT64, true, false, raw_i64, count_int64, int64_at},
    {8, ONNX__TENSOR_PROTO__DATA_TYPE__UINT64, true, false, raw_u64, count_uint64, uint64_at},
};

static const char *tensor_name(const Onnx__TensorProto *proto)
{
    return proto->name && *proto->name ? proto->name : "a constant";
}

static const struct element *element_of(int32_t type)
{
    for (size_t k = 0; k < sizeof elements / sizeof *elements; k++)
        if (elements[k].type == type)
            return &elements[k];
    return NULL;
}

static enum ocelot_status read_dims(struct ocelot_onnx_import *import, const Onnx__TensorProto *proto, struct ocelot_onnx_dims *dims)
{
    dims->rank = proto->n_dims;
    if (proto->n_dims > OCELOT_ONNX_RANK)
        return ocelot_fail(import->err, OCELOT_E_UNSUPPORTED, "%s: tensor '%.80s' has %zu dimensions, expected at most %d", import->name,
                           tensor_name(proto), proto->n_dims, OCELOT_ONNX_RANK);
    for (size_t k = 0; k < proto->n_dims; k++) {
        if (proto->dims[k] < 0 || (proto->dims[k] == 0 && proto->n_dims > 1))
            return ocelot_fail(import->err, OCELOT_E_FORMAT, "%s: tensor '%.80s' has a dimension of %lld", import->name, tensor_name(proto),
                               (long long)proto->dims[k]);
        dims->at[k] = (size_t)proto->dims[k];
    }
    return OCELOT_OK;
}

static bool count_of(const struct ocelot_onnx_dims *dims, size_t *count)
{
    *count = 1;
    for (size_t k = 0; k < dims->rank; k++)
        if (!ocelot_size_multiply(*count, dims->at[k], count))
            return false;
    return true;
}

enum ocelot_status ocelot_onnx_tensor_make(struct ocelot_onnx_import *import, const struct ocelot_onnx_dims *dims, bool integer,
                                           struct ocelot_onnx_tensor **out)
{
    size_t count;
    if (!count_of(dims, &count))
        count = SIZE_MAX;
    enum ocelot_status status = ocelot_onnx_reserve(import, count, sizeof(double));
    if (status != OCELOT_OK)
        return status;
    struct ocelot_onnx_tensor *tensor = ocelot_allocate(1, sizeof *tensor);
    double *values = ocelot_allocate(count, sizeof *values);
    if (!tensor || !values) {
        free(tensor);
        free(values);
        return ocelot_fail_memory(import->err, "the constants");
    }
    *tensor = (struct ocelot_onnx_tensor){.dims = *dims, .count = count, .integer = integer, .values = values};
    *out = tensor;
    return OCELOT_OK;
}

void ocelot_onnx_tensor_free(struct ocelot_onnx_tensor *tensor)
{
    if (tensor)
        free(tensor->values);
    free(tensor);
}

/* Where the numbers lie: beside the file, as raw bytes, or in the field of the type. Checks how many there are before anything is allocated. */
static enum ocelot_status check_count(struct ocelot_onnx_import *import, const Onnx__TensorProto *proto, const struct element *element, size_t count,
                                      bool external)
{
    size_t bytes, found = proto->has_raw_data ? proto->raw_data.len : element->count(proto);
    if (external || (ocelot_size_multiply(count, proto->has_raw_data ? element->size : 1, &bytes) && bytes == found))
        return OCELOT_OK;
    return ocelot_fail(import->err, OCELOT_E_FORMAT, "%s: tensor '%.80s' has %zu %s, expected %zu values of its dimensions", import->name,
                       tensor_name(proto), found, proto->has_raw_data ? "bytes" : "values", count);
}

/* A tensor's numbers before they are decoded. */
struct numbers {
    const Onnx__TensorProto *proto;
    const struct element *element;
    struct ocelot_onnx_dims dims;
    size_t count;
    unsigned char *bytes;     /* of a file beside, owned */
    const unsigned char *raw; /* NULL = in the field of the type */
};

static enum ocelot_status find_numbers(struct ocelot_onnx_import *import, const Onnx__TensorProto *proto, struct numbers *n)
{
    bool external = proto->has_data_location && proto->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    *n = (struct numbers){.proto = proto, .element = element_of(proto->data_type)};
    if (!n->element)
        return ocelot_fail(import->err, OCELOT_E_UNSUPPORTED,
                           "%s: tensor '%.80s' has elements of type %d, expected float, float16, double or a whole "
                           "number",
                           import->name, tensor_name(proto), (int)proto->data_type);
    if (proto->segment)
        return ocelot_fail(import->err, OCELOT_E_UNSUPPORTED, "%s: tensor '%.80s' is stored in segments", import->name, tensor_name(proto));
    enum ocelot_status status = read_dims(import, proto, &n->dims);
    if (status == OCELOT_OK && !count_of(&n->dims, &n->count))
        n->count = SIZE_MAX;
    if (status == OCELOT_OK)
        status = check_count(import, proto, n->element, n->count, external);
    if (status == OCELOT_OK && external)
        status = n->count <= SIZE_MAX / n->element->size ? ocelot_onnx_external_read(import, proto, n->count * n->element->size, &n->bytes)
                                                         : ocelot_onnx_reserve(import, n->count, n->element->size);
    n->raw = external ? n->bytes : proto->has_raw_data ? proto->raw_data.data : NULL;
    return status;
}

static double number(const struct numbers *n, size_t k)
{
    return n->raw ? n->element->raw(n->raw + k * n->element->size) : n->element->at(n->proto, k);
}

enum ocelot_status ocelot_onnx_tensor_decode(struct ocelot_onnx_import *import, const Onnx__TensorProto *proto, struct ocelot_onnx_tensor **out)
{
    struct numbers n;
    struct ocelot_onnx_tensor *tensor = NULL;
    enum ocelot_status status = find_numbers(import, proto, &n);
    if (status == OCELOT_OK)
        status = ocelot_onnx_tensor_make(import, &n.dims, n.element->integer, &tensor);
    for (size_t k = 0; tensor && k < n.count; k++)
        tensor->values[k] = number(&n, k);
    if (tensor)
        *out = tensor;
    free(n.bytes);
    return status;
}

enum ocelot_status ocelot_onnx_tensor_store(struct ocelot_onnx_import *import, const Onnx__TensorProto *proto, struct ocelot_onnx_dims *dims,
                                            struct ocelot_store *out)
{
    struct numbers n;
    enum ocelot_status status = find_numbers(import, proto, &n);
    bool single = status == OCELOT_OK && n.element->single;
    *out = (struct ocelot_store){.count = n.count};
    *dims = n.dims;
    if (status == OCELOT_OK)
        status = ocelot_onnx_reserve(import, n.count, single ? sizeof *out->f32 : sizeof *out->f64);
    if (status == OCELOT_OK && single)
        out->f32 = ocelot_allocate(n.count, sizeof *out->f32);
    else if (status == OCELOT_OK)
        out->f64 = ocelot_allocate(n.count, sizeof *out->f64);
    if (status == OCELOT_OK && !out->f32 && !out->f64)
        status = ocelot_fail_memory(import->err, "the weights");
    ocelot_prefer_large_pages(out->f32, n.count * sizeof *out->f32);
    for (size_t k = 0; out->f32 && k < n.count; k++)
        out->f32[k] = (float)number(&n, k);
    for (size_t k = 0; out->f64 && k < n.count; k++)
        out->f64[k] = number(&n, k);
    free(n.bytes);
    return status;
}
