/* The card of an ONNX file that we wrote: a kernel machine's whole model file, so that nothing of it is lost on the way and back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "onnx/export.h"
#include "onnx/import.h"
#include "svm/card.h"
#include "svm/machine.h"

static const char text_key[] = "ocelot.card", crc_key[] = "ocelot.card.crc32";

/* Where packed bytes go that only a checksum is wanted of. */
struct checksum {
    ProtobufCBuffer base;
    uint32_t crc;
};

static void append(ProtobufCBuffer *buffer, size_t size, const uint8_t *bytes)
{
    struct checksum *sum = (struct checksum *)buffer;
    sum->crc = ocelot_card_crc_more(sum->crc, (const char *)bytes, size);
}

/* CRC-32 of the graph as packed, then of the card. */
static uint32_t checksum_of(const Onnx__GraphProto *graph, const char *text)
{
    struct checksum sum = {.base = {append}};
    onnx__graph_proto__pack_to_buffer(graph, &sum.base);
    return ocelot_card_crc_more(sum.crc, text, strlen(text));
}

void ocelot_onnx_put_card(struct ocelot_onnx_writer *w, const struct ocelot_model *model, const Onnx__GraphProto *graph)
{
    const struct ocelot_machine *m = ocelot_machine_of(model);
    struct ocelot_text text = {0};
    char crc[16];
    if (w->status != OCELOT_OK || !m || m->card.network.node)
        return;
    ocelot_machine_write(m, "", &text);
    if (text.failed) {
        w->status = ocelot_fail_memory(w->err, "the card");
    } else {
        snprintf(crc, sizeof crc, "%08lx", (unsigned long)checksum_of(graph, text.bytes));
        ocelot_onnx_put_property(w, text_key, text.bytes);
        ocelot_onnx_put_property(w, crc_key, crc);
    }
    ocelot_text_free(&text);
}

bool ocelot_onnx_has_card(const Onnx__ModelProto *file)
{
    return ocelot_onnx_property(file, text_key) != NULL;
}

enum ocelot_status ocelot_onnx_card(struct ocelot_onnx_import *import, struct ocelot_model **out)
{
    const struct ocelot_svm_read_options options = {.memory_limit = import->limit};
    const char *text = ocelot_onnx_property(import->file, text_key), *crc = ocelot_onnx_property(import->file, crc_key);
    struct ocelot_machine *machine;
    char found[16];
    snprintf(found, sizeof found, "%08lx", (unsigned long)checksum_of(import->file->graph, text));
    if (!crc || strcmp(crc, found) != 0)
        return ocelot_fail(
            import->err, OCELOT_E_FORMAT,
            "%s: found a kernel machine in the file's card whose checksum is not that of the graph: one of them was changed by another "
            "program",
            import->name);
    enum ocelot_status status = ocelot_machine_read(text, strlen(text), import->name, &options, &machine, import->err);
    return status == OCELOT_OK ? ocelot_machine_model(machine, "ONNX file", out, import->err) : status;
}
