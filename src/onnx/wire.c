/* The bytes before protobuf-c unpacks them: it recurses as deep as they nest and allocates as much as they ask for, so both are measured first. */
#include <stdlib.h>

#include "base/size.h"
#include "onnx/import.h"

/* Deepest nesting of messages that any honest model has is about ten (a tensor in an attribute of a node of a graph of an attribute ...). */
enum { DEEPEST = 32 };

struct survey {
    const char *name;
    struct ocelot_error *err;
    size_t bytes, limit;
};

struct span {
    const unsigned char *at, *end;
};

static bool varint(struct span *in, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        unsigned char byte = *in->at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* Moves behind one field of that wire type; *length receives the bytes of a length-delimited one, of which in->at is then the start. */
static bool skip(struct span *in, unsigned type, uint64_t *length)
{
    static const unsigned char fixed[] = {[1] = 8, [5] = 4};
    uint64_t value;
    *length = 0;
    if (type == 0)
        return varint(in, &value);
    if (type == 2)
        return varint(in, length) && *length <= (uint64_t)(in->end - in->at);
    if ((type != 1 && type != 5) || in->end - in->at < fixed[type])
        return false;
    in->at += fixed[type];
    return true;
}

static enum ocelot_status broken(const struct survey *s)
{
    return ocelot_fail(s->err, OCELOT_E_FORMAT, "%s: found bytes that are no ONNX model (is the file cut off, or of another kind?)", s->name);
}

/* Members beyond the bytes themselves: the parser's note of each field and a place in an array; packed numbers of a byte become eight. */
static enum ocelot_status message(struct survey *s, const ProtobufCMessageDescriptor *kind, struct span in, int depth)
{
    enum { MEMBER = 64 };
    if (depth > DEEPEST)
        return ocelot_fail(s->err, OCELOT_E_LIMIT, "%s: found messages nested deeper than %d, expected an ONNX model", s->name, DEEPEST);
    s->bytes += kind->sizeof_message;
    while (in.at < in.end) {
        uint64_t key, length;
        if (!varint(&in, &key) || key >> 3 == 0 || key >> 3 > UINT32_MAX || !skip(&in, (unsigned)(key & 7), &length))
            return broken(s);
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(kind, (unsigned)(key >> 3));
        struct span inner = {in.at, in.at + length};
        in.at += length;
        s->bytes += MEMBER + (size_t)length;
        if (field && field->type != PROTOBUF_C_TYPE_MESSAGE && field->type != PROTOBUF_C_TYPE_BYTES && field->type != PROTOBUF_C_TYPE_STRING)
            s->bytes += 7 * (size_t)length * (field->type != PROTOBUF_C_TYPE_FLOAT && field->type != PROTOBUF_C_TYPE_DOUBLE);
        if (s->bytes > s->limit)
            return ocelot_fail(s->err, OCELOT_E_LIMIT, "%s: takes more than %zu MiB when unpacked", s->name, s->limit >> 20);
        if (field && field->type == PROTOBUF_C_TYPE_MESSAGE && (key & 7) == 2) {
            enum ocelot_status status = message(s, field->descriptor, inner, depth + 1);
            if (status != OCELOT_OK)
                return status;
        }
    }
    return OCELOT_OK;
}

enum ocelot_status ocelot_onnx_survey(const void *bytes, size_t size, size_t limit, const char *name, struct ocelot_error *err)
{
    struct survey survey = {.name = name, .err = err, .limit = limit};
    const unsigned char *at = bytes;
    if (size == 0)
        return broken(&survey);
    return message(&survey, &onnx__model_proto__descriptor, (struct span){at, at + size}, 0);
}

static void *take(void *failed, size_t size)
{
    void *block = malloc(size ? size : 1);
    if (!block)
        *(bool *)failed = true;
    return block;
}

static void give(void *failed, void *block)
{
    (void)failed;
    free(block);
}

enum ocelot_status ocelot_onnx_unpack(const void *bytes, size_t size, size_t limit, const char *name, Onnx__ModelProto **out,
                                      struct ocelot_error *err)
{
    bool failed = false;
    ProtobufCAllocator allocator = {.alloc = take, .free = give, .allocator_data = &failed};
    enum ocelot_status status = ocelot_onnx_survey(bytes, size, limit, name, err);
    if (status != OCELOT_OK)
        return status;
    Onnx__ModelProto *file = onnx__model_proto__unpack(&allocator, size, bytes);
    if (file && !failed) {
        *out = file;
        return OCELOT_OK;
    }
    ocelot_onnx_unpacked_free(file);
    if (failed)
        return ocelot_fail_memory(err, "the ONNX model");
    return broken(&(struct survey){.name = name, .err = err});
}

void ocelot_onnx_unpacked_free(Onnx__ModelProto *file)
{
    bool failed = false;
    ProtobufCAllocator allocator = {.alloc = take, .free = give, .allocator_data = &failed};
    if (file)
        onnx__model_proto__free_unpacked(file, &allocator);
}

void ocelot_onnx_unpacked_empty(Onnx__TensorProto *tensor)
{
    free(tensor->raw_data.data);
    free(tensor->float_data);
    free(tensor->double_data);
    tensor->raw_data = (ProtobufCBinaryData){.len = 0};
    tensor->float_data = NULL;
    tensor->double_data = NULL;
    tensor->n_float_data = tensor->n_double_data = 0;
}
