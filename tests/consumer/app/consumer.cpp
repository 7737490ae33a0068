// The same from C++: the headers need no wrapping, and owning pointers fit them.
#include <ocelot/ocelot.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace
{
struct Free {
    void operator()(ocelot_model *p) const
    {
        ocelot_model_free(p);
    }
    void operator()(ocelot_plan *p) const
    {
        ocelot_plan_free(p);
    }
    void operator()(ocelot_workspace *p) const
    {
        ocelot_workspace_free(p);
    }
};
template <class T> using Owned = std::unique_ptr<T, Free>;
} // namespace

int main()
{
    const std::string file = "svm_type one_class\nkernel_type rbf\ngamma 0.5\nnr_class 2\ntotal_sv 2\nrho 1.2\nSV\n1 1:0 2:0\n1 1:1 2:0\n";
    ocelot_error error{};
    ocelot_model *made = nullptr;
    if (ocelot_svm_read_memory(file.data(), file.size(), "model", nullptr, &made, &error) != OCELOT_OK)
        return 1;
    const Owned<ocelot_model> model(made);
    ocelot_plan *planned = nullptr;
    if (ocelot_plan_create(model.get(), nullptr, &planned, &error) != OCELOT_OK)
        return 1;
    const Owned<ocelot_plan> plan(planned);
    ocelot_workspace *space = nullptr;
    if (ocelot_workspace_create(plan.get(), &space, &error) != OCELOT_OK)
        return 1;
    const Owned<ocelot_workspace> workspace(space);

    const std::vector<double> row{0.5, 3};
    std::vector<double> relevance(row.size());
    ocelot_decision decision{};
    ocelot_explanation out{};
    out.decision = &decision;
    out.relevance = relevance.data();
    if (ocelot_explain(plan.get(), workspace.get(), row.data(), 1, &out, &error) != OCELOT_OK)
        return 1;
    std::printf("ocelot %s: score %g, relevance %g %g\n", ocelot_version(), decision.outlier_score, relevance[0], relevance[1]);
    return std::fabs(decision.outlier_score - 4.625) < 1e-12 && relevance[1] > relevance[0] ? 0 : 1;
}
