/* Kernel machines on features of a network: the room above both. */
#ifndef OCELOT_STACK_STACK_H
#define OCELOT_STACK_STACK_H

#include "svm/machine.h"

/* Keeps of the network only what computes the activations of layer `node` (NULL = what the final dense layer reads), and ends it in Present. *name
 * is the layer's name, owned by the network. OCELOT_E_ARGUMENT for a layer that is not there, OCELOT_E_UNSUPPORTED where none can be chosen. On
 * failure the network may only be freed. */
OCELOT_MUST_USE enum ocelot_status ocelot_stack_cut(struct ocelot_model *network, const char *node, const char **name, struct ocelot_error *err);

/* The activations of the network's last node for n rows [n][features of the network] into *out [n][size of the node], which the caller frees. Rows
 * must be finite: OCELOT_E_VALUE names row and column. */
OCELOT_MUST_USE enum ocelot_status ocelot_stack_features(const struct ocelot_model *network, const double *rows, size_t n, double **out,
                                                         struct ocelot_error *err);

/* Reads the network that the machine's card names, checks that it is the same file, and cuts it. *out = NULL where the machine has none. `path`
 * replaces the card's path unless NULL; `name` stands for the model file in messages. */
OCELOT_MUST_USE enum ocelot_status ocelot_stack_network(struct ocelot_machine *machine, const char *path, size_t memory_limit, const char *name,
                                                        struct ocelot_model **out, struct ocelot_error *err);

/* Size and CRC-32 of a file, for the card. */
OCELOT_MUST_USE enum ocelot_status ocelot_stack_checksum(const char *path, size_t *size, uint32_t *crc, struct ocelot_error *err);

#endif
