package seer.gate.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.gate.course.CheckpointFile;
import seer.gate.course.Parameter;
import seer.model.load.MalformedModelException;

/// The [CheckpointFile] of a training of gates.
record Checkpoint(Path file) {
    private static final String FORMAT = "seer-gate-training-1";

    /// What a checkpoint says of itself.
    ///
    /// @param plan     of the training
    /// @param settings what the result depends on, by name of the option; see [TrainingPlan#settings]
    /// @param step     steps made, from 1 to those of the plan
    /// @param data     where the training data came from, in words
    record State(TrainingPlan plan, Map<String, String> settings, int step, String data) { }

    /// @param settings what the result depends on: a run goes on only with the same
    /// @param data     where the training data came from, in words
    void write(int step, List<GateParameters> gates, Map<String, String> settings, String data) {
        whole().write(step, named(gates), settings, data);
    }

    /// Reads what it is a checkpoint of.
    ///
    /// @throws MalformedModelException if the file is broken
    State state() {
        var state = whole().state(Checkpoint::steps);
        return new State(TrainingPlan.of(state.settings()), state.settings(), state.step(), state.data());
    }

    /// Reads it into `gates`.
    ///
    /// @param settings of this run
    /// @return steps made
    /// @throws MalformedModelException if the file is broken or was made with other settings
    int read(List<GateParameters> gates, Map<String, String> settings) {
        return whole().read(named(gates), settings, Checkpoint::steps, owners(gates));
    }

    /// Reads the weights and running means alone.
    void read(List<GateParameters> gates) {
        whole().read(named(gates), owners(gates));
    }

    private CheckpointFile whole() {
        return new CheckpointFile(file, FORMAT);
    }

    private static int steps(Map<String, String> settings) {
        return TrainingPlan.of(settings).steps();
    }

    private static String owners(List<GateParameters> gates) {
        return "gate of this training, wanted those of "
                + gates.stream().map(gate -> gate.layout().recipe().name()).toList();
    }

    private static Map<String, Parameter> named(List<GateParameters> gates) {
        var named = new LinkedHashMap<String, Parameter>();
        for (GateParameters gate : gates) {
            gate.all().forEach(each -> named.put(gate.layout().recipe().name() + "/" + each.name(), each));
        }
        return named;
    }
}
