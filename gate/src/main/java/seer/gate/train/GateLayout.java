package seer.gate.train;

import seer.gate.AttnGateWriter;
import seer.model.ModelConfig;

/// What tensors a gate has in a model: the published form projects keys only, one matrix per query head; several
/// query poolings, or a width that is not the heads', ask for a projection of queries too, and then keys have one
/// matrix per key/value head.
record GateLayout(GateRecipe recipe, int layers, int heads, int groups, int headWidth) {

    static GateLayout of(GateRecipe recipe, ModelConfig model) {
        return new GateLayout(recipe, model.layers(), model.heads(), model.groups(), model.headWidth());
    }

    boolean projectsQueries() {
        return recipe.queryPooling().size() != 1 || recipe.width() != headWidth;
    }

    int keyHeads() {
        return projectsQueries() ? groups : heads;
    }

    int keyInputs() {
        return recipe.keyPooling().size() * headWidth;
    }

    int queryInputs() {
        return recipe.queryPooling().size() * headWidth;
    }

    /// Query heads that share a key/value head.
    int share() {
        return heads / groups;
    }

    int[] keyShape() {
        return new int[] {keyHeads(), keyInputs(), recipe.width()};
    }

    int[] queryShape() {
        return new int[] {heads, queryInputs(), recipe.width()};
    }

    static String keyName(int layer) {
        return AttnGateWriter.tensorName(layer, "k");
    }

    static String queryName(int layer) {
        return AttnGateWriter.tensorName(layer, "q");
    }
}
