/* Rule algebra: every rule on an affine op is a list of (input part, weight part, sign), in groups that each redistribute
 *   R_i = coefficient sum_terms sign part(in_i) W_part^T [ R / stab(z) ],   z = sum_terms sign W_part part(in) + part(b)
 * so that an op supplies `forward` and `transpose` and no rule knows an op (Montavon 2017, 2018; Bach 2015; docs/mathematics.md). */
#ifndef OCELOT_RULES_RULE_H
#define OCELOT_RULES_RULE_H

#include "base/arena.h"
#include "graph/graph.h"
#include "graph/rule.h"
#include "ocelot/rule.h"

/* Which part of an input value a term sees, as coefficients: positive max(x, 0) + negative min(x, 0) + one + low low_c + high high_c, with the
 * bounds of the input's channel. */
struct ocelot_input_part {
    const char *name; /* x, x+, x-, 1, low, high */
    double positive, negative, one, low, high;
};

/* Which part of a weight (or bias): w, w+, w-, w^2, 1, w + gamma w+, w + gamma w-. */
struct ocelot_weight_part {
    const char *name;
    double (*value)(double w, const struct ocelot_rule *rule);
    bool by_sign; /* a multiple of w where that is above zero, and one where it is below: value(1) w+ - value(-1) w- */
};

extern const struct ocelot_weight_part ocelot_weight_whole, ocelot_weight_magnitude; /* w, |w| */
extern const struct ocelot_input_part ocelot_input_magnitude;                        /* |x| */

enum { OCELOT_RULE_TERMS = 3, OCELOT_RULE_GROUPS = 2 };

struct ocelot_rule_group {
    struct {
        const struct ocelot_input_part *input;
        const struct ocelot_weight_part *weight;
        double sign;
    } term[OCELOT_RULE_TERMS];
    size_t terms;
    const struct ocelot_weight_part *bias; /* NULL = the group has none */
    double one, alpha, beta;               /* coefficient = one + alpha * rule.alpha + beta * rule.beta */
    int gate;                              /* +1: only outputs with z > 0; -1: z < 0; 0: all */
    bool halves;                           /* with its bias, z is half of what the node gives and half of what it gives in magnitudes */
    bool mirrored;                         /* with biases, z and that of the group before are together 2 + gamma times what the node gives */
};

struct ocelot_rule_form {
    struct ocelot_rule_info info;
    struct ocelot_rule_group group[OCELOT_RULE_GROUPS];
    size_t groups;
    struct ocelot_rule defaults; /* parameters; `form` is not set here */
};

/* All forms, NULL-terminated: epsilon, gamma, zplus, alpha-beta, box, wsquare, flat, pass. */
extern const struct ocelot_rule_form *const ocelot_rule_forms[];
const struct ocelot_rule_form *ocelot_rule_form_find(const char *name, size_t length);

/* The form's rule with its defaults. */
struct ocelot_rule ocelot_rule_of(const struct ocelot_rule_form *form);

/* Reads "name", "name:parameter" or "name:a,b" (epsilon:E, gamma:G, alpha-beta:A,B, box:LOW,HIGH or box:LOW,HIGH;LOW,HIGH;... by channel), each also
 * with "/no-bias" behind it; messages say what was expected. */
OCELOT_MUST_USE enum ocelot_status ocelot_rule_parse(const char *text, struct ocelot_rule *rule, struct ocelot_error *err);

/* A composite: the first entry that fits a layer gives its rule. */
struct ocelot_composite_entry {
    const char *layer; /* op name, or a glob on it such as "Conv*" or "*" */
    bool first;        /* only the first affine layer with weights, counted from the input */
    const char *rule;  /* as ocelot_rule_parse reads it */
    bool no_bias;
};
enum { OCELOT_COMPOSITE_ENTRIES = 6 };
struct ocelot_composite {
    const char *name, *summary;
    struct ocelot_composite_entry entry[OCELOT_COMPOSITE_ENTRIES];
    size_t entries;
};
extern const struct ocelot_composite *const ocelot_composites[]; /* NULL-terminated */
const struct ocelot_composite *ocelot_composite_find(const char *name);

/* nonnegative [nodes of the graph]: which nodes have no activation below zero, whatever the input. */
void ocelot_graph_signs(const struct ocelot_graph *graph, bool *nonnegative);

/* True when `text` matches `glob`, where '*' stands for any characters. */
bool ocelot_glob_match(const char *glob, const char *text);

/* Whether the node is the first one, in topological order from the input, that mixes its inputs by weights (Conv, Dense) and whose op matches. */
bool ocelot_node_is_first(const struct ocelot_node *node, const char *glob);

/* The rule in words, such as "box:-2,2/no-bias", or "" for the op's own relevance. */
void ocelot_rule_print(const struct ocelot_rule *rule, struct ocelot_text *out);

/* OCELOT_E_UNSUPPORTED for a node that relevance cannot be walked through (SoftMax), with a sentence. */
OCELOT_MUST_USE enum ocelot_status ocelot_node_propagates(const struct ocelot_node *node, struct ocelot_error *err);

/* The rule of a composite for a node; *rule is zeroed where the node has its own relevance. OCELOT_E_UNSUPPORTED names a layer without a rule. */
OCELOT_MUST_USE enum ocelot_status ocelot_composite_rule(const struct ocelot_composite *composite, const struct ocelot_node *node,
                                                         struct ocelot_rule *rule, struct ocelot_error *err);

/* Of what a node sends to one of its inputs. */
struct ocelot_sum {
    double sum, magnitude; /* and of the magnitudes */
};

#define OCELOT_BODY "rules/step_header.h"
#include "base/stamp.h"

/* Whether one of the rule's parts leaves weights as they are, so that relevance goes back through the node's own. */
bool ocelot_rule_keeps_weights(const struct ocelot_rule *rule);

/* Whether the node is a total of its inputs, and what the rule divides by is that; `nonnegative`: no input is ever below zero. */
bool ocelot_rule_divides(const struct ocelot_node *node, const struct ocelot_rule *rule, bool nonnegative);

/* Whether all that the rule sends to an input is a multiple of that input. */
bool ocelot_rule_multiplies(const struct ocelot_rule *rule);

/* Whether a part is a multiple of the input, by its sign, and holds no constant; whether, times `factor`, it is the input itself. `nonnegative`: no
 * input is ever below zero. */
bool ocelot_input_part_scales(const struct ocelot_input_part *part);
bool ocelot_input_part_whole(const struct ocelot_input_part *part, bool nonnegative, double factor);

/* Whether inputs of a node have nothing to say in a term that sees this part; `nonnegative`: no input is ever below zero. */
bool ocelot_input_part_silent(const struct ocelot_input_part *part, bool nonnegative);

/* Whether all of a group's terms, of which there are several, go back through multiples of W+ and W-; whether a rule has such a group. */
bool ocelot_rule_splits(const struct ocelot_rule_group *group, bool nonnegative);
bool ocelot_rule_wants_split(const struct ocelot_rule *rule, bool nonnegative);

/* Numbers of scratch that the step needs for a batch of `rows`, beside the op's own. */
size_t ocelot_rule_scratch(const struct ocelot_node *node, const struct ocelot_rule *rule, size_t rows);

#endif
